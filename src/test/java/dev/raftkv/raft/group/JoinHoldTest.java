package dev.raftkv.raft.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JoinHoldTest {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final JoinHold hold = new JoinHold(() -> true, timer);

    @AfterEach
    void close() {
        timer.shutdownNow();
    }

    @Test
    void aNodeThatIsBeingTakenInTakesNobodyIn() throws Exception {
        assertEquals(7, JoinCall.keysOf(prepare()));

        assertTrue(hold.isHeld());
        assertFalse(hold.beginTaking());
        hold.release();
        assertTrue(hold.beginTaking());
    }

    @Test
    void aNodeThatTakesAnotherInIsNotTakenInItself() throws Exception {
        assertTrue(hold.beginTaking());

        ExecutionException refusal = assertThrows(ExecutionException.class, this::prepare);
        assertEquals(IOException.class, refusal.getCause().getClass());
        assertEquals("it is taking another node in", refusal.getCause().getMessage());
        assertFalse(hold.isHeld());

        hold.endTaking();
        assertEquals(7, JoinCall.keysOf(prepare()));
    }

    private Message prepare() throws Exception {
        return hold.prepare(JoinCall.request(), () -> 7).get(10, TimeUnit.SECONDS);
    }
}
