package dev.raftkv.testkit;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class EventuallyTest {
    @Test
    void answersAsSoonAsTheCheckPasses() {
        AtomicInteger calls = new AtomicInteger();
        Callable<Integer> thirdTime = () -> {
            assertEquals(3, calls.incrementAndGet());
            return calls.get();
        };
        assertEquals(3, eventually(Duration.ofSeconds(10), thirdTime));
    }

    @Test
    void failsAfterTheLimitWithTheLastFailure() {
        IOException failure = new IOException("still not");
        Callable<Integer> never = () -> {
            throw failure;
        };
        AssertionError error = assertThrows(AssertionError.class, () -> eventually(Duration.ofMillis(60), never));
        assertEquals(failure, error.getCause());
    }
}
