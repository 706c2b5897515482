package dev.raftkv.kv;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Shares barriers among readers: one is under way at most, and all readers that come meanwhile wait for the next. A reader
 * must not take part in one that began before it came: that one may have been passed before a write that the reader's client
 * knows of. Thread-safe.
 */
public final class SharedBarrier {
    private final Supplier<CompletableFuture<Long>> barriers;
    private boolean underWay;
    private CompletableFuture<Long> next;

    /** @param barriers begins a barrier; its future always ends, with the barrier's index */
    public SharedBarrier(Supplier<CompletableFuture<Long>> barriers) {
        this.barriers = barriers;
    }

    /** The index of a barrier that begins after this call; ends as that barrier does. */
    public CompletableFuture<Long> index() {
        CompletableFuture<Long> readers;
        synchronized (this) {
            if (next == null) {
                next = new CompletableFuture<>();
            }
            readers = next;
            if (underWay) {
                return readers;
            }
            underWay = true;
            next = null;
        }
        run(readers);
        return readers;
    }

    /** A loop for those that end at once, as all do while there is no leader: one after the other, not one in the other. */
    private void run(CompletableFuture<Long> first) {
        CompletableFuture<Long> readers = first;
        while (readers != null) {
            CompletableFuture<Long> barrier = begin();
            if (!barrier.isDone()) {
                runLater(barrier, readers);
                return;
            }
            CompletableFuture<Long> ended = readers;
            readers = next();
            barrier.whenComplete((index, failure) -> end(ended, index, failure));
        }
    }

    private void runLater(CompletableFuture<Long> barrier, CompletableFuture<Long> readers) {
        barrier.whenComplete((index, failure) -> {
            // The next one first: it is on its way while these readers are answered.
            run(next());
            end(readers, index, failure);
        });
    }

    private static void end(CompletableFuture<Long> readers, Long index, Throwable failure) {
        if (failure == null) {
            readers.complete(index);
        } else {
            readers.completeExceptionally(failure);
        }
    }

    private CompletableFuture<Long> begin() {
        try {
            return barriers.get();
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Those who wait for the next barrier; null, and no barrier is under way any more, if nobody does. */
    private synchronized CompletableFuture<Long> next() {
        CompletableFuture<Long> readers = next;
        next = null;
        underWay = readers != null;
        return readers;
    }
}
