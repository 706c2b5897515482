package dev.raftkv.kv;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Reads and writes of keys on this node. */
public final class KvService {
    private final Replicator replicator;
    private final int maxValueBytes;

    /** @param maxValueBytes the longest value accepted, in bytes of its JSON text */
    public KvService(Replicator replicator, int maxValueBytes) {
        this.replicator = replicator;
        this.maxValueBytes = maxValueBytes;
    }

    /**
     * The key as this node has applied it, which may be behind the leader.
     *
     * @throws KvException {@code UNAVAILABLE} if this node serves nothing now
     */
    public Optional<Entry> get(Key key) {
        return replicator.store().get(key);
    }

    /** Stores a value; the future ends as {@link Replicator#write} says, or with {@code TOO_LARGE}. */
    public CompletableFuture<Outcome> put(Key key, JsonText value) {
        if (value.length() > maxValueBytes) {
            return CompletableFuture.failedFuture(new KvException(
                    Code.TOO_LARGE,
                    "value is too large: " + value.length() + " bytes, the limit is " + maxValueBytes + " bytes"));
        }
        return replicator.write(new Command.Put(key, value));
    }

    /** Removes a key; the future ends as {@link Replicator#write} says. */
    public CompletableFuture<Outcome> delete(Key key) {
        return replicator.write(new Command.Delete(key));
    }

    public NodeStatus status() {
        return replicator.status();
    }

    public int maxValueBytes() {
        return maxValueBytes;
    }
}
