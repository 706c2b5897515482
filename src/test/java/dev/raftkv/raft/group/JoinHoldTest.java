package dev.raftkv.raft.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Address;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JoinHoldTest {
    private static final PeerName LEADER = new PeerName("node1", new Address("127.0.0.1", 1));

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final JoinHold hold = new JoinHold(() -> true, timer);

    @AfterEach
    void close() {
        timer.shutdownNow();
    }

    @Test
    void aNodeThatIsBeingTakenInTakesNobodyIn() throws Exception {
        assertEquals(7, prepare());

        assertTrue(hold.isHeld());
        assertTrue(hold.isHeldFor(LEADER));
        assertFalse(hold.isHeldFor(new PeerName("node1", new Address("127.0.0.1", 2))));
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
        assertEquals(7, prepare());
    }

    private long prepare() throws Exception {
        return hold.prepare(LEADER, () -> 7).get(10, TimeUnit.SECONDS);
    }
}
