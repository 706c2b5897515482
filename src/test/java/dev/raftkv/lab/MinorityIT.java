package dev.raftkv.lab;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.lab.fault.Network;
import dev.raftkv.lab.fault.Proxies;
import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that reaches no majority tells its clients so, soon: with the others dead, and with the others standing still. */
@Alone
final class MinorityIT {
    private static final int SIZE = 3;
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String ALONE = "this node reaches 1 of 3 voting members, itself included, and it takes 2";

    private static final Map<String, String> FORWARDING = Map.of("RAFT_FOLLOWER_WRITES", "forward");

    private final Http http = Http.plain(Duration.ofSeconds(15));

    @TempDir
    private Path directory;

    @Test
    @Timeout(180)
    void itSaysHowManyItReachesAndHowManyItTakes() throws Exception {
        try (Network network = Proxies.start(SIZE);
                LabCluster cluster = LabCluster.of(network, SIZE, directory, FORWARDING)) {
            cluster.form();
            int leader = cluster.awaitLeader();
            List<Integer> others = cluster.others(leader);

            for (int other : others) {
                cluster.node(other).pause();
            }
            assertSaysWhy(cluster, leader);
            for (int other : others) {
                cluster.node(other).resume();
            }
            cluster.awaitLeader();
            cluster.awaitReady();
            eventually(SOON, () -> assertEquals(200, write(cluster, leader).status()));

            int left = others.get(0);
            cluster.node(others.get(1)).pause();
            cluster.node(leader).kill();
            assertSaysWhy(cluster, left);
            cluster.node(others.get(1)).resume();
            eventually(SOON, () -> assertEquals(200, write(cluster, left).status()));
        }
    }

    /** It is in the log of a leader that finds out later that it is alone. */
    @Test
    @Timeout(180)
    void aWriteWhoseOutcomeIsUnknownSaysHowManyAreReachedToo() throws Exception {
        try (Network network = Proxies.start(SIZE);
                LabCluster cluster =
                        LabCluster.of(network, SIZE, directory, Map.of("RAFT_ELECTION_TIMEOUT_MS", "3000"))) {
            cluster.form();
            int leader = cluster.awaitLeader();
            for (int other : cluster.others(leader)) {
                cluster.node(other).pause();
            }
            Reply write = write(cluster, leader);
            assertEquals(504, write.status(), write::toString);
            assertTrue(write.text().contains("may have happened"), write::toString);
            assertTrue(write.text().contains(ALONE), write::toString);
        }
    }

    /** The leader has the connection, and says nothing. */
    @Test
    @Timeout(180)
    void aReadOfAFollowerEndsInTheTimeOfAReadWhileItsLeaderStandsStill() throws Exception {
        Map<String, String> times = Map.of(
                "RAFT_READ_TIMEOUT_MS", "2000", "RAFT_WRITE_TIMEOUT_MS", "60000", "RAFT_FOLLOWER_WRITES", "forward");
        try (Network network = Proxies.start(SIZE);
                LabCluster cluster = LabCluster.of(network, SIZE, directory, times)) {
            cluster.form();
            int leader = cluster.awaitLeader();
            List<Integer> others = cluster.others(leader);
            assertEquals(200, write(cluster, leader).status());

            cluster.node(others.get(1)).kill();
            cluster.node(leader).pause();
            Reply read = http.get(cluster.node(others.get(0)).url("/store/key?consistency=linearizable"));
            assertEquals(503, read.status(), read::toString);
            cluster.node(leader).resume();
            eventually(SOON, () -> {
                Reply again = http.get(cluster.node(others.get(0)).url("/store/key?consistency=linearizable"));
                assertEquals(200, again.status(), again::toString);
            });
        }
    }

    private void assertSaysWhy(LabCluster cluster, int node) {
        eventually(SOON, () -> {
            Reply write = write(cluster, node);
            assertTrue(Set.of(503, 504).contains(write.status()), write::toString);
            assertTrue(write.text().contains(ALONE), write::toString);
        });
        eventually(SOON, () -> {
            Reply read = http.get(cluster.node(node).url("/store/key?consistency=linearizable"));
            assertEquals(503, read.status(), read::toString);
            assertTrue(read.text().contains(ALONE), read::toString);
        });
        eventually(SOON, () -> {
            Reply ready = http.get(cluster.node(node).url("/health/ready"));
            assertEquals(503, ready.status(), ready::toString);
            assertTrue(ready.text().contains(ALONE), ready::toString);
        });
    }

    private Reply write(LabCluster cluster, int node) throws Exception {
        return http.post(cluster.node(node).url("/store"), "{\"key\": \"key\", \"value\": 1}");
    }
}
