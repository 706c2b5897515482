package dev.raftkv.kv;

import dev.raftkv.model.DiskRoom;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Replicates commands to a majority, and holds the store that they are applied to. */
public interface Replicator {
    /**
     * Replicates a command and applies it. Never blocks. The future ends within the configured write timeout, normally with
     * the outcome of a command that is on the disks of a majority, else with a {@link dev.raftkv.model.KvException}:
     * {@code NOT_LEADER}, {@code UNAVAILABLE}, {@code TOO_LARGE} and {@code NO_SPACE} if it is certain that nothing was or
     * will be changed, {@code OUTCOME_UNKNOWN} if not. It completes on a thread that may run short blocking work.
     */
    CompletableFuture<Outcome> write(Write write);

    /**
     * An index of the Raft log up to which all writes are that were acknowledged before this call, on any node: the read
     * index of the Raft dissertation, section 6.4. That this node still leads is confirmed by an entry of its own, which all
     * who wait for one share; it renews the lease, too. When it ends this node has applied it. Ends as {@link #write} does,
     * but nothing is unknown: a barrier changes nothing.
     */
    CompletableFuture<Long> barrier();

    /**
     * The same, on any node, and without an entry where that can be: a leader asks the others for their term, a follower
     * asks its leader. A follower may not have applied it yet when it ends. Ends as {@link #barrier} does, with {@code
     * NOT_LEADER} on a follower whose leader cannot be asked in this way now. It may complete on the calling thread.
     */
    CompletableFuture<Long> readIndex();

    /** The same on the leader; another node answers {@code NOT_LEADER}, whatever its leader would say. */
    CompletableFuture<Long> leaderIndex();

    /** Ends when this node hears of another leader than it knows now, or of the same one in a later term. */
    CompletableFuture<Void> leaderChange();

    /**
     * Whether this node leads, has applied all that was acknowledged, and may count on leading still; see {@link
     * ReadLevel#LEADER}.
     */
    boolean holdsLease();

    /**
     * The store with the state that this node has applied.
     *
     * @throws dev.raftkv.model.KvException {@code UNAVAILABLE} with the reason if this node serves nothing now
     */
    KvStore store();

    NodeStatus status();

    /** How much room this node's disk has; empty while it has not looked. Cheap to ask for. */
    Optional<DiskRoom> disk();
}
