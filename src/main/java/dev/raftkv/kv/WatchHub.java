package dev.raftkv.kv;

import dev.raftkv.model.Change;
import dev.raftkv.store.KvStore;
import java.util.List;
import java.util.function.Supplier;

/** Tells watchers what changes. */
public final class WatchHub implements AutoCloseable {
    private final Supplier<KvStore> store;

    /** @param store where older changes are; throws {@code UNAVAILABLE} while the node serves nothing */
    public WatchHub(Supplier<KvStore> store) {
        this.store = store;
    }

    /**
     * The node holds a store that stands at a revision: after a start, with another group's store, or the same group's after
     * a snapshot of the leader was loaded, whose changes were not published one by one.
     *
     * @param sameGroup whether the store's revisions go on from those before
     */
    public void opened(long revision, boolean sameGroup) {}

    /** An entry was committed to the store. Called by the thread that applies entries, in their order; never blocks. */
    public void publish(List<Change> changes, long revision) {}

    /** The node serves nothing any more, for the given reason: all watches end, each with where it can be resumed. */
    public void end(String reason) {}

    @Override
    public void close() {
        end("this node is stopping: go on at another node");
    }

    Supplier<KvStore> store() {
        return store;
    }
}
