package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.raft.members.Succession;
import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.LogLines;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
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
    /** Of those that may be asked whether the leader has gone. */
    private static final int LEVEL = 3;

    private static final String FIRST = "node1";

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

    /** Too soon for anybody to have found the leader silent. */
    @Test
    void aLeaderWhoseConnectionsEndIsSucceededAtOnce() throws Exception {
        try (RaftNodes nodes = RaftNodes.form(directory, SIZE, Duration.ofSeconds(10))) {
            for (int round = 0; round < ROUNDS; round++) {
                int leader = nodes.awaitLeader();
                nodes.put(leader, "key", "value").get(20, TimeUnit.SECONDS);
                tell(nodes);
                RaftPart.server(nodes.node(leader)).raft().close();
                long ended = System.nanoTime();
                int next = awaitLeaderAmong(nodes, others(leader));
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - ended);
                assertTrue(millis < 4000, "it took " + millis + " ms");
                nodes.put(next, "key", "next").get(20, TimeUnit.SECONDS);
                nodes.stop(leader);
                nodes.start(leader);
            }
        }
    }

    /** As behind a firewall that refuses what is new. */
    @Test
    void aLeaderThatIsConnectedIsNotDisturbedThoughItsAddressRefuses() throws Exception {
        try (RaftCluster nodes = new RaftCluster(SuccessionIT::boundElsewhere, directory, FIRST, "node2", "node3")) {
            RaftNode leader = nodes.awaitLeader(FIRST);
            for (String follower : List.of("node2", "node3")) {
                for (String id : List.of(FIRST, "node2", "node3")) {
                    nodes.node(follower)
                            .understanding()
                            .told(RaftPart.server(nodes.node(id)).name(), LEVEL);
                }
            }
            long term = RaftPart.server(leader).readyTerm().orElseThrow();
            long end = System.nanoTime() + RaftCluster.ELECTION.multipliedBy(6).toNanos();
            while (System.nanoTime() < end) {
                RaftCluster.put(leader, "key", 0);
                assertEquals(OptionalLong.of(term), RaftPart.server(leader).readyTerm());
            }
        }
    }

    private static NodeConfig boundElsewhere(NodeConfig node) {
        return node.nodeId().equals(FIRST)
                ? new NodeConfig(
                        node.nodeId(),
                        node.raftAddress(),
                        "127.0.0.2",
                        node.httpAddress(),
                        node.dataDirectory(),
                        node.followerWrites(),
                        node.readLevel(),
                        node.joinAddresses(),
                        node.timeouts(),
                        node.limits(),
                        node.storage(),
                        node.security())
                : node;
    }

    /** What each node says to each over HTTP, which these do not have. */
    private static void tell(RaftNodes nodes) {
        for (int listener = 0; listener < SIZE; listener++) {
            for (int member = 0; member < SIZE; member++) {
                nodes.node(listener)
                        .understanding()
                        .told(RaftPart.server(nodes.node(member)).name(), LEVEL);
            }
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
