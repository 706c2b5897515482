package dev.raftkv.rest.consul;

import dev.raftkv.kv.Watch;
import dev.raftkv.model.KvException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/** One client that waits for a change. Thread-safe. */
final class KeyWait {
    private final long index;
    private final Supplier<CompletableFuture<Shown>> look;
    private final Executor late;
    private final CompletableFuture<Shown> end = new CompletableFuture<>();
    private Watch watch;
    private boolean over;
    private boolean left;

    /**
     * @param index which the client has seen
     * @param look finds what there is now
     * @param late looks when the time is over
     */
    KeyWait(long index, Supplier<CompletableFuture<Shown>> look, Executor late) {
        this.index = index;
        this.look = look;
        this.late = late;
    }

    /** Called once, with a watch that may have woken it already. */
    synchronized void watch(Watch opened) {
        watch = opened;
        if (left) {
            opened.close();
        }
    }

    /** Ends once, with the answer. */
    CompletableFuture<Shown> end() {
        return end;
    }

    /** Something may have happened. */
    void woken() {
        if (hasNews()) {
            answer(false);
        }
    }

    private synchronized boolean hasNews() {
        if (over || watch == null) {
            return false;
        }
        try {
            // Where the watch has ended this node stops, or has another store: the client comes again.
            over = !watch.poll(1).isEmpty() || watch.end().isPresent();
        } catch (KvException e) {
            over = true;
        }
        return over;
    }

    /** Whatever has happened: what is there may have another index than the client has seen. */
    void lookAgain() {
        found().whenComplete((shown, failure) -> {
            if (failure != null && close()) {
                fail(failure);
            } else if (failure == null && shown.index() != index && close()) {
                finish(shown);
            }
        });
    }

    void timeIsOver() {
        if (close()) {
            try {
                late.execute(() -> answer(true));
            } catch (RejectedExecutionException e) {
                end.completeExceptionally(e);
            }
        }
    }

    private synchronized boolean close() {
        boolean first = !over;
        over = true;
        return first;
    }

    private void answer(boolean nothingHappened) {
        found().whenComplete((shown, failure) -> {
            if (failure != null) {
                fail(failure);
            } else {
                // What is not there has no index of its own to stay at.
                finish(nothingHappened && shown.isEmpty() ? shown.withIndex(index) : shown);
            }
        });
    }

    private CompletableFuture<Shown> found() {
        try {
            return look.get();
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void fail(Throwable failure) {
        leave();
        end.completeExceptionally(failure);
    }

    private void finish(Shown shown) {
        leave();
        end.complete(shown);
    }

    private void leave() {
        Watch opened;
        synchronized (this) {
            left = true;
            opened = watch;
        }
        if (opened != null) {
            opened.close();
        }
    }
}
