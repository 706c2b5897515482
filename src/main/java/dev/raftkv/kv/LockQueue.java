package dev.raftkv.kv;

import dev.raftkv.kv.LockLines.Line;
import dev.raftkv.kv.LockLines.Waiter;
import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Role;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.Obstacle;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Requests of sessions for keys that others have, which wait on the leader, in its memory only: for each key first come, first
 * served. The first one of a key proposes its command when nothing seems to stand in its way here; the command decides. So who
 * waits writes nothing. DESIGN.md says more. Thread-safe; who applies entries is never held up.
 */
public final class LockQueue {
    /** After a command was refused against all appearances, in milliseconds. */
    private static final long PAUSE_MILLIS = 100;

    /** To look for the sessions of all who wait may take this part of the time. */
    private static final int PAUSE_FOR_LOOK = 20;

    private static final Set<Reason> IN_THE_WAY = Set.of(Reason.OTHER_SESSION, Reason.LOCK_DELAY, Reason.NO_SLOT);

    private final Supplier<Replicator> node;
    private final ClusterClock clock;
    private final Executor answers;
    private final LongSupplier nanoTime;
    private final LockLines lines = new LockLines();
    private volatile boolean newcomers;

    // These belong to the thread that looks.
    private long changesSeen = -1;
    private long nextLook;

    /**
     * @param node asked for its store only when somebody waits
     * @param clock of its store
     * @param answers completes what is waited for
     * @param nanoTime the node's own clock, as {@link System#nanoTime}
     */
    public LockQueue(Supplier<Replicator> node, ClusterClock clock, Executor answers, LongSupplier nanoTime) {
        this.node = node;
        this.clock = clock;
        this.answers = answers;
        this.nanoTime = nanoTime;
        this.nextLook = nanoTime.getAsLong();
    }

    /** How many wait. */
    public int waiting() {
        return lines.waiting();
    }

