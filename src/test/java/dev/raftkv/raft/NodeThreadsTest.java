package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.raft.NodeThreads.Purpose;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NodeThreadsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Test
    @Timeout(60)
    void aTaskThatWaitsHoldsUpNoDeadlineAndNoOtherTask() {
        CountDownLatch over = new CountDownLatch(1);
        try (NodeThreads threads = new NodeThreads("test")) {
            for (Purpose slow : List.of(Purpose.CARE, Purpose.PROGRESS, Purpose.MEMBERSHIP)) {
                threads.repeat(slow, Duration.ofMillis(1), () -> await(over));
            }
            AtomicInteger deadlines = new AtomicInteger();
            threads.repeatOnTimer("deadlines", Duration.ofMillis(1), deadlines::incrementAndGet);
            AtomicInteger others = new AtomicInteger();
            threads.repeat(Purpose.EXPIRY, Duration.ofMillis(1), others::incrementAndGet);
            eventually(PATIENCE, () -> assertTrue(deadlines.get() > 3 && others.get() > 3));
        } finally {
            over.countDown();
        }
    }

    @Test
    @Timeout(60)
    void failuresAreCountedByTask() {
        try (NodeThreads threads = new NodeThreads("test")) {
            threads.repeat(Purpose.CARE, Duration.ofMillis(1), () -> {});
            threads.repeatOnTimer("ill", Duration.ofMillis(1), () -> {
                throw new IllegalStateException("ill");
            });
            eventually(PATIENCE, () -> assertTrue(threads.taskFailures().get("ill") > 1));
            assertEquals(0, threads.taskFailures().get("care"));
        }
    }

    @Test
    @Timeout(60)
    void whatIsDueIsDueNoMoreOnceItHasStopped() {
        AtomicInteger runs = new AtomicInteger();
        try (NodeThreads threads = new NodeThreads("test")) {
            threads.repeat(Purpose.CARE, Duration.ofMillis(1), runs::incrementAndGet);
            eventually(PATIENCE, () -> assertTrue(runs.get() > 0));
            threads.stopTasks();
            assertTrue(threads.timer().isShutdown());
            assertEquals(Map.of("care", 0L), threads.taskFailures());
            eventually(PATIENCE, () -> assertFalse(isAlive("raftkv-test-care-1")));
        }
    }

    @Test
    @Timeout(60)
    void whatWaitsAtTheEndIsInterrupted() {
        NodeThreads threads = new NodeThreads("test");
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        threads.once(Purpose.MEMBERS, () -> {
            begun.countDown();
            await(never);
        });
        await(begun);
        assertTrue(isAlive("raftkv-test-members-1"));
        threads.close();
        assertFalse(isAlive("raftkv-test-members-1"));
    }

    private static boolean isAlive(String thread) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(alive -> alive.getName().equals(thread));
    }

    private static void await(CountDownLatch over) {
        try {
            over.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
