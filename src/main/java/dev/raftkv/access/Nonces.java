package dev.raftkv.access;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was used once, and may not be again for as long as it could be. Bounded: when it is full it takes nothing, as to forget
 * would be to take something twice. Thread-safe.
 */
final class Nonces {
    /** How much memory each takes at most, where there are many: room for 12 when there are 7, and some while that grows. */
    static final int MOST_BYTES = 16;

    private static final long SPAN_NANOS = Duration.ofSeconds(4).toNanos();

    private final int most;
    private final long keptNanos;
    private final Deque<Bucket> buckets = new ArrayDeque<>();
    private int size;

    /** What has become of a nonce. */
    enum Fate {
        NEW,
        USED,
        FULL
    }

    /** Those of one span of time. */
    private static final class Bucket {
        private final long since;
        private long[] slots = new long[256];
        private int size;

        Bucket(long since) {
            this.since = since;
        }

        boolean contains(long nonce) {
            return slots[slot(nonce)] == nonce;
        }

        /** Grows by half when seven of eight are taken. */
        void add(long nonce) {
            if (size >= slots.length - slots.length / 8) {
                long[] before = slots;
                slots = new long[before.length + before.length / 2];
                for (long each : before) {
                    slots[slot(each)] = each;
                }
            }
            slots[slot(nonce)] = nonce;
            size++;
        }

        /** Where it is, or where it would be: they are random, so any bits will do. */
        private int slot(long nonce) {
            int i = (int) ((nonce >>> Integer.SIZE) * slots.length >>> Integer.SIZE);
            while (slots[i] != 0 && slots[i] != nonce) {
                i = i + 1 == slots.length ? 0 : i + 1;
            }
            return i;
        }
    }

    /**
     * @param most how many it keeps
     * @param kept how long it keeps each, and perhaps four seconds longer
     */
    Nonces(int most, Duration kept) {
        this.most = most;
        this.keptNanos = kept.toNanos();
    }

    /**
     * @param nonce random; those of nodes that know the secret, as others could fill the memory
     * @param now by a clock that nobody sets
     */
    synchronized Fate use(long nonce, long now) {
        forgetBefore(now - keptNanos);
        long known = nonce == 0 ? 1 : nonce;
        for (Bucket bucket : buckets) {
            if (bucket.contains(known)) {
                return Fate.USED;
            }
        }
        if (size >= most) {
            return Fate.FULL;
        }
        if (buckets.isEmpty() || now - buckets.getLast().since >= SPAN_NANOS) {
            buckets.addLast(new Bucket(now));
        }
        buckets.getLast().add(known);
        size++;
        return Fate.NEW;
    }

    /** How much memory it takes now. */
    synchronized long bytes() {
        return buckets.stream()
                .mapToLong(bucket -> (long) bucket.slots.length * Long.BYTES)
                .sum();
    }

    private void forgetBefore(long time) {
        while (!buckets.isEmpty() && buckets.getFirst().since + SPAN_NANOS - time < 0) {
            size -= buckets.removeFirst().size;
        }
    }
}
