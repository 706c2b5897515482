package dev.raftkv.kv;

import java.util.concurrent.TimeUnit;

/**
 * Cluster time in milliseconds, by which keys expire. Leaders stamp it into their log entries, and between two stamps it goes
 * on at the speed of the node's own clock: it does not depend on the date of any machine, and a new leader is never ahead of
 * the old one, so no key expires early. While no node runs, or none leads, it stands still or lags.
 *
 * <p>The first leader of a cluster starts it at its own date. Thread-safe.
 */
public final class ClusterClock {
    private static final long UNKNOWN = Long.MIN_VALUE;

    /** What has to be added to the node's own clock: at least what each stamp tells, since stamps arrive late, never early. */
    private long offset = UNKNOWN;

    /** Forgets all stamps but one, which may be 0 for none: the node holds another store now. */
    public synchronized void reset(long stamp) {
        offset = UNKNOWN;
        observe(stamp);
    }

    /** An entry with this stamp, or 0 for none, was applied just now. */
    public synchronized void observe(long stamp) {
        if (stamp > 0) {
            offset = Math.max(offset, stamp - own());
        }
    }

    /** The time for an entry that this node, as the leader, is about to make. */
    public synchronized long stamp() {
        if (offset == UNKNOWN) {
            offset = System.currentTimeMillis() - own();
        }
        return now();
    }

    /** What this node knows of the time, 0 if nothing. */
    public synchronized long now() {
        return offset == UNKNOWN ? 0 : own() + offset;
    }

    private static long own() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
