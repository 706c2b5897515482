package dev.raftkv.kv;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Role;
import dev.raftkv.model.Session;
import dev.raftkv.model.Write;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Proposes, on the leader, that sessions end which nobody has renewed in time. */
public final class SessionCare implements Runnable {
    /** To look at all sessions takes long if there are many: no more than a part of the time. */
    private static final long LEAST_PAUSE = TimeUnit.SECONDS.toNanos(1);

    private static final int PAUSE_FOR_LOOK = 20;

    /** What took longer for each session had to wait itself, as on a machine that is busy: it puts off no other look. */
    private static final long LOOK_AT_ONE = TimeUnit.MICROSECONDS.toNanos(5);

    private final Replicator replicator;
    private final SessionLeases leases;
    private final LongSupplier nanoTime;

    // These belong to the thread that looks.
    private Future<?> proposed = CompletableFuture.completedFuture(null);
    private long changesSeen;
    private long nextLook;

    public SessionCare(Replicator replicator, SessionLeases leases) {
        this(replicator, leases, System::nanoTime);
    }

    /** @param nanoTime by which looks take long, as {@link System#nanoTime} */
    SessionCare(Replicator replicator, SessionLeases leases, LongSupplier nanoTime) {
        this.replicator = replicator;
        this.leases = leases;
        this.nanoTime = nanoTime;
        this.nextLook = nanoTime.getAsLong();
    }

    /** Looks once; to be called some times a second. Waits for the store alone. */
    @Override
    public void run() {
        try {
            OptionalLong changes = replicator.store().sessionChanges();
            if (changes.isEmpty() && !leases.isUnsettled()) {
                leases.forget();
                return;
            }
            NodeStatus status = replicator.status();
            if (status.role() != Role.LEADER || !leadsIn(status.term())) {
                leases.forget();
                return;
            }
            look(status.term(), changes.orElse(0));
            if (proposed.isDone()) {
                proposed = leases.isUnsettled() ? settle() : end(status.term());
            }
        } catch (KvException e) {
            // This node serves nothing now; the next look comes soon.
        }
    }

    /**
     * Whether this node has been elected in the term that it was just seen in. A role may be older than the term that is read
     * with it, in which the node stands only; seen together with that term again, it is that term's.
     */
    private boolean leadsIn(long term) {
        if (leases.term() == term) {
            return true;
        }
        NodeStatus again = replicator.status();
        return again.role() == Role.LEADER && again.term() == term;
    }

    /** Looks which sessions there are, if there may be others than those that are known. */
    private void look(long term, long changes) {
        long begin = nanoTime.getAsLong();
        boolean first = leases.term() != term;
        if (first || changes != changesSeen && begin - nextLook >= 0) {
            List<Session> all = replicator.store().sessions(Optional.empty(), Session.MOST);
            leases.lead(term, all);
            changesSeen = changes;
            long end = nanoTime.getAsLong();
            long look = Math.min(end - begin, all.size() * LOOK_AT_ONE);
            nextLook = end + Math.max(LEAST_PAUSE, PAUSE_FOR_LOOK * look);
        }
    }

    private CompletableFuture<?> end(long term) {
        List<UUID> over = leases.end(OfSession.MOST_ENDED);
        if (over.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return replicator.write(Write.of(new OfSession.End(over, term))).handle((outcome, failure) -> {
            if (outcome instanceof Outcome.SessionsEnded ended) {
                leases.ended(over.subList(0, (int) ended.count()));
                leases.settled();
            } else if (failure != null && isCertain(failure)) {
                leases.settled();
            }
            return null;
        });
    }

    /** Whether it is certain that nothing was or will be changed. */
    private static boolean isCertain(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof KvException known && known.code() != Code.OUTCOME_UNKNOWN;
    }

    /** Behind a barrier of its own a leader knows what has become of all that was proposed before. */
    private CompletableFuture<?> settle() {
        return replicator.barrier().thenAccept(index -> leases.settled());
    }
}
