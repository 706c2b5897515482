package dev.raftkv.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SharedBarrierTest {
    private static final int MANY = 200_000;

    private final List<CompletableFuture<Long>> barriers = new ArrayList<>();

    private CompletableFuture<Long> begin() {
        CompletableFuture<Long> barrier = new CompletableFuture<>();
        barriers.add(barrier);
        return barrier;
    }

    @Test
    void whoComesWhileOneIsUnderWaySharesTheNext() {
        SharedBarrier shared = new SharedBarrier(this::begin, Runnable::run);
        CompletableFuture<Long> first = shared.index();
        CompletableFuture<Long> second = shared.index();
        assertSame(second, shared.index());
        assertEquals(1, barriers.size());
        barriers.get(0).complete(7L);
        assertEquals(7, first.join());
        assertFalse(second.isDone());
        barriers.get(1).complete(9L);
        assertEquals(9, second.join());
        assertEquals(2, barriers.size());
    }

    @Test
    void barriersThatFailAtOnceComeOneAfterTheOther() {
        List<CompletableFuture<Long>> readers = new ArrayList<>();
        SharedBarrier[] shared = new SharedBarrier[1];
        shared[0] = new SharedBarrier(
                () -> {
                    // Somebody comes while this one is under way.
                    if (readers.size() < MANY) {
                        readers.add(shared[0].index());
                    }
                    return CompletableFuture.failedFuture(new IllegalStateException("no leader"));
                },
                Runnable::run);
        assertTrue(shared[0].index().isCompletedExceptionally());
        assertEquals(MANY, readers.size());
        assertTrue(readers.stream().allMatch(CompletableFuture::isCompletedExceptionally));
    }

    @Test
    void aBarrierThatCannotBeginFailsItsReadersOnly() {
        SharedBarrier shared = new SharedBarrier(
                () -> {
                    if (barriers.isEmpty()) {
                        barriers.add(null);
                        throw new IllegalStateException("not now");
                    }
                    return CompletableFuture.completedFuture(3L);
                },
                Runnable::run);
        assertTrue(shared.index().isCompletedExceptionally());
        assertEquals(3, shared.index().join());
    }

    @Test
    void readersGoOnAfterABarrierThatCouldNotBegin() {
        StackOverflowError error = new StackOverflowError("for this test");
        boolean[] begun = {false};
        SharedBarrier shared = new SharedBarrier(
                () -> {
                    if (!begun[0]) {
                        begun[0] = true;
                        throw error;
                    }
                    return CompletableFuture.completedFuture(7L);
                },
                Runnable::run);
        CompletableFuture<Long> first = shared.index();
        assertSame(error, first.handle((index, failure) -> failure).join());
        assertEquals(7, shared.index().join());
    }
}
