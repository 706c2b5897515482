package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private static final Duration SHORTEST = Duration.ofMillis(5);

    /** Half a minute apart after the thirteenth, if nothing happens. */
    private static final int MANY = 30;

    private final AtomicInteger looks = new AtomicInteger();

    @Test
    void newsAreLookedAtAtOnceAndBeginThePausesAnew() {
        AtomicBoolean news = new AtomicBoolean(true);
        try (Rounds rounds = new Rounds("rounds", SHORTEST, news::get, this::look)) {
            rounds.start();
            eventually(Duration.ofSeconds(20), () -> assertTrue(looks.get() >= MANY));
            news.set(false);
            int before = looks.get();
            eventually(Duration.ofSeconds(20), () -> assertTrue(looks.get() >= before + 3));
        }
    }

    private boolean look() {
        looks.incrementAndGet();
        return false;
    }
}
