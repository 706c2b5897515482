package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Role;
import dev.raftkv.ops.Health.Check;
import dev.raftkv.raft.members.Membership.Asked;
import dev.raftkv.raft.members.Membership.Joined;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators see of real nodes. */
class OperationsIT {
    @TempDir
    private Path directory;

    @Test
    void aLeaderIsNotReadyBeforeItHandsOver() throws Exception {
        // The leader goes on leading for so long after it has lost the other member, and its stop waits for the write.
        try (NodeCluster cluster = new NodeCluster(directory).withElectionTimeout(Duration.ofSeconds(2))) {
            cluster.form("a", "b");
            Node leader = cluster.node(cluster.leaderOf("a", "b"));
            assertTrue(leader.health().ready().passed());
            cluster.stop(leader == cluster.node("a") ? "b" : "a");
            CompletableFuture<?> write = NodeCluster.begin(leader, "k", "1");

            CompletableFuture<Void> stop = CompletableFuture.runAsync(leader::close);
            eventually(
                    NodeCluster.PATIENCE,
                    () -> assertFalse(leader.health().ready().passed()));

            assertEquals(Role.LEADER, leader.kv().status().role());
            assertFalse(write.isDone());
            assertEquals(
                    List.of(new Check("stopping", Optional.of("this node is stopping"))),
                    leader.health().ready().failed());
            assertTrue(leader.health().live().passed());
            stop.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void aLeaderThatRetiresHandsOverAndGoesOnToSayWhoLeads() {
        try (NodeCluster cluster = new NodeCluster(directory).form("a", "b", "c")) {
            String retired = cluster.leaderOf("a", "b", "c");
            cluster.put(retired, "k", "1");
            Node node = cluster.node(retired);

            node.retire();

            String leader = cluster.leaderOf("a", "b", "c");
            assertNotEquals(retired, leader);
            cluster.put(leader, "k", "2");
            assertEquals(
                    List.of("stopping"),
                    node.health().ready().failed().stream().map(Check::name).toList());
            KvException refused = assertThrows(KvException.class, () -> NodeCluster.put(node, "k", "3"));
            assertEquals(Code.NOT_LEADER, refused.code());
            assertEquals(Optional.of(leader), node.kv().status().leaderId());
            eventually(NodeCluster.PATIENCE, () -> assertEquals(Optional.of("2"), cluster.get(retired, "k")));
            cluster.stop(retired);
            cluster.put(leader, "k", "4");
        }
    }

    @Test
    void aRemovedNodeIsLiveAndNotReady() {
        try (NodeCluster cluster = new NodeCluster(directory).form("a", "b")) {
            NodeCluster.await(cluster.node("a").membership().remove("b"));

            Node removed = cluster.node("b");
            eventually(
                    NodeCluster.PATIENCE,
                    () -> assertFalse(removed.health().ready().passed()));
            assertEquals("member", removed.health().ready().failed().get(0).name());
            assertTrue(removed.health().live().passed());
            eventually(NodeCluster.PATIENCE, () -> assertEquals(1, value(metrics(removed), "raftkv_removed")));
            assertEquals(0, value(metrics(cluster.node("a")), "raftkv_removed"));
        }
    }

    @Test
    void aNodeThatAppliesNothingIsLiveAndNotReady() throws Exception {
        try (NodeCluster cluster = new NodeCluster(directory).form("a")) {
            Node stuck = cluster.node("a");
            cluster.put("a", "before", "1");
            assertEquals(List.of(), stuck.health().ready().failed());
            CompletableFuture<?> write;
            // Who applies a change has to tell the hub of it.
            synchronized (stuck.kv().watches()) {
                write = NodeCluster.begin(stuck, "k", "1");
                eventually(NodeCluster.PATIENCE, () -> {
                    List<Check> failed = stuck.health().ready().failed();
                    assertEquals(
                            List.of("progress"),
                            failed.stream().map(Check::name).toList());
                    assertTrue(failed.get(0).problem().orElseThrow().contains("applies nothing"), failed::toString);
                    String text = metrics(stuck);
                    assertTrue(value(text, "raftkv_raft_standstill_seconds{stage=\"apply\"}") > 0, text);
                    assertEquals(0, value(text, "raftkv_ready"));
                });
                assertTrue(stuck.health().live().passed());
            }
            NodeCluster.await(write);
            eventually(NodeCluster.PATIENCE, () -> {
                assertEquals(List.of(), stuck.health().ready().failed());
                assertEquals(0, value(metrics(stuck), "raftkv_raft_standstill_seconds{stage=\"apply\"}"));
            });
        }
    }

    @Test
    void nodesThatAreJoinedAtEachOtherAtTheSameTimeAreOneClusterAfterSomeTries() {
        try (NodeCluster cluster = new NodeCluster(directory)) {
            Node a = cluster.start("a");
            Node b = cluster.start("b");
            eventually(Duration.ofSeconds(60), () -> {
                CompletableFuture<Joined> ab = a.membership().join(Asked.voter("b", cluster.address("b")));
                CompletableFuture<Joined> ba = b.membership().join(Asked.voter("a", cluster.address("a")));
                awaitEither(ab, ba);
                assertEquals(2, cluster.status("a").members().size());
                assertEquals(2, cluster.status("b").members().size());
            });

            cluster.leaderOf("a", "b");
            cluster.assertStoresEqual();
        }
    }

    /** One of them, or both, may be refused. */
    private static void awaitEither(CompletableFuture<?>... joins) {
        for (CompletableFuture<?> join : joins) {
            try {
                NodeCluster.await(join);
            } catch (KvException e) {
                // The next try tells.
            }
        }
    }

    @Test
    void metricsTellOfTheClusterAndItsWork() {
        try (NodeCluster cluster =
                new NodeCluster(directory).withSnapshotsEvery(20).form("a", "b")) {
            String leader = cluster.leaderOf("a", "b");
            String follower = leader.equals("a") ? "b" : "a";
            for (int i = 0; i < 30; i++) {
                cluster.put(leader, "k" + i, "1");
            }

            eventually(NodeCluster.PATIENCE, () -> {
                String text = metrics(cluster.node(leader));
                assertEquals(1, value(text, "raftkv_raft_role{role=\"leader\"}"));
                assertEquals(0, value(text, "raftkv_raft_role{role=\"follower\"}"));
                assertEquals(1, value(text, "raftkv_ready"));
                assertEquals(2, value(text, "raftkv_raft_members"));
                assertEquals(0, value(text, "raftkv_raft_follower_lag_entries{follower=\"" + follower + "\"}"));
                assertEquals(0, value(text, "raftkv_raft_apply_lag_entries"));
                assertEquals(30, value(text, "raftkv_store_keys"));
                assertEquals(0, value(text, "raftkv_sessions"));
                assertEquals(0, value(text, "raftkv_lock_waits"));
                assertEquals(30, value(text, "raftkv_store_revision"));
                assertEquals(1, value(text, "raftkv_history_oldest_revision"));
                assertEquals(30, value(text, "raftkv_history_changes"));
                assertEquals(10_000, value(text, "raftkv_history_changes_limit"));
                assertTrue(value(text, "raftkv_history_bytes") > 30 * 64, text);
                assertEquals(16 << 20, value(text, "raftkv_history_bytes_limit"));
                assertEquals(0, value(text, "raftkv_pending_writes"));
                assertTrue(value(text, "raftkv_raft_snapshots_taken_total") >= 1, text);
                assertTrue(value(text, "raftkv_raft_snapshot_index") >= 20, text);
                assertTrue(value(text, "raftkv_raft_log_sync_seconds_count") >= 30, text);
                assertTrue(value(text, "raftkv_raft_log_sync_seconds_sum") > 0, text);
                assertTrue(value(text, "raftkv_write_entry_commands_sum") >= 30, text);
                assertTrue(value(text, "raftkv_raft_elections_total") >= 1, text);
                assertTrue(value(text, "raftkv_raft_leader_changes_total") >= 1, text);
                assertTrue(value(text, "raftkv_store_disk_bytes") > 0, text);
                assertTrue(value(text, "raftkv_store_cache_bytes") > 0, text);
                assertTrue(value(text, "raftkv_disk_free_bytes") > 0, text);
            });
            eventually(NodeCluster.PATIENCE, () -> {
                String text = metrics(cluster.node(follower));
                assertEquals(1, value(text, "raftkv_raft_role{role=\"follower\"}"));
                assertEquals(0, value(text, "raftkv_raft_apply_lag_entries"));
                assertFalse(text.contains("raftkv_raft_follower_lag_entries{"), text);
                assertTrue(value(text, "raftkv_raft_log_sync_seconds_count") >= 30, text);
            });
        }
    }

    private static String metrics(Node node) {
        return node.metrics().text(out -> {});
    }

    private static double value(String text, String sample) {
        Matcher line =
                Pattern.compile("(?m)^" + Pattern.quote(sample) + " (\\S+)$").matcher(text);
        assertTrue(line.find(), () -> "no " + sample + " in\n" + text);
        return Double.parseDouble(line.group(1));
    }
}
