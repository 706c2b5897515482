package dev.raftkv.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class LeftoversTest {
    @TempDir
    Path runs;

    @Test
    void nodesOfARunThatIsNoMoreAreKilledAndNoOtherProcess() throws Exception {
        Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self")), "command lines are told by /proc");
        Process died = new ProcessBuilder("true").start();
        died.waitFor();
        Process left = waiting("raftkv.war");
        Process ofRunThatRuns = waiting("raftkv.war");
        Process other = waiting("other");
        try {
            note("1/node1", left, died.pid());
            note("1/node2", other, died.pid());
            note("2/node1", ofRunThatRuns, ProcessHandle.current().pid());
            Leftovers.kill(runs);
            assertEquals(128 + 9, left.waitFor());
            assertTrue(other.isAlive());
            assertTrue(ofRunThatRuns.isAlive());
            assertFalse(Files.exists(runs.resolve("1/node1/pid")));
        } finally {
            left.destroyForcibly();
            other.destroyForcibly();
            ofRunThatRuns.destroyForcibly();
        }
    }

    private static Process waiting(String argument) throws IOException {
        return new ProcessBuilder("sh", "-c", "read line", argument).start();
    }

    private void note(String node, Process process, long run) throws IOException {
        Path directory = Files.createDirectories(runs.resolve(node));
        Files.writeString(directory.resolve("pid"), process.pid() + " " + run);
    }
}
