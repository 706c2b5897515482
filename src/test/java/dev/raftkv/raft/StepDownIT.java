package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.LogLines;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A leader that has to go goes at once, and stands again soon. */
@Alone
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StepDownIT {
    private static final Duration ELECTION_TIMEOUT = Duration.ofMillis(300);

    @TempDir
    Path directory;

    /** As after a pause: it finds out all at once that it is deposed, and that it has heard of nobody for long. */
    @Test
    void aLeaderThatStoodStillDoesNotWaitForItsOwnAppenders() throws Exception {
        try (RaftNodes nodes = RaftNodes.form(directory, 3, ELECTION_TIMEOUT);
                LogLines log = LogLines.of("org.apache.ratis.server.impl.LeaderStateImpl")) {
            int deposed = nodes.awaitLeader();
            int next = (deposed + 1) % 3;
            synchronized (nodes.division(deposed)) {
                RaftNodes.elect(nodes.node(next));
                eventually(
                        RaftNodes.PATIENCE,
                        () -> assertTrue(
                                nodes.leads(next)
                                        && nodes.division(next)
                                                        .getInfo()
                                                        .getRoleInfoProto()
                                                        .getRoleElapsedTimeMs()
                                                > 3 * ELECTION_TIMEOUT.toMillis(),
                                "another one has been leading for a while"));
            }
            eventually(RaftNodes.PATIENCE, () -> assertFalse(nodes.leads(deposed)));
            nodes.awaitLeader();
            assertEquals(
                    List.of(),
                    log.all().stream()
                            .filter(line -> line.contains("Failed to step down"))
                            .toList());
        }
    }

    @Test
    void theOnlyOneWithTheWholeLogStandsAgainSoonAfterItHasLostTheOthers() throws Exception {
        // Long enough to be over only after the other one has stopped: what that one hears of last, it may store too.
        try (RaftNodes nodes = RaftNodes.form(directory, 2, ELECTION_TIMEOUT.multipliedBy(4))) {
            int leader = nodes.awaitLeader();
            int other = 1 - leader;
            nodes.stop(other);
            long before = nodes.lastIndex(leader);
            nodes.put(leader, "key", "the last one is in this log only");
            eventually(RaftNodes.PATIENCE, () -> assertTrue(nodes.lastIndex(leader) > before));
            eventually(RaftNodes.PATIENCE, () -> assertFalse(nodes.leads(leader)));
            nodes.start(other);
            // By default Ratis keeps it from standing for ten seconds, and the other one cannot win.
            eventually(Duration.ofSeconds(8), () -> assertTrue(nodes.leads(leader)));
        }
    }
}
