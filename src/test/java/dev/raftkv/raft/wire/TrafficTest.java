package dev.raftkv.raft.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.raft.wire.Traffic.Reason;
import dev.raftkv.testkit.LogLines;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TrafficTest {
    private long now;
    private final Traffic traffic = new Traffic("node1", () -> now);

    @Test
    void aReasonMakesALineAMinuteAndSaysHowManyThereWere() {
        try (LogLines lines = LogLines.of(Traffic.class)) {
            for (int i = 0; i < 1000; i++) {
                traffic.refused(Reason.GARBAGE, "first");
            }
            traffic.refused(Reason.SIZE, "another reason");
            assertEquals(2, lines.all().size());
            now += TimeUnit.SECONDS.toNanos(61);
            traffic.refused(Reason.GARBAGE, "last");
            assertEquals(3, lines.all().size());
            assertTrue(
                    lines.all().get(2).contains("last (999 more"), lines.all().get(2));
        }
        assertEquals(1001, traffic.refused(Reason.GARBAGE));
        assertEquals(1, traffic.refused(Reason.SIZE));
    }
}
