package dev.raftkv.meter;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/** Counts values in buckets. */
public final class Histogram {
    private static final double NANOS = 1e9;

    private final double[] shownBounds;
    private final double unit;
    private final long[] bounds;
    private final LongAdder[] counts;
    private final LongAdder sum = new LongAdder();

    private Histogram(double[] shownBounds, double unit) {
        this.shownBounds = shownBounds.clone();
        this.unit = unit;
        this.bounds = Arrays.stream(shownBounds)
                .mapToLong(bound -> Math.round(bound * unit))
                .toArray();
        this.counts = new LongAdder[bounds.length + 1];
        Arrays.setAll(counts, bucket -> new LongAdder());
    }

    /**
     * A histogram of durations: takes nanoseconds, shows seconds.
     *
     * @param bounds of the buckets, inclusive, in seconds, ascending
     */
    public static Histogram ofSeconds(double... bounds) {
        return new Histogram(bounds, NANOS);
    }

    /**
     * A histogram of whole numbers.
     *
     * @param bounds of the buckets, inclusive, ascending
     */
    public static Histogram ofNumbers(double... bounds) {
        return new Histogram(bounds, 1);
    }

    public void record(long value) {
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        counts[bucket].increment();
        sum.add(value);
    }

    /** What was recorded so far. A value that is being recorded may be in the buckets and not yet in the sum. */
    public Snapshot snapshot() {
        long[] upTo = new long[counts.length];
        long count = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            count += counts[bucket].sum();
            upTo[bucket] = count;
        }
        return new Snapshot(shownBounds.clone(), upTo, sum.sum() / unit);
    }

    /**
     * @param bounds of the buckets, inclusive, ascending
     * @param upTo how many values were at most as large as each bound; the last, which has no bound, is all of them
     * @param sum of all values
     */
    public record Snapshot(double[] bounds, long[] upTo, double sum) {
        /** The number of all values. */
        public long count() {
            return upTo[upTo.length - 1];
        }
    }
}
