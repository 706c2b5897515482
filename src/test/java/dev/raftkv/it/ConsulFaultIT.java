package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.lab.check.Checks;
import dev.raftkv.lab.check.Report;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Holding;
import dev.raftkv.lab.history.Leading;
import dev.raftkv.lab.history.NodeStore;
import dev.raftkv.lab.work.ConsulWork;
import dev.raftkv.lab.work.Listings;
import dev.raftkv.lab.work.Plan;
import dev.raftkv.store.StoreDump;
import dev.raftkv.testkit.Access;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients of Consul with sessions and locks, while leaders are killed and stand still: no session ends before twice its TTL, and each
 * that is left alone ends soon after; a lock is one's at any moment.
 */
@Timeout(600)
final class ConsulFaultIT {
    private static final Duration FAULTS = Duration.ofSeconds(Long.getLong("consul.faults.seconds", 10));
    private static final long SEED = Long.getLong("consul.faults.seed", 14);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int HOLDS = 4;
    private static final int ENDED = 50;

    private final Random random = new Random(SEED);

    @Test
    void sessionsAndLocksOfConsulKeepWhatTheyPromiseWhenLeadersAreKilledAndStandStill() throws Exception {
        Path directory = Build.directory("consul-faults");
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        try (ServerCluster cluster = ServerCluster.start(
                (spec, base) ->
                        war.node(spec, base).with("RAFT_CONSUL", "on").with("RAFT_CONSUL_SESSION_TTL_MIN_MS", "1000"),
                "consul-faults")) {
            cluster.joinAll();
            List<URI> nodes = IntStream.range(0, ServerCluster.SIZE)
                    .mapToObj(node -> URI.create(cluster.url(node, "")))
                    .toList();
            History history;
            try (ConsulWork work = new ConsulWork(Plan.ofConsul(SEED, Access.OPEN, nodes))) {
                work.start();
                work.awaitHolds(HOLDS);
                long end = System.nanoTime() + FAULTS.toNanos();
                do {
                    killLeader(cluster, work);
                    letLeaderStandStill(cluster, work);
                } while (System.nanoTime() - end < 0);
                history = work.stop();
            }
            List<NodeStore> stores = Listings.of(Access.OPEN, nodes, LIMIT);
            history.save(directory.resolve("history.jsonl"));
            Report report = Checks.ofSessions(history, stores);
            report.save(directory);
            assertTrue(report.passed(), report::toString);
            assertTrue(history.leadings().size() > 2, "leaders: " + history.leadings());
            assertTrue(ended(history) >= ENDED, () -> ended(history) + " sessions were seen to end: " + report);
            assertNothingIsHeld(cluster);
            assertSameStores(cluster);
        }
    }

    private static long ended(History history) {
        return history.holdings().stream()
                .filter(each -> each.what() == Holding.What.LOOK && each.gone())
                .count();
    }

    private void killLeader(ServerCluster cluster, ConsulWork work) throws Exception {
        Leading leader = work.leader();
        cluster.kill(leader.node());
        Leading next = work.awaitLeaderAfter(leader.term());
        work.awaitHolds(HOLDS);
        long committed = cluster.stats(next.node()).path("commit_index").asLong();
        cluster.restart(leader.node());
        eventually(
                LIMIT,
                () -> assertTrue(
                        cluster.stats(leader.node()).path("applied_index").asLong() >= committed, "has not caught up"));
        work.awaitHolds(HOLDS);
    }

    /** As long as another one needs to lead, and a little longer; now and then so short that nobody notices. */
    private void letLeaderStandStill(ServerCluster cluster, ConsulWork work) throws Exception {
        Leading leader = work.leader();
        boolean shortly = random.nextInt(4) == 0;
        signal(cluster, leader.node(), "STOP");
        try {
            if (!shortly) {
                work.awaitLeaderAfter(leader.term());
            }
            TimeUnit.MILLISECONDS.sleep(random.nextLong(shortly ? 300 : 3_000));
        } finally {
            signal(cluster, leader.node(), "CONT");
        }
        work.awaitHolds(HOLDS);
    }

    private static void signal(ServerCluster cluster, int node, String signal) throws Exception {
        new ProcessBuilder("kill", "-" + signal, Long.toString(cluster.pid(node)))
                .start()
                .waitFor();
    }

    /** All sessions have ended: the keys that they had are nobody's, or have gone with them. */
    private static void assertNothingIsHeld(ServerCluster cluster) throws IOException {
        Http http = Http.plain(LIMIT);
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            Reply all = http.get(cluster.url(node, "/v1/kv/w/?recurse&stale"));
            assertEquals(200, all.status(), all::toString);
            int released = 0;
            for (JsonNode entry : all.json()) {
                assertFalse(entry.has("Session"), entry::toString);
                String key = entry.path("Key").asText();
                assertFalse(key.startsWith("w/s/delete/"), key);
                released += key.startsWith("w/s/release/") ? 1 : 0;
            }
            assertTrue(released > 0, all::toString);
        }
    }

    /** Row by row, with turns, tombstones and lock delays: when all have applied the same, they are killed and looked into. */
    private static void assertSameStores(ServerCluster cluster) throws Exception {
        eventually(LIMIT, () -> {
            long applied = cluster.stats(0).path("applied_index").asLong();
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                assertEquals(applied, cluster.stats(node).path("applied_index").asLong());
            }
        });
        cluster.close();
        Map<String, String> first = StoreDump.of(store(cluster, 0));
        for (int node = 1; node < ServerCluster.SIZE; node++) {
            assertEquals(first, StoreDump.of(store(cluster, node)), "the rows of node " + node);
        }
    }

    private static Path store(ServerCluster cluster, int node) throws IOException {
        try (Stream<Path> groups = Files.list(cluster.spec(node).dataDirectory().resolve("raft"))) {
            return groups.filter(group -> Files.isDirectory(group.resolve("kv")))
                    .findAny()
                    .orElseThrow()
                    .resolve("kv");
        }
    }
}
