package dev.raftkv.lab.check;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Histories of a cluster that is right are found right. */
class ChecksTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 100})
    @Timeout(60)
    void rightHistoriesPass(long first) {
        for (long seed = first; seed < first + 25; seed++) {
            Report report = Simulation.run(seed, 60).check();
            String text = "seed " + seed + "\n" + report;
            assertTrue(report.passed(), text);
        }
    }
}
