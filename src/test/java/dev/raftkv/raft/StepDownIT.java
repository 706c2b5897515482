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
import java.util.concurrent.CompletableFuture;
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
        try (RaftNodes nodes = RaftNodes.form(directory, 2, ELECTION_TIMEOUT)) {
            int leader = nodes.awaitLeader();
            int other = 1 - leader;
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> nodes.stop(other));
            eventually(RaftNodes.PATIENCE, () -> {
                nodes.put(leader, "key", "the last ones are in this log only");
                assertFalse(nodes.leads(leader));
            });
            stopped.get(30, TimeUnit.SECONDS);
            nodes.start(other);
            // By default Ratis keeps it from standing for ten seconds, and the other one cannot win.
            eventually(Duration.ofSeconds(7), () -> assertTrue(nodes.leads(leader)));
        }
    }
}
