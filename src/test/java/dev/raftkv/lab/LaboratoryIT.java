package dev.raftkv.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Build;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A run of the laboratory, as the system properties {@code faults.*} want it. */
@Alone
final class LaboratoryIT {
    @Test
    @Timeout(value = 12, unit = TimeUnit.HOURS)
    void theClusterKeepsItsPromisesWhateverHappens() throws IOException, InterruptedException {
        Options options = Options.fromSystemProperties();
        Path directory = Build.shared("faults").resolve(Long.toString(options.seed()));
        boolean passed = new Laboratory(options, directory).run();
        assertTrue(passed, () -> "seed " + options.seed() + " failed: see " + directory.resolve("summary.txt"));
    }
}
