package dev.raftkv.store;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sleepycat.je.Transaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class JeEnvironmentTest {
    private static final Duration TRIAL = Duration.ofSeconds(2);
    private static final Duration NO_HANG = Duration.ofSeconds(2);

    /**
     * JE groups those who flush its log at the same moment, and may lose the call that wakes the second of two: with a
     * timeout of 60 s a commit hung so long. It takes some ten thousand meetings, so not every run would show it.
     */
    @Test
    @Timeout(150)
    void aCommitThatMeetsAnotherFlushOfTheLogGoesOn(@TempDir Path directory) throws Exception {
        Path home = Files.createDirectories(directory.resolve("kv"));
        JeEnvironment environment = JeEnvironment.open(home, StoreFixture.SETTINGS);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            AtomicInteger arrived = new AtomicInteger();
            List<Future<Duration>> slowest = new ArrayList<>();
            for (String key : List.of("a", "b")) {
                slowest.add(threads.submit(() -> commitTogether(environment, key, arrived)));
            }
            for (Future<Duration> commit : slowest) {
                Duration took = commit.get(120, TimeUnit.SECONDS);
                assertTrue(took.compareTo(NO_HANG) < 0, () -> "a commit took " + took);
            }
        } finally {
            threads.shutdown();
            environment.close();
        }
    }

    /** Two threads commit at the same moment, again and again; returns the time of the slowest commit. */
    private static Duration commitTogether(JeEnvironment environment, String key, AtomicInteger arrived) {
        byte[] row = key.getBytes(StandardCharsets.UTF_8);
        long slowest = 0;
        long begin = System.nanoTime();
        for (int round = 1; slowest < NO_HANG.toNanos() && System.nanoTime() - begin < TRIAL.toNanos(); round++) {
            long start = System.nanoTime();
            Transaction transaction = environment.begin();
            environment.live().rows().put(transaction, row, row);
            transaction.commit();
            slowest = Math.max(slowest, System.nanoTime() - start);
            arrived.incrementAndGet();
            while (arrived.get() < 2 * round && System.nanoTime() - begin < TRIAL.toNanos()) {
                Thread.onSpinWait();
            }
        }
        return Duration.ofNanos(slowest);
    }
}
