package dev.raftkv.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.testkit.LogLines;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WriteMeterTest {
    private final WriteMeter meter = new WriteMeter("a", Duration.ofSeconds(1));

    @Test
    void slowWritesAreCountedAndOneLineTellsOfThem() {
        try (LogLines log = LogLines.of(WriteMeter.class)) {
            meter.command(Duration.ofSeconds(1).toNanos());
            for (int i = 0; i < 100; i++) {
                meter.command(Duration.ofMillis(1001).toNanos());
            }

            assertEquals(100, meter.slow());
            assertEquals(
                    List.of("WARNING node a: a write took 1001 ms; slow ones since the last such line: 1"), log.all());
        }
    }

    @Test
    void entriesAreMeasuredByTheirSizeAndTime() {
        meter.entry(1, 400_000);
        meter.entry(300, 3_000_000);

        assertEquals(2, meter.commands().snapshot().count());
        assertEquals(301, meter.commands().snapshot().sum());
        assertEquals(0.0034, meter.times().snapshot().sum());
    }
}
