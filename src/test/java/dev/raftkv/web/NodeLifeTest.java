package dev.raftkv.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NodeLifeTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final List<String> steps = new CopyOnWriteArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    @Test
    void startAndStopRunOnThreadsOfTheirOwn() {
        NodeLife life = new NodeLife(() -> step("start"), () -> step("close"));

        life.start(LONG);
        life.stop(LONG);

        assertEquals(List.of("start on raftkv-start", "close on raftkv-stop"), steps);
    }

    @Test
    void failureOfTheStartIsThrownAndNothingIsClosed() {
        KvException failure = new KvException(Code.UNAVAILABLE, "the data directory is in use");
        NodeLife life = new NodeLife(
                () -> {
                    throw failure;
                },
                () -> step("close"));

        assertSame(failure, assertThrows(KvException.class, () -> life.start(LONG)));
        life.stop(LONG);

        assertEquals(List.of(), steps);
    }

    @Test
    void errorOfTheStartIsReported() {
        NodeLife life = new NodeLife(
                () -> {
                    throw new NoClassDefFoundError("a.B");
                },
                () -> step("close"));

        RuntimeException e = assertThrows(RuntimeException.class, () -> life.start(LONG));

        assertTrue(e.getMessage().contains("NoClassDefFoundError: a.B"), e.getMessage());
    }

    @Test
    void nodeThatIsUpTooLateIsClosedOnce() throws InterruptedException {
        NodeLife life = new NodeLife(() -> await(release), this::close);

        KvException e = assertThrows(KvException.class, () -> life.start(SHORT));
        assertEquals(Code.UNAVAILABLE, e.code());
        life.stop(SHORT);
        assertEquals(List.of(), steps);

        release.countDown();
        assertTrue(closed.await(20, TimeUnit.SECONDS));
        life.stop(LONG);
        assertEquals(List.of("close on raftkv-stop"), steps);
    }

    @Test
    void stopThatTakesTooLongIsLeftToEndByItself() throws InterruptedException {
        NodeLife life = new NodeLife(() -> step("start"), () -> {
            await(release);
            close();
        });
        life.start(LONG);

        life.stop(SHORT);
        assertEquals(List.of("start on raftkv-start"), steps);

        release.countDown();
        assertTrue(closed.await(20, TimeUnit.SECONDS));
    }

    @Test
    void failureOfTheStopReachesTheLogOnly() {
        NodeLife life = new NodeLife(() -> step("start"), () -> {
            throw new IllegalStateException("this failure belongs to a test");
        });
        life.start(LONG);

        life.stop(LONG);

        assertEquals(List.of("start on raftkv-start"), steps);
    }

    @Test
    void interruptEndsTheWaitForAStopAndStaysVisible() {
        NodeLife life = new NodeLife(() -> step("start"), () -> await(release));
        life.start(LONG);

        Thread.currentThread().interrupt();
        life.stop(LONG);

        assertTrue(Thread.interrupted());
        release.countDown();
    }

    @Test
    void stopWithoutAStartDoesNothing() {
        new NodeLife(() -> step("start"), () -> step("close")).stop(LONG);

        assertEquals(List.of(), steps);
        assertFalse(Thread.currentThread().isInterrupted());
    }

    private void close() {
        step("close");
        closed.countDown();
    }

    private void step(String name) {
        steps.add(name + " on " + Thread.currentThread().getName());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException("a step of the node was interrupted", e);
        }
    }
}
