package dev.raftkv.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Build;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A run of the laboratory, as the system properties {@code faults.*} want it. */
final class LaboratoryIT {
    @Test
    void theClusterKeepsItsPromisesWhateverHappens() throws IOException, InterruptedException {
        Options options = Options.fromSystemProperties();
        Laboratory.Result result =
                new Laboratory(options, Build.shared("faults").resolve(Long.toString(options.seed()))).run();
        assertTrue(result.passed(), result::summary);
    }
}
