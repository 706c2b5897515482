package dev.raftkv.raft.log;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GatheringTest {
    private static final long ENTRY = TimeUnit.MILLISECONDS.toNanos(2);

    private final AtomicLong clock = new AtomicLong();
    private final AtomicInteger there = new AtomicInteger();
    private final Gathering gathering = new Gathering(clock::get);
    private final Thread cutter = new Thread(() -> gathering.await(there::get, 10));

    @AfterEach
    void joinCutter() throws InterruptedException {
        cutter.interrupt();
        cutter.join();
    }

    private void come(int count) {
        there.set(count);
        gathering.come(count);
    }

    private void assertWaits() {
        eventually(Duration.ofSeconds(10), () -> {
            assertEquals(Thread.State.TIMED_WAITING, cutter.getState());
            return true;
        });
    }

    private void assertEnds() throws InterruptedException {
        cutter.join(TimeUnit.SECONDS.toMillis(10));
        assertFalse(cutter.isAlive());
    }

    @Test
    void allWhoWaitedAreWaitedFor() throws InterruptedException {
        gathering.ended(3, ENTRY);
        come(2);
        cutter.start();
        assertWaits();
        come(3);
        assertEnds();
    }

    @Test
    void noMoreAreWaitedForThanAnEntryHolds() throws InterruptedException {
        gathering.ended(1000, ENTRY);
        come(10);
        cutter.start();
        assertEnds();
    }

    @Test
    void nobodyIsWaitedForLongerThanTheEntryTook() throws InterruptedException {
        gathering.ended(3, ENTRY);
        come(2);
        cutter.start();
        assertWaits();
        clock.set(ENTRY);
        assertEnds();
    }

    @Test
    void nobodyIsWaitedForLongerThanClientsTakeToComeAgain() throws InterruptedException {
        gathering.ended(3, TimeUnit.SECONDS.toNanos(5));
        clock.set(TimeUnit.MILLISECONDS.toNanos(50));
        come(2);
        cutter.start();
        assertEnds();
    }

    @Test
    void whoeverWasAloneWaitsForNobody() throws InterruptedException {
        gathering.ended(1, ENTRY);
        come(1);
        cutter.start();
        assertEnds();
    }

    @Test
    void nobodyIsWaitedForBeforeTheFirstEntry() throws InterruptedException {
        cutter.start();
        assertEnds();
    }
}
