package dev.raftkv.kv;

import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Role;
import dev.raftkv.model.Write;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * Proposes, on the leader, that all nodes begin to keep what clients of Consul need. Done once in the life of a store, when all
 * members can; until then it is refused, and proposed again.
 */
public final class ConsulCare implements Runnable {
    private final Replicator replicator;
    private Future<?> proposed = CompletableFuture.completedFuture(null);

    public ConsulCare(Replicator replicator) {
        this.replicator = replicator;
    }

    /** Looks once; to be called some times a second. */
    @Override
    public void run() {
        try {
            if (replicator.store().logLevel() < OfConsul.LEVEL
                    && proposed.isDone()
                    && replicator.status().role() == Role.LEADER) {
                proposed = replicator.write(Write.of(new OfConsul.Open()));
            }
        } catch (KvException e) {
            // This node serves nothing now; the next look comes soon.
        }
    }
}
