package dev.raftkv.raft;

import dev.raftkv.model.Command;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Shares barriers among readers: one is under way at most, and all readers that come meanwhile wait for the next. A reader
 * must not take part in one that began before it came: that one may have been applied before a write that the reader's
 * client knows of.
 */
final class ReadBarrier {
    private final Function<Write, CompletableFuture<Outcome>> writes;
    private boolean underWay;
    private CompletableFuture<Long> next;

    /** @param writes carries a barrier out; its future always ends */
    ReadBarrier(Function<Write, CompletableFuture<Outcome>> writes) {
        this.writes = writes;
    }

    /** See {@link dev.raftkv.kv.Replicator#barrier}. */
    CompletableFuture<Long> index() {
        CompletableFuture<Long> joined;
        synchronized (this) {
            if (next == null) {
                next = new CompletableFuture<>();
            }
            joined = next;
            if (underWay) {
                return joined;
            }
            underWay = true;
            next = null;
        }
        run(joined);
        return joined;
    }

    private void run(CompletableFuture<Long> readers) {
        writes.apply(Write.of(new Command.Barrier())).whenComplete((outcome, failure) -> {
            // The next one first: it is on its way while these readers are answered.
            runNext();
            if (failure == null) {
                readers.complete(((Outcome.Passed) outcome).index());
            } else {
                readers.completeExceptionally(RaftErrors.barrier(failure));
            }
        });
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
