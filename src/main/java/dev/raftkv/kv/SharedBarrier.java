package dev.raftkv.kv;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * Shares barriers among readers: one is under way at most, and all readers that come meanwhile wait for the next. A reader
 * must not take part in one that began before it came: that one may have been passed before a write that the reader's client
 * knows of. Thread-safe.
 */
public final class SharedBarrier {
    private static final int ANSWERS_PER_TASK = 16;

    private final Supplier<CompletableFuture<Long>> barriers;
    private final Executor answers;
    private boolean underWay;
    private Readers next;

    /**
     * @param barriers begins a barrier; its future always ends, with the barrier's index
     * @param answers completes the readers' futures
     */
    public SharedBarrier(Supplier<CompletableFuture<Long>> barriers, Executor answers) {
        this.barriers = barriers;
        this.answers = answers;
    }

    /** The index of a barrier that begins after this call; ends as that barrier does. */
    public CompletableFuture<Long> index() {
        Readers readers;
        CompletableFuture<Long> reader;
        synchronized (this) {
            if (next == null) {
                next = new Readers();
            }
            readers = next;
            reader = readers.add();
            if (underWay) {
                return reader;
            }
            underWay = true;
            next = null;
        }
        run(readers);
        return reader;
    }

    /** A loop for those that end at once, as all do while there is no leader: one after the other, not one in the other. */
    private void run(Readers first) {
        Readers readers = first;
        while (readers != null) {
            CompletableFuture<Long> barrier = begin();
            if (!barrier.isDone()) {
                runLater(barrier, readers);
                return;
            }
            Readers ended = readers;
            readers = next();
            barrier.whenComplete(ended::end);
        }
    }

    private void runLater(CompletableFuture<Long> barrier, Readers readers) {
        barrier.whenComplete((index, failure) -> {
            // The next one first: it is on its way while these readers are answered.
            run(next());
            readers.end(index, failure);
        });
    }

    private CompletableFuture<Long> begin() {
        try {
            return barriers.get();
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Those who wait for the next barrier; null, and no barrier is under way any more, if nobody does. */
    private synchronized Readers next() {
        Readers readers = next;
        next = null;
        underWay = readers != null;
        return readers;
    }

    /** Those who wait for the same barrier, in shares that are answered side by side. */
    private final class Readers {
        private final List<CompletableFuture<Long>> shares = new ArrayList<>();
        private int count;

        CompletableFuture<Long> add() {
            if (count++ % ANSWERS_PER_TASK == 0) {
                shares.add(new CompletableFuture<>());
            }
            return shares.get(shares.size() - 1);
        }

        void end(Long index, Throwable failure) {
            for (CompletableFuture<Long> share : shares.subList(1, shares.size())) {
                Runnable task = () -> end(share, index, failure);
                try {
                    answers.execute(task);
                } catch (RejectedExecutionException e) {
                    // The node stops: every future ends.
                    task.run();
                }
            }
            end(shares.get(0), index, failure);
        }

        private static void end(CompletableFuture<Long> share, Long index, Throwable failure) {
            if (failure == null) {
                share.complete(index);
            } else {
                share.completeExceptionally(failure);
            }
        }
    }
}
