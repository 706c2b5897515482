package dev.raftkv.kv;

import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Role;
import dev.raftkv.model.Write;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Proposes, on the leader, that keys whose time is over be removed. Which keys these are is decided when the command is
 * applied, by the time in its entry, alike on all nodes.
 */
public final class Expiry implements Runnable {
    private final Replicator replicator;
    private final AtomicBoolean underWay = new AtomicBoolean();

    public Expiry(Replicator replicator) {
        this.replicator = replicator;
    }

    /** Looks once; to be called some times a second. Never blocks and never throws for what passes by itself. */
    @Override
    public void run() {
        try {
            OptionalLong next = replicator.store().nextExpiry();
            if (next.isPresent()
                    && next.getAsLong() <= replicator.clock().now()
                    && replicator.status().role() == Role.LEADER
                    && underWay.compareAndSet(false, true)) {
                replicator.write(Write.of(new Command.Expire())).whenComplete((done, failure) -> underWay.set(false));
            }
        } catch (KvException e) {
            // This node serves nothing now; the next look comes soon.
        }
    }
}
