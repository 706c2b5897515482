package dev.raftkv.rest.consul;

import dev.raftkv.kv.Interest;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.EventId;
import dev.raftkv.model.KvException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets clients of Consul wait for news, without a thread for any of them. Each is a watch, so that there are no more of them than
 * there may be watches: who comes then is told so.
 */
final class Blocking {
    private final KvService kv;
    private final ScheduledExecutorService timer;
    private final Executor late;

    /**
     * @param timer for what is short
     * @param late makes answers when a time is over
     */
    Blocking(KvService kv, ScheduledExecutorService timer, Executor late) {
        this.kv = kv;
        this.timer = timer;
        this.late = late;
    }

    /**
     * Ends with what a look finds when something has happened to keys behind the index that the client has seen, or its time is
     * over.
     *
     * @param first what was found just now
     */
    CompletableFuture<Shown> untilChanged(
            Wait wait, Interest interest, Shown first, Supplier<CompletableFuture<Shown>> look) {
        if (wait.index() > first.storeIndex()) {
            // It was seen in another life.
            return CompletableFuture.completedFuture(first);
        }
        KeyWait waiting = new KeyWait(wait.index(), look, late);
        boolean known = true;
        try {
            waiting.watch(kv.watches().watch(interest, EventId.after(wait.index() - 1), waiting::woken));
        } catch (KvException e) {
            if (e.code() != Code.GONE || first.index() != wait.index()) {
                return e.code() == Code.GONE
                        ? CompletableFuture.completedFuture(first)
                        : CompletableFuture.failedFuture(e);
            }
            known = false;
        }
        if (!known) {
            waiting.watch(kv.watches().watch(interest, null, waiting::woken));
            // Between the first look and the watch something may have happened.
            waiting.lookAgain();
        }
        waiting.woken();
        return until(wait, waiting);
    }

    /**
     * Ends when a look finds another index than the client has seen, which it may when sessions begin or end, or its time is over.
     *
     * @param look cheap
     */
    CompletableFuture<Shown> untilOther(Wait wait, Supplier<Shown> look) {
        KeyWait waiting = new KeyWait(wait.index(), () -> CompletableFuture.completedFuture(look.get()), late);
        waiting.watch(kv.watches().watch(Interest.SESSIONS, null, waiting::lookAgain));
        waiting.lookAgain();
        return until(wait, waiting);
    }

    private CompletableFuture<Shown> until(Wait wait, KeyWait waiting) {
        Future<?> over = timer.schedule(waiting::timeIsOver, wait.patience().toMillis(), TimeUnit.MILLISECONDS);
        return waiting.end().whenComplete((shown, failure) -> over.cancel(false));
    }
}
