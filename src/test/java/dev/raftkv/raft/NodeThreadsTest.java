package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
            for (String slow : List.of("disk", "network", "peers")) {
                threads.repeat(slow, Duration.ofMillis(1), () -> await(over));
            }
            AtomicInteger deadlines = new AtomicInteger();
            threads.repeatOnTimer("deadlines", Duration.ofMillis(1), deadlines::incrementAndGet);
            AtomicInteger others = new AtomicInteger();
            threads.repeat("others", Duration.ofMillis(1), others::incrementAndGet);
            eventually(PATIENCE, () -> assertTrue(deadlines.get() > 3 && others.get() > 3));
        } finally {
            over.countDown();
        }
    }

    @Test
    @Timeout(60)
    void failuresAreCountedByTask() {
        try (NodeThreads threads = new NodeThreads("test")) {
            threads.repeat("well", Duration.ofMillis(1), () -> {});
            threads.repeatOnTimer("ill", Duration.ofMillis(1), () -> {
                throw new IllegalStateException("ill");
            });
            eventually(PATIENCE, () -> assertTrue(threads.taskFailures().get("ill") > 1));
            assertEquals(0, threads.taskFailures().get("well"));
        }
    }

    @Test
    @Timeout(60)
    void whatIsDueIsDueNoMoreOnceItHasStopped() {
        AtomicInteger runs = new AtomicInteger();
        try (NodeThreads threads = new NodeThreads("test")) {
            threads.repeat("any", Duration.ofMillis(1), runs::incrementAndGet);
            eventually(PATIENCE, () -> assertTrue(runs.get() > 0));
            threads.stopTasks();
            assertTrue(threads.timer().isShutdown());
            assertEquals(Map.of("any", 0L), threads.taskFailures());
            eventually(PATIENCE, () -> assertFalse(isAlive("raftkv-test-any-1")));
        }
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
