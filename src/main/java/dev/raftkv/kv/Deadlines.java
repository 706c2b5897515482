package dev.raftkv.kv;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** Ends reads whose time is over, whatever they wait for. Thread-safe. */
final class Deadlines {
    private final Executor answers;
    private final AtomicLong numbers = new AtomicLong();
    private final ConcurrentSkipListMap<Due, CompletableFuture<?>> waiting = new ConcurrentSkipListMap<>();

    /** @param answers ends what is late */
    Deadlines(Executor answers) {
        this.answers = answers;
    }

    /** A time of {@link System#nanoTime}, and a number that makes it unique. */
    private record Due(long at, long number) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            long apart = at - other.at;
            return apart != 0 ? Long.signum(apart) : Long.compare(number, other.number);
        }
    }

    /** Ends as the read does, or with {@code UNAVAILABLE} when its time is over. */
    <T> CompletableFuture<T> bound(CompletableFuture<T> read, Duration limit) {
        if (read.isDone()) {
            return read;
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        Due due = new Due(System.nanoTime() + limit.toNanos(), numbers.incrementAndGet());
        waiting.put(due, answer);
        read.whenComplete((value, failure) -> {
            waiting.remove(due);
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    /** To be called some times a second. */
    void expire() {
        long now = System.nanoTime();
        for (Map.Entry<Due, CompletableFuture<?>> first = waiting.firstEntry();
                first != null && now - first.getKey().at >= 0;
                first = waiting.firstEntry()) {
            CompletableFuture<?> late = waiting.remove(first.getKey());
            if (late != null) {
                answers.execute(() -> late.completeExceptionally(new KvException(
                        Code.UNAVAILABLE,
                        "the cluster has not confirmed in time what this read must show: try again, or read with"
                                + " consistency=eventual")));
            }
        }
    }
}
