package dev.raftkv.kv;

import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Role;
import dev.raftkv.model.Write;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of what restores leave. One that the leader does not carry out itself, because another one led when it began, is given
 * up by an entry of the log, so that all nodes do, and so is one that stands still; what was replaced or given up each node
 * removes from its own disk.
 */
public final class RestoreCare implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreCare.class);

    private final Replicator replicator;
    private final ClusterClock clock;
    private final OwnRestores own;
    private Future<?> proposed = CompletableFuture.completedFuture(null);

    public RestoreCare(Replicator replicator, ClusterClock clock, OwnRestores own) {
        this.replicator = replicator;
        this.clock = clock;
        this.own = own;
    }

    /** Looks once; to be called about once a second. */
    @Override
    public void run() {
        try {
            replicator
                    .store()
                    .restoring()
                    .filter(restore -> !own.has(restore.id()) || restore.isAbandoned(clock.now()))
                    .filter(restore -> proposed.isDone() && replicator.status().role() == Role.LEADER)
                    .ifPresent(
                            restore -> proposed = replicator.write(Write.of(new Command.Restore.Abort(restore.id()))));
            replicator.store().removeReplaced();
        } catch (KvException e) {
            // This node serves nothing now; the next look comes soon.
        } catch (RuntimeException e) {
            LOG.warn("what a restore has replaced or left is still there, and is looked at again soon", e);
        }
    }
}
