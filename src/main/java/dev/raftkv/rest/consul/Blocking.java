package dev.raftkv.rest.consul;

import dev.raftkv.kv.Interest;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.PeriodicTask;
import dev.raftkv.model.Code;
import dev.raftkv.model.EventId;
import dev.raftkv.model.KvException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Lets clients of Consul wait for news, without a thread for any of them. */
final class Blocking {
    /** Between two looks at what is not watched. */
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final KvService kv;
    private final ScheduledExecutorService timer;
    private final Executor late;
    private final Set<Polled> polled = ConcurrentHashMap.newKeySet();

    /**
     * @param timer for what is short
     * @param late makes answers when a time is over
     */
    Blocking(KvService kv, ScheduledExecutorService timer, Executor late) {
        this.kv = kv;
        this.timer = timer;
        this.late = late;
    }

    void start() {
        new PeriodicTask("the look at what clients of Consul wait for", this::look).start(timer, PAUSE);
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
        Future<?> over = timer.schedule(waiting::timeIsOver, wait.patience().toMillis(), TimeUnit.MILLISECONDS);
        waiting.woken();
        return waiting.end().whenComplete((shown, failure) -> over.cancel(false));
    }

    /** Ends when a look finds another index than the client has seen, or its time is over. */
    CompletableFuture<Shown> untilOther(Wait wait, Supplier<Shown> look) {
        Polled waiting = new Polled(
                wait.index(), System.nanoTime() + wait.patience().toNanos(), look, new CompletableFuture<>());
        polled.add(waiting);
        waiting.tryEnd();
        return waiting.end().whenComplete((shown, failure) -> polled.remove(waiting));
    }

    private void look() {
        polled.forEach(Polled::tryEnd);
    }

    private record Polled(long index, long until, Supplier<Shown> look, CompletableFuture<Shown> end) {
        void tryEnd() {
            try {
                Shown shown = look.get();
                if (shown.index() != index || System.nanoTime() - until >= 0) {
                    end.complete(shown);
                }
            } catch (RuntimeException | Error e) {
                end.completeExceptionally(e);
            }
        }
    }
}
