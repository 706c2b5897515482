package dev.raftkv.kv;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells readers when this node's store has come as far as they need: to an index of the Raft log, or to a revision. All
 * futures end: when that is so, or with a {@link KvException} ({@code UNAVAILABLE}) when their time is over, for which
 * {@link #expire} has to be called. Thread-safe; whoever reports progress is never held up by a reader.
 */
public final class Progress {
    private static final int MAX_WAITING = 10_000;

    private final Executor answers;
    private final AtomicLong numbers = new AtomicLong();
    private final Deadlines deadlines;
    private final Mark index = new Mark("entry");
    private final Mark revision = new Mark("revision");

    /** @param answers completes the futures */
    public Progress(Executor answers) {
        this.answers = answers;
        this.deadlines = new Deadlines(answers);
    }

    /** Threads that go on with what readers have waited for. */
    Executor answers() {
        return answers;
    }

    /** The store has applied all entries up to an index, and stands at a revision; both may go back with another store. */
    public void reached(long appliedIndex, long storeRevision) {
        index.reached(appliedIndex);
        revision.reached(storeRevision);
    }

    /** Ends when all entries of the Raft log up to this one are applied. */
    public CompletableFuture<Void> awaitIndex(long appliedIndex, Duration limit) {
        return index.await(appliedIndex, limit);
    }

    /** Ends when the store has come to a revision. */
    public CompletableFuture<Void> awaitRevision(long storeRevision, Duration limit) {
        return revision.await(storeRevision, limit);
    }

    /** Ends as a read does, or with {@code UNAVAILABLE} when its time is over, whatever it waits for. */
    public <T> CompletableFuture<T> inTime(CompletableFuture<T> read, Duration limit) {
        return deadlines.bound(read, limit);
    }

    /** Ends those whose time is over; to be called some times a second. */
    public void expire() {
        index.expire();
        revision.expire();
        // Last: they can tell less of what is late.
        deadlines.expire();
    }

    /** What is waited for, and a number that makes it unique. */
    private record Target(long value, long number) implements Comparable<Target> {
        @Override
        public int compareTo(Target other) {
            int byValue = Long.compare(value, other.value);
            return byValue != 0 ? byValue : Long.compare(number, other.number);
        }
    }

    private record Waiter(CompletableFuture<Void> future, long deadline) {}

    /** One of the two numbers that grow. */
    private final class Mark {
        private final String what;
        private final ConcurrentSkipListMap<Target, Waiter> waiting = new ConcurrentSkipListMap<>();
        private final AtomicLong size = new AtomicLong();
        private volatile long reached;

        Mark(String what) {
            this.what = what;
        }

        void reached(long value) {
            reached = value;
            if (!waiting.isEmpty()) {
                endReached();
            }
        }

        private void endReached() {
            List<CompletableFuture<Void>> ended = new ArrayList<>();
            for (Target target :
                    waiting.headMap(new Target(reached, Long.MAX_VALUE), true).keySet()) {
                Waiter waiter = take(target);
                if (waiter != null) {
                    ended.add(waiter.future);
                }
            }
            if (!ended.isEmpty()) {
                answers.execute(() -> ended.forEach(future -> future.complete(null)));
            }
        }

        private Waiter take(Target target) {
            Waiter waiter = waiting.remove(target);
            if (waiter != null) {
                size.decrementAndGet();
            }
            return waiter;
        }

        CompletableFuture<Void> await(long value, Duration limit) {
            if (value <= reached) {
                return CompletableFuture.completedFuture(null);
            }
            if (size.incrementAndGet() > MAX_WAITING) {
                size.decrementAndGet();
                return CompletableFuture.failedFuture(
                        new KvException(Code.UNAVAILABLE, "too many reads are waiting on this node: try again later"));
            }
            CompletableFuture<Void> future = new CompletableFuture<>();
            waiting.put(
                    new Target(value, numbers.incrementAndGet()),
                    new Waiter(future, System.nanoTime() + limit.toNanos()));
            // It may have been reached before the future was put where it is looked for.
            if (value <= reached) {
                endReached();
            }
            return future;
        }

        void expire() {
            long now = System.nanoTime();
            waiting.forEach((target, waiter) -> {
                if (now - waiter.deadline >= 0 && take(target) != null) {
                    answers.execute(() -> waiter.future.completeExceptionally(late(target.value)));
                }
            });
        }

        private KvException late(long value) {
            return new KvException(
                    Code.UNAVAILABLE,
                    "this node has not come to " + what + " " + value + " in time, it is at " + reached
                            + ": try again, or ask another node");
        }
    }
}
