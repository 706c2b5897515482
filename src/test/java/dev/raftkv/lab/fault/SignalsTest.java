package dev.raftkv.lab.fault;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class SignalsTest {
    @BeforeEach
    void needsSignals() {
        Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self")), "the state of a process is read in /proc");
    }

    @Test
    void aPausedProcessDoesNothingUntilItIsResumed() throws Exception {
        Process cat = new ProcessBuilder("cat").start();
        try (OutputStream in = cat.getOutputStream();
                BufferedReader out = cat.inputReader()) {
            Signals.pause(cat.pid());
            in.write("line\n".getBytes(StandardCharsets.UTF_8));
            in.flush();
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> read(out));
            eventually(Duration.ofSeconds(5), () -> assertEquals("T", state(cat.pid())));
            assertFalse(answer.isDone());
            Signals.resume(cat.pid());
            eventually(Duration.ofSeconds(5), () -> assertEquals("line", answer.getNow("nothing")));
        } finally {
            cat.destroyForcibly();
        }
    }

    @Test
    void resumingAProcessThatHasEndedDoesNothing() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Signals.resume(ended.pid());
    }

    private static String state(long pid) throws Exception {
        return Files.readString(Path.of("/proc/" + pid + "/stat")).split(" ")[2];
    }

    private static String read(BufferedReader out) {
        try {
            return out.readLine();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
