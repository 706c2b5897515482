package dev.raftkv.raft.log;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CommitSpreadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger told = new AtomicInteger();
    private final CommitSpread spread = new CommitSpread(timer, told::incrementAndGet);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void theLastCommitOfABurstIsToldOnce() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Future<Boolean> burst = timer.submit(() -> over.await(20, TimeUnit.SECONDS));
        for (int i = 0; i < 100; i++) {
            spread.committed();
        }
        over.countDown();
        assertTrue(burst.get());
        eventually(PATIENCE, () -> assertEquals(1, told.get()));
        timer.shutdown();
        assertTrue(timer.awaitTermination(20, TimeUnit.SECONDS));
        assertEquals(1, told.get());
    }

    @Test
    void aLaterCommitIsToldToo() {
        spread.committed();
        eventually(PATIENCE, () -> assertEquals(1, told.get()));
        spread.committed();
        eventually(PATIENCE, () -> assertEquals(2, told.get()));
    }

    /** The one that comes while the news of others is on its way. */
    @Test
    void noCommitIsForgotten() {
        AtomicInteger entries = new AtomicInteger();
        CommitSpread[] own = new CommitSpread[1];
        own[0] = new CommitSpread(timer, () -> {
            if (entries.incrementAndGet() == 1) {
                own[0].committed();
            }
        });
        own[0].committed();
        eventually(PATIENCE, () -> assertEquals(2, entries.get()));
    }

    @Test
    void aNodeThatHasStoppedTellsNobody() {
        timer.shutdown();
        spread.committed();
        assertEquals(0, told.get());
    }
}
