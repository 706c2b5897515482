package dev.raftkv.kv;

import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Role;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * Lets go of what restores leave. One that stands still, because its client or its leader has gone, is given up by an entry of
 * the log, so that all nodes do; what was replaced or given up each node removes from its own disk.
 */
public final class RestoreCare implements Runnable {
    private final Replicator replicator;
    private final ClusterClock clock;
    private Future<?> proposed = CompletableFuture.completedFuture(null);

    public RestoreCare(Replicator replicator, ClusterClock clock) {
        this.replicator = replicator;
        this.clock = clock;
    }

    /** Looks once; to be called about once a second. */
    @Override
    public void run() {
        try {
            KvStore store = replicator.store();
            store.removeReplaced();
            store.restoring()
                    .filter(restore -> restore.isAbandoned(clock.now()))
                    .filter(restore -> proposed.isDone() && replicator.status().role() == Role.LEADER)
                    .ifPresent(
                            restore -> proposed = replicator.write(Write.of(new Command.Restore.Abort(restore.id()))));
        } catch (KvException e) {
            // This node serves nothing now; the next look comes soon.
        }
    }
}
