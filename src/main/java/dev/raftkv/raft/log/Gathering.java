package dev.raftkv.raft.log;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Lets those who were just answered come again before the next entry is cut. Clients that go on writing would otherwise share
 * two entries between them, each half full, that take turns; and an entry costs the same however full it is. It waits no
 * longer than the last entry took, so at worst, when nobody comes again, those who wait lose as much time as by coming too
 * late for one entry. A client that is alone waits for nobody.
 */
final class Gathering {
    /** Clients that are near come again sooner, also where a disk makes entries take longer. */
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** The last entry, by how many there were to wait for when it ended. */
    private record Last(int writers, long until) {}

    private final LongSupplier nanoTime;
    private volatile Last last;
    private volatile Thread waiting;
    private volatile int goal;

    /** @param nanoTime as {@link System#nanoTime} */
    Gathering(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.last = new Last(0, nanoTime.getAsLong());
    }

    /**
     * An entry has ended, and those who wait for it are about to be answered.
     *
     * @param writers they and all others that wait
     * @param nanos how long it took
     */
    void ended(int writers, long nanos) {
        last = new Last(writers, nanoTime.getAsLong() + Math.min(nanos, MOST_NANOS));
    }

    /** Whether nobody is waited for now. */
    boolean isOver() {
        Last ended = last;
        return ended.writers <= 1 || ended.until - nanoTime.getAsLong() <= 0;
    }

    /**
     * Waits until as many writes are there as were waiting when the last entry ended, or the time for it is over. For one
     * thread.
     *
     * @param there how many there are, which {@link #come} is told of
     * @param enough so many are always enough
     */
    void await(IntSupplier there, int enough) {
        Last ended = last;
        if (ended.writers <= 1) {
            return;
        }
        goal = Math.min(ended.writers, enough);
        waiting = Thread.currentThread();
        for (long left = ended.until - nanoTime.getAsLong();
                left > 0 && there.getAsInt() < goal && !Thread.currentThread().isInterrupted();
                left = ended.until - nanoTime.getAsLong()) {
            LockSupport.parkNanos(this, left);
        }
        waiting = null;
    }

    /** There are so many writes now. */
    void come(int there) {
        Thread thread = waiting;
        if (thread != null && there >= goal) {
            LockSupport.unpark(thread);
        }
    }
}
