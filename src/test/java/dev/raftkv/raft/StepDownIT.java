package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A leader that has to go goes at once, and stands again soon. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StepDownIT {
    private static final Duration ELECTION_TIMEOUT = Duration.ofMillis(300);

    @TempDir
    Path directory;

    /** What Ratis warns of, from here on. */
    private static final class Warnings extends Handler implements AutoCloseable {
        private final Logger logger = Logger.getLogger("org.apache.ratis.server.impl.LeaderStateImpl");
        private final Queue<String> messages = new ConcurrentLinkedQueue<>();

        Warnings() {
            logger.addHandler(this);
        }

        List<String> of(String words) {
            return messages.stream().filter(message -> message.contains(words)).toList();
        }

        @Override
        public void publish(LogRecord entry) {
            messages.add(String.valueOf(entry.getMessage()));
        }

        @Override
        public void flush() {
            // Nothing is held back.
        }

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }

    /** As after a pause: it finds out all at once that it is deposed, and that it has heard of nobody for long. */
    @Test
    void aLeaderThatStoodStillDoesNotWaitForItsOwnAppenders() throws Exception {
        try (RaftNodes nodes = RaftNodes.form(directory, 3, ELECTION_TIMEOUT);
                Warnings warnings = new Warnings()) {
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
            assertEquals(List.of(), warnings.of("Failed to step down"));
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