    /**
     * Waits for what a command wants; this node was just found to lead.
     *
     * @param write with a {@link OfSession.Take}
     * @return ends as {@link Replicator#write} does, or with {@code CONFLICT} when the time is over or the session has ended, with
     *     {@code NOT_LEADER} when this node does not lead any more, with {@code UNAVAILABLE} if too many wait or it stops
     */
    CompletableFuture<Outcome> take(Write write, Duration patience) {
        long deadline = nanoTime.getAsLong() + patience.toNanos();
        Waiter waiter = new Waiter(write, patience, deadline, new CompletableFuture<>());
        try {
            KvStore store = node.get().store();
            if (store.session(waiter.take().session()).isEmpty()) {
                throw sessionEnded();
            }
            // Who has it already asks again, and has nobody to wait for.
            return store.has(waiter.take())
                    ? node.get()
                            .write(write)
                            .thenCompose(outcome ->
                                    isInTheWay(outcome) ? await(waiter) : CompletableFuture.completedFuture(outcome))
                    : await(waiter);
        } catch (KvException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<Outcome> await(Waiter waiter) {
        Optional<Line> line = lines.join(waiter);
        newcomers = true;
        line.ifPresent(this::step);
        return waiter.end();
    }

    private static boolean isInTheWay(Outcome outcome) {
        return outcome instanceof Outcome.Rejected refused && IN_THE_WAY.contains(refused.reason());
    }

    /** Whether nothing was done, for a reason that passes, or with which {@link #look} lets all go. */
    private static boolean passes(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof KvException known && known.code() == Code.UNAVAILABLE;
    }

    private static KvException sessionEnded() {
        return Rejections.failure(new Outcome.Rejected(0, Reason.NO_SUCH_SESSION, 0));
    }

    /** Looks after the first of a line, unless somebody does. */
    private void step(Line line) {
        lines.next(line).ifPresent(first -> {
            try {
                Optional<Obstacle> obstacle = node.get().store().obstacle(first.take(), clock.now());
                if (obstacle.isPresent()) {
                    putBack(line, first, obstacle.get().until());
                } else {
                    node.get()
                            .write(first.write())
                            .whenComplete((outcome, failure) -> proposed(line, first, outcome, failure));
                }
            } catch (RuntimeException | Error e) {
                served(line, first, null, e);
            }
        });
    }

    private void putBack(Line line, Waiter first, long due) {
        newcomers = true;
        if (lines.putBack(line, first, due)) {
            answers.execute(() -> step(line));
        }
    }

    private void proposed(Line line, Waiter first, Outcome outcome, Throwable failure) {
        boolean mayWait = (isInTheWay(outcome) || passes(failure)) && nanoTime.getAsLong() - first.deadline() < 0;
        if (!mayWait) {
            served(line, first, outcome, failure);
            return;
        }
        try {
            putBack(line, first, clock.now() + PAUSE_MILLIS);
        } catch (KvException e) {
            served(line, first, null, e);
        }
    }

    private void served(Line line, Waiter first, Outcome outcome, Throwable failure) {
        lines.served(line, first, outcome instanceof Outcome.Held);
        end(first, outcome, failure);
        answers.execute(() -> step(line));
    }

    private void end(Waiter waiter, Outcome outcome, Throwable failure) {
        lines.left(waiter);
        if (failure == null) {
            waiter.end().complete(outcome);
        } else {
            waiter.end().completeExceptionally(failure);
        }
    }

    /** An entry has changed keys, as readers can see; empty if it is not known which. */
    void changed(Optional<List<Change>> changes) {
        if (lines.waiting() > 0) {
            Collection<Line> concerned = lines.of(changes);
            if (!concerned.isEmpty()) {
                answers.execute(() -> concerned.forEach(this::step));
            }
        }
    }

    /** Lets go who has waited for long enough, or in vain; to be called some times a second. Waits for the store alone. */
    public void look() {
        if (lines.waiting() == 0) {
            return;
        }
        try {
            if (node.get().status().role() != Role.LEADER) {
                letGo(waiter -> true, new KvException(Code.NOT_LEADER, "another node leads"));
                return;
            }
            long now = nanoTime.getAsLong();
            lines.takeOut(waiter -> now - waiter.deadline() >= 0).forEach(this::late);
            lookForSessions(node.get().store());
            lines.due(clock.now()).forEach(this::step);
        } catch (KvException e) {
            letGo(waiter -> true, e);
        }
    }

    /** Looks whose session has ended, if any may have. */
    private void lookForSessions(KvStore store) {
        long begin = nanoTime.getAsLong();
        long changes = store.sessionChanges().orElse(0);
        if (begin - nextLook < 0 || changes == changesSeen && !newcomers) {
            return;
        }
        newcomers = false;
        changesSeen = changes;
        Set<UUID> ended = lines.sessions();
        ended.removeIf(id -> store.session(id).isPresent());
        if (!ended.isEmpty()) {
            letGo(waiter -> ended.contains(waiter.take().session()), sessionEnded());
        }
        long end = nanoTime.getAsLong();
        nextLook = end + PAUSE_FOR_LOOK * (end - begin);
    }

    /** Its time is over. This node may lead no more without having noticed, so that is found out first. */
    private void late(Waiter waiter) {
        node.get().leaderIndex().whenComplete((index, failure) -> {
            try {
                if (failure != null) {
                    end(waiter, null, failure);
                } else if (node.get().store().has(waiter.take())) {
                    node.get().write(waiter.write()).whenComplete((outcome, broken) -> end(waiter, outcome, broken));
                } else {
                    end(waiter, null, inVain(waiter));
                }
            } catch (RuntimeException e) {
                end(waiter, null, e);
            }
        });
    }

    private KvException inVain(Waiter waiter) {
        String reason = node.get()
                .store()
                .obstacle(waiter.take(), clock.now())
                .map(Obstacle::sentence)
                .orElse("others have waited for longer");
        return new KvException(
                Code.CONFLICT,
                reason + ": nothing was changed in the " + waiter.patience().toSeconds()
                        + " s for which this request has waited; ask again");
    }

    private void letGo(Predicate<Waiter> which, KvException reason) {
        List<Waiter> all = lines.takeOut(which);
        if (!all.isEmpty()) {
            answers.execute(() -> all.forEach(waiter -> end(waiter, null, reason)));
        }
    }

    /** The node serves nothing any more, for the given reason. */
    void end(String reason) {
        letGo(waiter -> true, new KvException(Code.UNAVAILABLE, reason));
    }

    /** Lets all go and takes no more. */
    public void close() {
        lines.close();
        letGo(waiter -> true, LockLines.stopping());
    }
}
