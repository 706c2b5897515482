package dev.raftkv.model;

/**
 * How much of the past all nodes keep for watchers: the latest changes, so many and so many bytes of them at most.
 *
 * @param changes from {@value #LEAST_CHANGES} to {@value #MOST_CHANGES}
 * @param bytes as {@link Change#size} reckons them, from {@value #LEAST_BYTES} to {@value #MOST_BYTES}
 * @param previous whether changes that are made from now on keep what their keys were before: see {@link Change#previous}
 */
public record HistoryLimits(long changes, long bytes, boolean previous) {
    public static final long LEAST_CHANGES = 1_000;

    /** A restore removes all of them in one entry. */
    public static final long MOST_CHANGES = 100_000;

    public static final long LEAST_BYTES = 1 << 20;
    public static final long MOST_BYTES = 256 << 20;

    /** Until somebody decides otherwise. */
    public static final HistoryLimits USUAL = new HistoryLimits(10_000, 16 << 20);

    /** Of changes that keep what keys are, and not what they were. */
    public HistoryLimits(long changes, long bytes) {
        this(changes, bytes, false);
    }
}
