package dev.raftkv.raft.group;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.ratis.protocol.Message;

/**
 * The joiner's side of a {@link JoinCall}: takes no writes for a while. A node that is taking another one in cannot be taken
 * in itself, or two nodes that are joined at each other could swap clusters, and none would be left in either.
 */
public final class JoinHold {
    private final BooleanSupplier idle;
    private final ScheduledExecutorService timer;
    private volatile long heldUntil = System.nanoTime();
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

    /** Takes no more writes from now on; the future tells the number of keys once those under way have ended. */
    CompletableFuture<Message> prepare(Message call, LongSupplier keys) {
        if (!JoinCall.isRequest(call)) {
            return CompletableFuture.failedFuture(new IOException("this call is not known here: versions differ"));
        }
        if (!hold()) {
            return CompletableFuture.failedFuture(new IOException("it is taking another node in"));
        }
        CompletableFuture<Message> reply = new CompletableFuture<>();
        replyWhenIdle(reply, keys);
        return reply;
    }

    private synchronized boolean hold() {
        if (!taking) {
            heldUntil = System.nanoTime() + JoinCall.HOLD.toNanos();
        }
        return !taking;
    }

    private void replyWhenIdle(CompletableFuture<Message> reply, LongSupplier keys) {
        if (idle.getAsBoolean()) {
            reply.complete(JoinCall.reply(keys.getAsLong()));
        } else if (isHeld()) {
            timer.schedule(() -> replyWhenIdle(reply, keys), 10, TimeUnit.MILLISECONDS);
        } else {
            reply.completeExceptionally(new IOException("the writes under way did not end in time"));
        }
    }
}
