package dev.raftkv.raft.group;

import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What a lone node does for the leader of a cluster that takes it in: takes no writes for a while, so that none is
 * acknowledged by a node whose state is about to be put aside. It forgets the call when its time is over. A node that is taking another one in cannot be taken
 * in itself, or two nodes that are joined at each other could swap clusters, and none would be left in either.
 */
public final class JoinHold {
    /** How long the node takes no writes. */
    static final Duration HOLD = Duration.ofSeconds(20);
    /** Until when, after the call, the leader may make the node leave its own group. */
    public static final Duration USE = Duration.ofSeconds(10);

    private final BooleanSupplier idle;
    private final ScheduledExecutorService timer;
    private volatile long heldUntil = System.nanoTime();
    private volatile Optional<PeerName> heldFor = Optional.empty();
    private boolean taking;

    /** @param idle whether no write is under way */
    public JoinHold(BooleanSupplier idle, ScheduledExecutorService timer) {
        this.idle = idle;
        this.timer = timer;
    }

    boolean isHeld() {
        return heldUntil - System.nanoTime() > 0;
    }

    /** Whether this node may take another one in now; if so, it is to be told when that has ended. */
    public synchronized boolean beginTaking() {
        taking = !isHeld();
        return taking;
    }

    public synchronized void endTaking() {
        taking = false;
    }

    void release() {
        heldUntil = System.nanoTime();
    }

    /** Whether the node takes no writes because this leader has said so. */
    boolean isHeldFor(PeerName leader) {
        return isHeld() && heldFor.equals(Optional.of(leader));
    }

    /** Takes no more writes from now on; the future tells the number of keys once those under way have ended. */
    CompletableFuture<Long> prepare(PeerName leader, LongSupplier keys) {
        if (!hold(leader)) {
            return CompletableFuture.failedFuture(new IOException("it is taking another node in"));
        }
        CompletableFuture<Long> reply = new CompletableFuture<>();
        replyWhenIdle(reply, keys);
        return reply;
    }

    private synchronized boolean hold(PeerName leader) {
        if (!taking) {
            heldUntil = System.nanoTime() + HOLD.toNanos();
            heldFor = Optional.of(leader);
        }
        return !taking;
    }

    private void replyWhenIdle(CompletableFuture<Long> reply, LongSupplier keys) {
        if (idle.getAsBoolean()) {
            reply.complete(keys.getAsLong());
        } else if (isHeld()) {
            timer.schedule(() -> replyWhenIdle(reply, keys), 10, TimeUnit.MILLISECONDS);
        } else {
            reply.completeExceptionally(new IOException("the writes under way did not end in time"));
        }
    }
}
