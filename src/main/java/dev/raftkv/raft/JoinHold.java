package dev.raftkv.raft;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.ratis.protocol.Message;

/** The joiner's side of a {@link JoinCall}: takes no writes for a while. */
final class JoinHold {
    private final BooleanSupplier idle;
    private final ScheduledExecutorService timer;
    private volatile long heldUntil = System.nanoTime();

    /** @param idle whether no write is under way */
    JoinHold(BooleanSupplier idle, ScheduledExecutorService timer) {
        this.idle = idle;
        this.timer = timer;
    }

    boolean isHeld() {
        return heldUntil - System.nanoTime() > 0;
    }

    void release() {
        heldUntil = System.nanoTime();
    }

    /** Takes no more writes from now on; the future tells the number of keys once those under way have ended. */
    CompletableFuture<Message> prepare(Message call, LongSupplier keys) {
        if (!JoinCall.isRequest(call)) {
            return CompletableFuture.failedFuture(new IOException("this call is not known here: versions differ"));
        }
        heldUntil = System.nanoTime() + JoinCall.HOLD.toNanos();
        CompletableFuture<Message> reply = new CompletableFuture<>();
        replyWhenIdle(reply, keys);
        return reply;
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
