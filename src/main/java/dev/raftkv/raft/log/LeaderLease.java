package dev.raftkv.raft.log;

import java.time.Duration;

/**
 * How long this leader may count on it that nobody was elected in its place. A majority that has accepted an entry votes for
 * nobody else until the shortest election timeout has passed since (Raft dissertation, section 6.4.1); the entry was made
 * before that, so the time counts from there. A leader whose process has ended may be succeeded before, and reads nothing
 * then. See {@link dev.raftkv.model.ReadLevel#LEADER} for what this trusts.
 */
public final class LeaderLease {
    private final long length;
    private long since = System.nanoTime();
    private long end = since;
    private boolean revoked;

    public LeaderLease(Duration electionTimeout) {
        // A quarter is left for clocks that run at different speeds.
        this.length = electionTimeout.toNanos() / 4 * 3;
    }

    /** An entry that this leader made at that time, of {@link System#nanoTime}, is on a majority. */
    synchronized void extend(long made) {
        if (made - since > 0 && made + length - end > 0) {
            end = made + length;
        }
    }

    public synchronized boolean isValid() {
        return !revoked && end - System.nanoTime() > 0;
    }

    /** This leader is about to make another one leader, which the others vote for at once. */
    public synchronized void revoke() {
        revoked = true;
    }

    /** This leader has stayed the leader. What it made before does not count any more, whenever a majority accepts it. */
    public synchronized void renew() {
        revoked = false;
        since = System.nanoTime();
        end = since;
    }
}
