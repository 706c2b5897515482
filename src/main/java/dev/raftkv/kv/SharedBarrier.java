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

    private void run(CompletableFuture<Long> readers) {
        begin().whenComplete((index, failure) -> {
            // The next one first: it is on its way while these readers are answered.
            runNext();
            if (failure == null) {
                readers.complete(index);
            } else {
                readers.completeExceptionally(failure);
            }
        });
    }

    private CompletableFuture<Long> begin() {
        try {
            return barriers.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void runNext() {
        CompletableFuture<Long> readers;
        synchronized (this) {
            readers = next;
            next = null;
            underWay = readers != null;
        }
        if (readers != null) {
            run(readers);
        }
    }
}
