package dev.raftkv.rest.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class RelayTest {
    private static final byte[] FIRST = new byte[Relay.PIECE];

    private final byte[] rest = new byte[2 * Relay.PIECE + 1];
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private int wakes;
    private int closes;

    private Relay relay(long length) {
        Arrays.fill(rest, (byte) 'x');
        Relay relay = new Relay(FIRST, new ByteArrayInputStream(rest), length, tasks::add, () -> closes++);
        relay.begin(() -> wakes++);
        return relay;
    }

    private byte[] nextThatHasCome(Relay relay) {
        assertEquals(0, relay.next().length);
        assertEquals(0, relay.next().length);
        assertEquals(1, tasks.size());
        tasks.remove().run();
        return relay.next();
    }

    @Test
    void eachPieceIsReadWhenItsClientHasTakenTheOneBefore() {
        Relay relay = relay(-1);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(relay.next());
        assertEquals(0, tasks.size());
        for (int piece = 0; piece < 3; piece++) {
            body.writeBytes(nextThatHasCome(relay));
            assertEquals(piece + 1, wakes);
        }
        assertNull(nextThatHasCome(relay));
        assertEquals(FIRST.length + rest.length, body.size());
        assertArrayEquals(rest, Arrays.copyOfRange(body.toByteArray(), FIRST.length, body.size()));
        relay.close();
        assertEquals(1, closes);
    }

    @Test
    void aBodyThatIsShorterThanTheLeaderSaysIsNotTakenForTheWhole() {
        Relay relay = relay(FIRST.length + rest.length + 1);
        relay.next();
        for (int piece = 0; piece < 3; piece++) {
            nextThatHasCome(relay);
        }
        assertThrows(UncheckedIOException.class, () -> nextThatHasCome(relay));
    }

    @Test
    void aConnectionIsLetGoWhenNobodyReadsOnItAnyMore() {
        Relay relay = relay(-1);
        relay.next();
        relay.next();
        relay.close();
        assertEquals(0, closes);
        tasks.remove().run();
        assertEquals(1, closes);
    }

    @Test
    void whatCannotBeReadOnBreaksOff() {
        Relay relay = new Relay(
                FIRST,
                new ByteArrayInputStream(rest),
                -1,
                task -> {
                    throw new RejectedExecutionException("for this test");
                },
                () -> closes++);
        relay.next();
        assertThrows(RejectedExecutionException.class, relay::next);
        relay.close();
        assertEquals(1, closes);
    }
}
