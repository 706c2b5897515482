package dev.raftkv.raft.log;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackOffTest {
    private static final long SECOND = 1_000_000_000;

    private final BackOff backOff = new BackOff(Duration.ofSeconds(10), Duration.ofSeconds(30));

    @Test
    void thePausesDoubleUpToTheLongest() {
        long start = Long.MAX_VALUE - 5 * SECOND;
        assertTrue(backOff.begins(start));
        assertFalse(backOff.begins(start + 9 * SECOND));
        assertTrue(backOff.begins(start + 10 * SECOND));
        assertFalse(backOff.begins(start + 29 * SECOND));
        assertTrue(backOff.begins(start + 30 * SECOND));
        assertFalse(backOff.begins(start + 59 * SECOND));
        assertTrue(backOff.begins(start + 60 * SECOND));
        assertTrue(backOff.begins(start + 90 * SECOND));
    }

    @Test
    void afterAResetItBeginsAtOnce() {
        assertTrue(backOff.begins(0));
        assertTrue(backOff.begins(10 * SECOND));
        backOff.reset();
        assertTrue(backOff.begins(11 * SECOND));
        assertFalse(backOff.begins(20 * SECOND));
        assertTrue(backOff.begins(21 * SECOND));
    }
}
