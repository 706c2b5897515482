package dev.raftkv.kv;

import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Role;
import dev.raftkv.model.Write;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * Proposes, on the leader, that keys whose time is over be removed. Which keys these are is decided when the command is
 * applied, by the time in its entry, alike on all nodes.
 */
public final class Expiry implements Runnable {
    /** While keys wait for their deadline the log tells the time so often: a node that was restarted lags by no more. */
    private static final long TELL_TIME_MILLIS = 5_000;

    private final Replicator replicator;
    private final ClusterClock clock;

    /** What was proposed last. Belongs to the thread that looks. */
    private Future<?> proposed = CompletableFuture.completedFuture(null);

    public Expiry(Replicator replicator, ClusterClock clock) {
        this.replicator = replicator;
        this.clock = clock;
    }

    /** Looks once; to be called some times a second. Never blocks. */
    @Override
    public void run() {
        try {
            OptionalLong next = replicator.store().nextExpiry();
            boolean over = next.isPresent() && next.getAsLong() <= clock.now();
            boolean silent = next.isPresent() && clock.silence() >= TELL_TIME_MILLIS;
            if ((over || silent) && proposed.isDone() && replicator.status().role() == Role.LEADER) {
                proposed = over ? replicator.write(Write.of(new Command.Expire())) : replicator.barrier();
            }
        } catch (KvException e) {
            // This node serves nothing now; the next look comes soon.
        }
    }
}
