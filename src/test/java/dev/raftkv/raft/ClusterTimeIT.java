package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ClusterTimeIT {
    private static final Duration TTL = Duration.ofSeconds(4);

    /** The restarted node does not know how long the cluster was idle; the next leader does. */
    @Test
    @Timeout(180)
    void aKeyDoesNotExpireEarlyWhenItsLeaderWasAway(@TempDir Path directory) throws Exception {
        try (RaftCluster cluster = new RaftCluster(directory, "node1", "node2", "node3")) {
            RaftNode first = cluster.awaitLeader("node1");
            RaftCluster.put(first, "other", 0);
            cluster.awaitEqual();
            eventually(
                    RaftCluster.PATIENCE,
                    () -> assertTrue(cluster.applied("node1").clock().silence() > TTL.toMillis()));
            cluster.stop("node2");
            cluster.start("node2");
            cluster.awaitEqual();

            RaftNode away = cluster.handOver("node1", "node2");
            long stored = System.nanoTime();
            RaftCluster.put(away, "key", TTL.toMillis());
            RaftNode next = cluster.handOver("node2", "node3");

            eventually(RaftCluster.PATIENCE, () -> assertFalse(RaftCluster.has(next, "key")));
            Duration lived = Duration.ofNanos(System.nanoTime() - stored);
            assertTrue(lived.compareTo(TTL) >= 0, () -> "the key has lived for " + lived);
        }
    }
}
