package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.raft.care.StandstillHandover;
import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.LogLines;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.ratis.server.raftlog.RaftLogBase;
import org.apache.ratis.util.AutoCloseableLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes whose applying is held up: they go on sending heartbeats, and nobody else notices. */
@Alone
class StandstillIT {
    @TempDir
    Path directory;

    @Test
    @Timeout(180)
    void aLeaderThatAppliesNothingStepsAside() throws Exception {
        try (RaftCluster cluster = new RaftCluster(directory, "node1", "node2", "node3")) {
            RaftNode stuck = cluster.awaitLeader("node1");
            RaftCluster.put(stuck, "before", 0);
            // Who applies a change has to tell the hub of it.
            synchronized (cluster.applied("node1").watches()) {
                RaftCluster.begin(stuck, "key", 0);
                RaftNode next = eventually(
                        RaftCluster.PATIENCE,
                        () -> Stream.of(cluster.node("node2"), cluster.node("node3"))
                                .filter(node ->
                                        RaftPart.server(node).readyTerm().isPresent())
                                .findFirst()
                                .orElseThrow());
                RaftCluster.put(next, "after", 0);
                String problem = stuck.figures().standstill().orElseThrow();
                assertTrue(problem.startsWith("this node applies nothing"), problem);
            }
            cluster.awaitEqual();
            eventually(
                    RaftCluster.PATIENCE,
                    () -> assertEquals(Optional.empty(), stuck.figures().standstill()));
            eventually(
                    RaftCluster.PATIENCE, () -> assertEquals(1, stuck.figures().stepAsides()));
            assertTrue(RaftCluster.has(stuck, "after"));
        }
    }

    /** As Ratis does while more entries come than it has room for, and the disk takes none. */
    @Test
    @Timeout(180)
    void aNodeWhoseLogIsLockedSaysSoAndItsStatusCanBeRead() throws Exception {
        try (RaftCluster cluster = new RaftCluster(directory, "node1")) {
            RaftNode stuck = cluster.awaitLeader("node1");
            RaftCluster.put(stuck, "before", 0);
            ExecutorService others = Executors.newSingleThreadExecutor();
            AutoCloseableLock locked = ((RaftLogBase)
                            RaftPart.server(stuck).division().orElseThrow().getRaftLog())
                    .writeLock();
            try {
                NodeStatus status =
                        others.submit(stuck.status()::read).get(RaftCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertEquals(Role.LEADER, status.role());
                eventually(RaftCluster.PATIENCE, () -> {
                    String problem = stuck.figures().standstill().orElseThrow();
                    assertTrue(problem.startsWith("the Raft log on this node is not synced"), problem);
                });
            } finally {
                locked.close();
                others.shutdownNow();
            }
            eventually(
                    RaftCluster.PATIENCE,
                    () -> assertEquals(Optional.empty(), stuck.figures().standstill()));
            eventually(RaftCluster.PATIENCE, () -> RaftCluster.put(stuck, "after", 0));
        }
    }

    @Test
    @Timeout(180)
    void aLeaderThatNobodyCanReplaceSaysSoAndLeadsOn() throws Exception {
        try (RaftCluster cluster = new RaftCluster(directory, "node1");
                LogLines log = LogLines.of(StandstillHandover.class)) {
            RaftNode stuck = cluster.awaitLeader("node1");
            synchronized (cluster.applied("node1").watches()) {
                RaftCluster.begin(stuck, "key", 0);
                eventually(RaftCluster.PATIENCE, () -> assertEquals(2, log.all().size(), log.all()::toString));
                assertTrue(RaftPart.server(stuck).readyTerm().isPresent());
                assertFalse(stuck.figures().standstill().isEmpty());
            }
            eventually(
                    RaftCluster.PATIENCE,
                    () -> assertEquals(Optional.empty(), stuck.figures().standstill()));
            assertEquals(0, stuck.figures().stepAsides());
            assertTrue(log.all().get(1).contains("leads on: nobody else could take over"), log.all()::toString);
            RaftCluster.put(stuck, "after", 0);
        }
    }
}
