package dev.raftkv.kv;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The answers of transactions that are made, and that their clients have not taken yet. A small transaction can have a large
 * answer, so those that come wait when there is too much of that: slow clients cost time, and no heap. Thread-safe.
 */
public final class Unsent {
    /** Of the heap, for all that waits for slow clients. */
    private static final int SHARE = 16;

    private final long mostForSlow;
    private final AtomicLong bytes = new AtomicLong();

    /** @param mostForSlow see {@link #mostForSlow} */
    public Unsent(long mostForSlow) {
        this.mostForSlow = mostForSlow;
    }

    /** With the heap that this process has. */
    public static Unsent ofThisProcess() {
        return new Unsent(Runtime.getRuntime().maxMemory() / SHARE);
    }

    /**
     * How many bytes clients that take nothing may keep for long; above it some are cut off. Who waits for room for more than
     * that gets it, because those who keep it from him either take their answers or lose them.
     */
    public long mostForSlow() {
        return mostForSlow;
    }

    /**
     * Counts an answer in.
     *
     * @return counts it out, when it was sent or nobody gets it any more; further calls do nothing
     */
    public Runnable add(long size) {
        bytes.addAndGet(size);
        AtomicLong left = new AtomicLong(size);
        return () -> bytes.addAndGet(-left.getAndSet(0));
    }

    /** How many bytes there are. */
    public long bytes() {
        return bytes.get();
    }
}
