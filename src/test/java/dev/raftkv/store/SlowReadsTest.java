package dev.raftkv.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SlowReadsTest {
    private long now;
    private long misses;
    private final SlowReads reads = new SlowReads(() -> now);

    private void read(long micros) {
        long begun = reads.now();
        now += TimeUnit.MICROSECONDS.toNanos(micros);
        reads.done(begun, () -> misses);
    }

    private void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void aSlowDiskIsLeftToOthersForAHundredTimesAsLong() {
        misses++;
        read(5000);
        assertTrue(reads.isAvoided(reads.now()));
        pass(499);
        assertTrue(reads.isAvoided(reads.now()));
        pass(1);
        assertFalse(reads.isAvoided(reads.now()));
    }

    @Test
    void aQuickDiskAndBusyProcessorsAreNoReason() {
        misses++;
        read(900);
        assertFalse(reads.isAvoided(reads.now()));

        read(5000);
        pass(500);
        read(5000);
        assertFalse(reads.isAvoided(reads.now()), "nothing was read from the disk since");
    }
}
