package dev.raftkv.lab.fault;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Alone;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Alone
@Timeout(60)
final class NodeClockIT {
    private static final long NOISE_SECONDS = 20;

    @TempDir
    Path directory;

    /** What the process prints: its wall clock, and what the other clock has counted since the line before. */
    static final class Clock {
        private Clock() {}

        public static void main(String[] arguments) throws InterruptedException {
            long last = System.nanoTime();
            while (true) {
                Thread.sleep(100);
                long now = System.nanoTime();
                System.out.println(System.currentTimeMillis() / 1000 + " " + (now - last) / 1_000_000);
                last = now;
            }
        }
    }

    @Test
    void theWallClockJumpsForthAndBackAndTheOtherClockDoesNot() throws Exception {
        Assumptions.assumeTrue(NodeClock.library().isPresent(), "libfaketime is not installed: no clock jumps");
        NodeClock clock = new NodeClock(directory.resolve("clock"));
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Path.of(Clock.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toString(),
                Clock.class.getName());
        builder.environment().putAll(clock.environment());
        Process process = builder.start();
        try (BufferedReader out = process.inputReader()) {
            awaitOffset(out, 0);
            clock.jump(3600);
            awaitOffset(out, 3600);
            clock.jump(-600);
            awaitOffset(out, -600);
            clock.jump(0);
            awaitOffset(out, 0);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void awaitOffset(BufferedReader out, long seconds) {
        eventually(Duration.ofSeconds(10), () -> {
            String[] words = out.readLine().split(" ");
            long offset = Long.parseLong(words[0]) - Instant.now().getEpochSecond();
            long counted = Long.parseLong(words[1]);
            assertTrue(counted >= 0 && counted < NOISE_SECONDS * 1000, "counted " + counted + " ms");
            assertTrue(Math.abs(offset - seconds) < NOISE_SECONDS, "it is " + offset + " s ahead, not " + seconds);
        });
    }
}
