package dev.raftkv.kv;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.LogLines;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PeriodicTaskTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Its executor would never run it again. */
    @Test
    void goesOnAfterAFailureOfAnyKindAndTellsOnce() {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        AtomicInteger runs = new AtomicInteger();
        PeriodicTask task = new PeriodicTask("sweeping", () -> {
            if (runs.incrementAndGet() % 2 == 0) {
                throw new IllegalStateException("dust");
            }
            throw new OutOfMemoryError("no room for a broom");
        });
        try (LogLines log = LogLines.of(PeriodicTask.class)) {
            task.start(timer, Duration.ofMillis(1));
            eventually(PATIENCE, () -> assertTrue(runs.get() > 5));
            assertTrue(task.failures() >= 5);
            assertEquals(1, log.all().size(), log.all()::toString);
            assertEquals("sweeping", task.name());
        } finally {
            timer.shutdownNow();
        }
    }
}
