package dev.raftkv.raft.members;

import dev.raftkv.model.Address;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.ratis.RaftErrors;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Changes who belongs to the cluster, one member at a time (Raft dissertation, chapter 4). All methods return at once; the
 * changes are made one after the other on a thread of their own. One that cannot begin within 10 s is not made: it ends with
 * {@code UNAVAILABLE}, which says what is under way instead.
 */
public final class Membership implements AutoCloseable {
    private static final int WAITING_CHANGES = 8;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    /**
     * Whom to take in.
     *
     * @param nodeId what the caller calls the node; the node's own id counts
     * @param learner whether it gets no vote; a learner that is asked for as a voter becomes one
     * @param discardData whether a node that holds keys may be taken, its data then being kept aside
     * @param force whether a voter may be taken on which the majority would depend
     */
    public record Asked(String nodeId, Address raftAddress, boolean learner, boolean discardData, boolean force) {
        public static Asked voter(String nodeId, Address raftAddress) {
            return new Asked(nodeId, raftAddress, false, false, false);
        }

        public static Asked learner(String nodeId, Address raftAddress) {
            return new Asked(nodeId, raftAddress, true, false, false);
        }
    }

    /**
     * A node that is a member now, and has caught up.
     *
     * @param nodeId the member's own id, which may differ from the one asked for
     * @param warning what the caller should know, for example that the id differs
     */
    public record Joined(String nodeId, Address raftAddress, Optional<String> warning) {}

    /** How a removal ended. */
    public sealed interface Removal {
        /** The node is no member any more. */
        record Done() implements Removal {}

        /** This node was to remove itself and has handed its leadership over: the new leader has to be asked. */
        record HandedOver(String leaderId, String leaderHttpAddress) implements Removal {}
    }

    private final Join join;
    private final Removing removing;
    private final Transfer transfer;
    private final Executor answers;
    private final ThreadPoolExecutor changes;
    private volatile Optional<Subject> underWay = Optional.empty();

    /**
     * @param threads makes the thread of the changes, which may wait for minutes
     * @param answers tells those whose turn has not come
     */
    public Membership(Join join, Removing removing, Transfer transfer, ThreadFactory threads, Executor answers) {
        this.join = join;
        this.removing = removing;
        this.transfer = transfer;
        this.answers = answers;
        this.changes =
                new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING_CHANGES), threads);
        this.changes.allowCoreThreadTimeOut(true);
    }

    /**
     * Takes the node at an address into this node's cluster. It counts when it has caught up, not before. Asking again for a
     * member changes nothing, but that a learner is made a voter.
     *
     * @return ends with a {@link KvException}: {@code NOT_LEADER}; {@code INVALID} if nobody answers at the address or it
     *     cannot be reached by all; {@code CONFLICT} if it is this node, uses the id or address of another member, holds keys,
     *     belongs to another cluster, or would have to vote for lack of others; {@code UNAVAILABLE} if nothing was changed; {@code OUTCOME_UNKNOWN}
     */
    public CompletableFuture<Joined> join(Asked asked) {
        return change(
                new Subject("the join of " + asked.nodeId() + " at " + asked.raftAddress(), asked.nodeId()),
                () -> join.run(asked));
    }

    /**
     * Removes a member, alive or dead. A leader that is to remove itself hands over first.
     *
     * @return ends with a {@link KvException}: {@code NOT_LEADER}, {@code NOT_FOUND}, {@code CONFLICT} for the last member,
     *     {@code UNAVAILABLE} or {@code OUTCOME_UNKNOWN}
     */
    public CompletableFuture<Removal> remove(String nodeId) {
        return change(new Subject("the removal of " + nodeId, nodeId), () -> removing.run(nodeId));
    }

    /**
     * Gives this node's leadership to another voter.
     *
     * @param nodeId to whom; empty for the one that is furthest with the log
     * @return ends with the new leader's id when that one leads, or with a {@link KvException} and this node as the leader:
     *     {@code NOT_LEADER}, {@code NOT_FOUND}, {@code CONFLICT} for a learner, or without another voter, {@code UNAVAILABLE} if it is not in touch, has
     *     not caught up, or has not taken over in time
     */
    public CompletableFuture<String> transfer(Optional<String> nodeId) {
        return change(
                new Subject(
                        "a transfer of the leadership"
                                + nodeId.map(id -> " to " + id).orElse(""),
                        nodeId.orElse("")),
                () -> transfer.run(nodeId));
    }

    /** See {@link Configuration#sights}. */
    public Optional<List<Configuration.Sight>> sights() {
        return transfer.sights();
    }

    /** Answers those whose turn has not come in time; to be called some times a second. Blocks nowhere. */
    public void expire() {
        for (Runnable waiting : changes.getQueue()) {
            if (waiting instanceof Change<?> change && change.expire(System.nanoTime())) {
                changes.remove(waiting);
            }
        }
    }

    private <T> CompletableFuture<T> change(Subject subject, Callable<T> work) {
        Change<T> change = new Change<>(subject, work);
        try {
            changes.execute(change);
        } catch (RejectedExecutionException e) {
            change.refuse();
        }
        return change.result;
    }

    /**
     * What a change is about.
     *
     * @param nodeId whom it concerns; empty if it is left to the change
     */
    private record Subject(String what, String nodeId) {}

    /** A change that is carried out when its turn comes, or was answered before and never is. */
    private final class Change<T> implements Runnable {
        private final Subject subject;
        private final Callable<T> work;
        private final long asked = System.nanoTime();
        private final AtomicBoolean decided = new AtomicBoolean();
        private final CompletableFuture<T> result = new CompletableFuture<>();

        private Change(Subject subject, Callable<T> work) {
            this.subject = subject;
            this.work = work;
        }

        @Override
        public void run() {
            if (expire(System.nanoTime()) || !decided.compareAndSet(false, true)) {
                return;
            }
            underWay = Optional.of(subject);
            try {
                result.complete(work.call());
            } catch (Throwable e) {
                // The top of the thread: whatever it is, the caller must not wait for ever.
                result.completeExceptionally(e);
            } finally {
                underWay = Optional.empty();
            }
        }

        /** Whether it has waited too long, and is answered. */
        private boolean expire(long now) {
            return now - asked > LONGEST_WAIT.toNanos() && refuse();
        }

        private boolean refuse() {
            if (!decided.compareAndSet(false, true)) {
                return false;
            }
            KvException busy = busy();
            answers.execute(() -> result.completeExceptionally(busy));
            return true;
        }
    }

    /** Who waits is told for what, and how far it is. */
    private KvException busy() {
        KvException busy = RaftErrors.unavailable(
                underWay.map(Subject::what).orElse("another change of the members") + " is under way", null);
        return underWay.flatMap(subject -> transfer.lag(subject.nodeId()))
                .map(busy::with)
                .orElse(busy);
    }

    @Override
    public void close() {
        changes.shutdown();
    }
}
