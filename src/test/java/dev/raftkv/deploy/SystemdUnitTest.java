package dev.raftkv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SystemdUnitTest {
    private static final Path UNIT = Path.of("deploy", "systemd", "raftkv.service");
    private static final Path TOOL = Path.of("/usr/bin/systemd-analyze");
    private static final int STOP_STEPS = 5;

    @TempDir
    private Path directory;

    @Test
    void systemdFindsNothingToComplainAbout() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(TOOL), "systemd is not installed");
        assertEquals("", complaints(Files.readString(UNIT)));
        // The check itself can fail.
        assertTrue(complaints(Files.readString(UNIT).replace("TimeoutStopSec=", "TimeoutStop="))
                .contains("TimeoutStop"));
    }

    @Test
    void thereIsTimeForAnOrderlyStop() throws IOException {
        List<String> limit = Files.readString(UNIT)
                .lines()
                .filter(line -> line.startsWith("TimeoutStopSec="))
                .map(line -> line.substring(line.indexOf('=') + 1))
                .toList();
        assertEquals(1, limit.size());
        long stop = STOP_STEPS * Long.parseLong(Setting.RAFT_STOP_TIMEOUT_MS.defaultText());
        assertTrue(TimeUnit.SECONDS.toMillis(Long.parseLong(limit.get(0))) > stop, limit::toString);
    }

    /** What systemd says of the unit, on a machine that may have its Java elsewhere. */
    private String complaints(String unit) throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Path file = Files.writeString(directory.resolve("raftkv.service"), unit.replace("/usr/bin/java", java));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(TOOL.toString(), "verify", "--man=no", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(30, TimeUnit.SECONDS), "systemd-analyze hangs");
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(output).strip();
        return process.exitValue() == 0 ? said : said + " (exit code " + process.exitValue() + ")";
    }
}
