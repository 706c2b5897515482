package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.kv.Reader;
import dev.raftkv.model.Command;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Settings are the same at all nodes: those that apply them, come by a snapshot, and lead later. */
@Timeout(180)
class SettingsIT {
    private static final HistoryLimits FEW = new HistoryLimits(1_000, 1 << 20);
    private static final HistoryLimits MORE = new HistoryLimits(1_500, 2 << 20);

    @TempDir
    Path directory;

    private static void keep(Node leader, HistoryLimits limits) {
        NodeCluster.await(leader.kv().write(Write.of(new Command.Settings(limits)), Outcome.Passed.class));
    }

    private static void assertKept(List<Node> nodes, HistoryLimits limits, long oldest) {
        for (Node node : nodes) {
            eventually(NodeCluster.PATIENCE, () -> {
                Reader reader = node.kv().reader();
                assertEquals(limits, reader.historyLimits());
                assertEquals(oldest, reader.oldestRevision());
            });
        }
    }

    private static void put(NodeCluster cluster, String leader, int times) {
        for (int i = 0; i < times; i++) {
            cluster.put(leader, "k", "1");
        }
    }

    @Test
    void eachNodeKeepsWhatTheClusterHasAgreedOn() {
        try (NodeCluster cluster = new NodeCluster(directory).withSnapshotsEvery(100)) {
            // Alone, and so sure that all members understand it: these nodes have no HTTP, by which they would tell.
            cluster.form("node1");
            keep(cluster.node("node1"), FEW);
            put(cluster, "node1", 1_200);
            for (String other : List.of("node2", "node3")) {
                cluster.start(other);
                cluster.join("node1", other);
            }
            assertKept(cluster.running(), FEW, 201);
            keep(cluster.node("node1"), MORE);
            put(cluster, "node1", 400);
            assertKept(cluster.running(), MORE, 201);
            cluster.stop("node1");
            String next = cluster.leaderOf("node2", "node3");
            put(cluster, next, 100);
            assertKept(cluster.running(), MORE, 201);
            keep(cluster.node(next), FEW);
            put(cluster, next, 1);
            assertKept(cluster.running(), FEW, 702);
            cluster.start("node1");
            assertKept(cluster.running(), FEW, 702);
            cluster.assertStoresEqual();
        }
    }
}
