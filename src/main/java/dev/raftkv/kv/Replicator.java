package dev.raftkv.kv;

import dev.raftkv.model.Command;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.store.KvStore;
import java.util.concurrent.CompletableFuture;

/** Replicates commands to a majority, and holds the store that they are applied to. */
public interface Replicator {
    /**
     * Replicates a command and applies it. Never blocks. The future ends within the configured write timeout, normally with
     * the outcome of a command that is on the disks of a majority, else with a {@link dev.raftkv.model.KvException}:
     * {@code NOT_LEADER}, {@code UNAVAILABLE} and {@code NO_SPACE} if it is certain that nothing was or will be changed,
     * {@code OUTCOME_UNKNOWN} if not. It completes on a thread that may run short blocking work.
     */
    CompletableFuture<Outcome> write(Command command);

    /**
     * The store with the state that this node has applied.
     *
     * @throws dev.raftkv.model.KvException {@code UNAVAILABLE} with the reason if this node serves nothing now
     */
    KvStore store();

    NodeStatus status();
}
