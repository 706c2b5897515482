package dev.raftkv.kv;

import dev.raftkv.model.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * For how long each session lives if nobody renews it: what a leader knows, in its memory only, of its own term. DESIGN.md says
 * why no session ends early. Thread-safe.
 */
public final class SessionLeases {
    /** What a node does not look for longer it has slept through, and so may its clients: that time does not count. */
    private static final long MOST_AT_ONCE = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier nanoTime;
    private final Map<UUID, Lease> leases = new HashMap<>();

    /** Whose end is in the log, or may be. */
    private final Set<UUID> ending = new HashSet<>();

    private long term;
    private long seen;
    private long now;

    /** Nothing is due before. */
    private long nextDue = Long.MAX_VALUE;

    private static final class Lease {
        private final long ttl;
        private long due;

        private Lease(long ttl, long from) {
            this.ttl = ttl;
            renew(from);
        }

        /** One without a ttl does not end by itself. */
        private void renew(long from) {
            due = ttl == 0 ? Long.MAX_VALUE : from + ttl;
        }
    }

    public SessionLeases() {
        this(System::nanoTime);
    }

    /** @param nanoTime the node's own clock, as {@link System#nanoTime} */
    SessionLeases(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.seen = nanoTime.getAsLong();
    }

    private long now() {
        long nanos = nanoTime.getAsLong();
        now += Math.max(0, Math.min(nanos - seen, MOST_AT_ONCE));
        seen = nanos;
        return now;
    }

    /** The term in which this node is known to lead, 0 for none. */
    synchronized long term() {
        return term;
    }

    /**
     * This node leads. In a term that is new here all sessions live for all of their ttl from now on; else those do that were
     * not known.
     *
     * @param all that are there
     */
    synchronized void lead(long inTerm, List<Session> all) {
        if (term != inTerm) {
            leases.clear();
            term = inTerm;
        }
        long from = now();
        Set<UUID> there = new HashSet<>();
        for (Session session : all) {
            there.add(session.id());
            leases.computeIfAbsent(
                    session.id(), id -> new Lease(TimeUnit.MILLISECONDS.toNanos(session.ttlMillis()), from));
        }
        leases.keySet().retainAll(there);
        nextDue = from;
    }

    /** This node does not lead, or there are no sessions. What it has proposed before may still come about. */
    synchronized void forget() {
        leases.clear();
        term = 0;
        nextDue = Long.MAX_VALUE;
    }

    /**
     * A session lives for all of its ttl from now on, if it lives: that is to be found out after this, and that this node leads
     * before it.
     *
     * @return false if its time was over, and it may be ending
     */
    synchronized boolean renew(UUID id) {
        if (ending.contains(id)) {
            return false;
        }
        Lease lease = leases.get(id);
        if (lease != null) {
            // Of one that is not known yet all of its time begins when it is.
            lease.renew(now());
        }
        return true;
    }

    /** Sessions whose time is over: from now on none of them is renewed, until {@link #settled}. Empty if some are still ending. */
    synchronized List<UUID> end(int most) {
        long at = now();
        if (at < nextDue || !ending.isEmpty()) {
            return List.of();
        }
        List<UUID> over = new ArrayList<>();
        nextDue = Long.MAX_VALUE;
        for (Map.Entry<UUID, Lease> each : leases.entrySet()) {
            if (each.getValue().due <= at && over.size() < most) {
                over.add(each.getKey());
            } else {
                nextDue = Math.min(nextDue, each.getValue().due);
            }
        }
        ending.addAll(over);
        return over;
    }

    /** Whether it is not known what has become of those that were to end. */
    synchronized boolean isUnsettled() {
        return !ending.isEmpty();
    }

    /** It is: each of those that were to end has ended, or will not by what was proposed. */
    synchronized void settled() {
        ending.clear();
        // Those that have not ended are due again.
        nextDue = now;
    }

    /** So many have ended. */
    synchronized void ended(List<UUID> ids) {
        ids.forEach(leases::remove);
    }
}
