package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Role;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leaders come and go during writes: what was acknowledged stays, and happens once. */
class LeaderChangeIT {
    private static final int WRITERS = 4;

    @TempDir
    Path directory;

    /** A writer's own key, with the numbers that it counted. */
    private record Count(String key, int acknowledged, int unknown) {}

    @Test
    void noAcknowledgedWriteIsLostOrAppliedTwice() throws Exception {
        try (NodeCluster cluster = new NodeCluster(directory).form("node1", "node2", "node3")) {
            AtomicBoolean stop = new AtomicBoolean();
            ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
            List<Future<Count>> counts = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                String key = "writer" + i;
                counts.add(writers.submit(() -> count(cluster, key, stop)));
            }
            for (int round = 0; round < 3; round++) {
                String leader = cluster.leaderOf("node1", "node2", "node3");
                cluster.stop(leader);
                cluster.leaderOf(others(leader));
                cluster.start(leader);
            }
            stop.set(true);
            List<Count> ended = new ArrayList<>();
            for (Future<Count> count : counts) {
                ended.add(count.get(60, TimeUnit.SECONDS));
            }
            writers.shutdown();
            cluster.leaderOf("node1", "node2", "node3");
            cluster.assertStoresEqual();
            for (Count count : ended) {
                assertCounted(cluster.contents("node1"), count);
            }
        }
    }

    /** The version of a key counts its changes, so a lost or a double write shows. */
    private static void assertCounted(List<Entry> entries, Count count) {
        assertTrue(count.acknowledged > 0, count.toString());
        Entry entry = entries.stream()
                .filter(e -> e.key().equals(Key.of(count.key)))
                .findFirst()
                .orElseThrow();
        assertTrue(entry.version() >= count.acknowledged, count + " ended as " + entry);
        assertTrue(entry.version() <= count.acknowledged + count.unknown, count + " ended as " + entry);
    }

    private static String[] others(String id) {
        return Stream.of("node1", "node2", "node3")
                .filter(other -> !other.equals(id))
                .toArray(String[]::new);
    }

    private static Count count(NodeCluster cluster, String key, AtomicBoolean stop) {
        int acknowledged = 0;
        int unknown = 0;
        for (int n = 0; !stop.get(); n++) {
            Optional<Node> leader = cluster.running().stream()
                    .filter(node -> node.kv().status().role() == Role.LEADER)
                    .findFirst();
            if (leader.isEmpty()) {
                Thread.onSpinWait();
                continue;
            }
            try {
                NodeCluster.put(leader.get(), key, Integer.toString(n));
                acknowledged++;
            } catch (KvException e) {
                unknown += e.code() == Code.OUTCOME_UNKNOWN ? 1 : 0;
            }
        }
        return new Count(key, acknowledged, unknown);
    }

    @Test
    void withoutAMajorityAWriteIsNotAcknowledged() throws Exception {
        try (NodeCluster cluster = new NodeCluster(directory).form("node1", "node2", "node3")) {
            cluster.put("node1", "key", "0");
            ExecutorService writers = Executors.newSingleThreadExecutor();
            Future<Refusal> refused = writers.submit(() -> writeUntilRefused(cluster));
            cluster.stop("node2");
            cluster.stop("node3");
            Refusal refusal = refused.get(60, TimeUnit.SECONDS);
            writers.shutdown();
            eventually(
                    NodeCluster.PATIENCE,
                    () -> assertTrue(cluster.status("node1").role() != Role.LEADER));
            assertEquals(Optional.of(Integer.toString(refusal.number - 1)), cluster.get("node1", "key"));

            cluster.start("node2");
            String leader = cluster.leaderOf("node1", "node2");
            cluster.put(leader, "other", "3");
            String value = cluster.get(leader, "key").orElseThrow();
            // Only a write whose outcome was called unknown may have happened.
            int latest = refusal.number - (refusal.code == Code.OUTCOME_UNKNOWN ? 0 : 1);
            assertTrue(
                    List.of(Integer.toString(refusal.number - 1), Integer.toString(latest))
                            .contains(value),
                    refusal + " and then " + value);
            cluster.start("node3");
            cluster.assertStoresEqual();
        }
    }

    /** The first write that was not acknowledged: all before it were. */
    private record Refusal(int number, Code code) {}

    private static Refusal writeUntilRefused(NodeCluster cluster) {
        Node leader = cluster.node("node1");
        for (int number = 1; ; number++) {
            try {
                NodeCluster.put(leader, "key", Integer.toString(number));
            } catch (KvException e) {
                return new Refusal(number, e.code());
            }
        }
    }
}
