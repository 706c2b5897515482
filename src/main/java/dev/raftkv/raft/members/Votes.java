package dev.raftkv.raft.members;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Votes that were asked for, each true if it is granted. One that fails is none. */
final class Votes {
    private final List<CompletableFuture<Boolean>> asked;

    Votes(List<CompletableFuture<Boolean>> asked) {
        this.asked = asked;
    }

    /**
     * Waits until so many are granted, in whatever order they come, or all have been answered, or the time is over.
     *
     * @param needed 1 or more
     * @return whether so many are granted
     */
    boolean reach(int needed, long millis) {
        AtomicInteger missing = new AtomicInteger(needed);
        CompletableFuture<Boolean> reached = new CompletableFuture<>();
        CompletableFuture<?>[] counted = asked.stream()
                .map(vote -> vote.thenAccept(granted -> {
                    if (granted && missing.decrementAndGet() == 0) {
                        reached.complete(true);
                    }
                }))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(counted).whenComplete((all, failure) -> reached.complete(false));
        try {
            return reached.get(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }
}
