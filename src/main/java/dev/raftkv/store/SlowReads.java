package dev.raftkv.store;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Bounds what reads of the disk may cost a thread that others wait for. One that took long makes the next ones go elsewhere,
 * for a hundred times as long: so at most a hundredth of the thread's time is lost, however slow the disk is. A read is long
 * because of the disk only if something was read from there; otherwise the processors were busy. Thread-safe.
 */
final class SlowReads {
    private static final long LONG = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SHARE = 100;

    private final LongSupplier nanoTime;
    private volatile boolean avoided;
    private volatile long until;
    private long misses = -1;

    SlowReads(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    long now() {
        return nanoTime.getAsLong();
    }

    /** Whether the disk is to be left to others at this time. */
    boolean isAvoided(long now) {
        if (avoided && now - until >= 0) {
            avoided = false;
        }
        return avoided;
    }

    /**
     * A read is done.
     *
     * @param begun when it began
     * @param cacheMisses how often something was read from the disk so far; asked for after a long read only
     */
    void done(long begun, LongSupplier cacheMisses) {
        long now = now();
        if (now - begun >= LONG) {
            look(now, now - begun, cacheMisses.getAsLong());
        }
    }

    private synchronized void look(long now, long took, long seen) {
        boolean fromDisk = seen != misses;
        misses = seen;
        if (fromDisk) {
            until = now + SHARE * took;
            avoided = true;
        }
    }
}
