package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.raftkv.raft.members.Succession;
import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.LogLines;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who follows a leader that has gone without a word. */
@Alone
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class SuccessionIT {
    private static final int SIZE = 3;
    private static final int ROUNDS = 5;

    @TempDir
    Path directory;

    @Test
    void aFollowerStandsOfItselfWhenNobodyListensAtItsLeader() throws Exception {
        try (RaftNodes nodes = RaftNodes.form(directory, SIZE, Duration.ofMillis(500));
                LogLines log = LogLines.of(Succession.class)) {
            // Ratis' own timer may be first by chance, now and then.
            for (int round = 0; round < ROUNDS && log.all().isEmpty(); round++) {
                int leader = nodes.awaitLeader();
                nodes.put(leader, "key", "value").get(20, TimeUnit.SECONDS);
                RaftPart.server(nodes.node(leader)).raft().close();
                int next = awaitLeaderAmong(nodes, others(leader));
                nodes.put(next, "key", "next").get(20, TimeUnit.SECONDS);
                nodes.stop(leader);
                nodes.start(leader);
            }
            assertFalse(log.all().isEmpty());
        }
    }

    private static int awaitLeaderAmong(RaftNodes nodes, List<Integer> candidates) {
        return eventually(RaftNodes.PATIENCE, () -> {
            List<Integer> leaders = candidates.stream().filter(nodes::leads).toList();
            assertEquals(1, leaders.size(), "leaders: " + leaders);
            return leaders.get(0);
        });
    }

    private static List<Integer> others(int node) {
        return Stream.of(0, 1, 2).filter(number -> number != node).toList();
    }
}
