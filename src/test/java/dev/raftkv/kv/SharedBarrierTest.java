package dev.raftkv.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
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

    /** One share by the thread that has passed the barrier, the others by the threads for answers. */
    @Test
    void manyAreAnsweredSideBySide() {
        List<Runnable> tasks = new ArrayList<>();
        List<CompletableFuture<Long>> readers = passed(tasks::add);
        assertEquals(2, tasks.size());
        assertEquals(16, readers.stream().filter(CompletableFuture::isDone).count());
        tasks.forEach(Runnable::run);
        assertTrue(readers.stream().allMatch(reader -> reader.join() == 9));
    }

    @Test
    void allAreAnsweredWhenTheThreadsForAnswersHaveEnded() {
        List<CompletableFuture<Long>> readers = passed(task -> {
            throw new RejectedExecutionException("for this test");
        });
        assertTrue(readers.stream().allMatch(reader -> reader.join() == 9));
    }

    /** Forty readers of a barrier that has been passed. */
    private List<CompletableFuture<Long>> passed(Executor answers) {
        SharedBarrier shared = new SharedBarrier(this::begin, answers);
        shared.index();
        List<CompletableFuture<Long>> readers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            readers.add(shared.index());
        }
        barriers.get(0).complete(7L);
        barriers.get(1).complete(9L);
        return readers;
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
