package dev.raftkv.raft.members;

import dev.raftkv.model.Address;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.ratis.RaftErrors;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Changes who belongs to the cluster, one member at a time (Raft dissertation, chapter 4). All methods return at once; the
 * changes are made one after the other on a thread of their own.
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
    private final ThreadPoolExecutor changes;

    /** @param threads makes the thread of the changes, which may wait for minutes */
    public Membership(Join join, Removing removing, Transfer transfer, ThreadFactory threads) {
        this.join = join;
        this.removing = removing;
        this.transfer = transfer;
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
        return change(() -> join.run(asked));
    }

    /**
     * Removes a member, alive or dead. A leader that is to remove itself hands over first.
     *
     * @return ends with a {@link KvException}: {@code NOT_LEADER}, {@code NOT_FOUND}, {@code CONFLICT} for the last member,
     *     {@code UNAVAILABLE} or {@code OUTCOME_UNKNOWN}
     */
    public CompletableFuture<Removal> remove(String nodeId) {
        return change(() -> removing.run(nodeId));
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
        return change(() -> transfer.run(nodeId));
    }

    /** See {@link Configuration#sights}. */
    public Optional<List<Configuration.Sight>> sights() {
        return transfer.sights();
    }

    private <T> CompletableFuture<T> change(Callable<T> change) {
        CompletableFuture<T> result = new CompletableFuture<>();
        long asked = System.nanoTime();
        try {
            changes.execute(() -> {
                try {
                    if (System.nanoTime() - asked > LONGEST_WAIT.toNanos()) {
                        throw busy();
                    }
                    result.complete(change.call());
                } catch (Throwable e) {
                    // The top of the thread: whatever it is, the caller must not wait for ever.
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(busy());
        }
        return result;
    }

    private static KvException busy() {
        return RaftErrors.unavailable("other changes of the members are under way", null);
    }

    @Override
    public void close() {
        changes.shutdown();
    }
}
