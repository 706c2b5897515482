package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.kv.Interest;
import dev.raftkv.kv.Reader;
import dev.raftkv.kv.Watch;
import dev.raftkv.kv.WatchEvent;
import dev.raftkv.model.Change;
import dev.raftkv.model.Command;
import dev.raftkv.model.EventId;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Write;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    private static List<Change> told(Node node, long to) {
        List<Change> told = new ArrayList<>();
        Interest all = new Interest(Optional.empty(), Prefix.ALL);
        try (Watch watch = node.kv().watches().watch(all, EventId.after(0), () -> {})) {
            eventually(NodeCluster.PATIENCE, () -> {
                watch.poll(1 << 20).forEach(event -> told.add(((WatchEvent.Changed) event).change()));
                assertEquals(to, told.get(told.size() - 1).revision());
            });
        }
        return told;
    }

    @Test
    void eachNodeTellsWhatKeysWereThroughTheDeathOfTheLeader() {
        String[] all = {"node1", "node2", "node3"};
        try (NodeCluster cluster = new NodeCluster(directory).withSnapshotsEvery(100)) {
            cluster.form("node1");
            cluster.put("node1", "k", "1");
            keep(cluster.node("node1"), new HistoryLimits(10_000, 16 << 20, true));
            // One comes by a snapshot, one by the log.
            put(cluster, "node1", 150);
            cluster.start("node2");
            cluster.join("node1", "node2");
            cluster.start("node3");
            cluster.join("node1", "node3");
            cluster.put("node1", "k", "2");
            cluster.stop("node1");
            String next = cluster.leaderOf("node2", "node3");
            cluster.put(next, "k", "3");
            NodeCluster.await(cluster.node(next)
                    .kv()
                    .write(Write.of(new Command.DeleteRange(Prefix.of("k"))), Outcome.RangeRemoved.class));
            cluster.start("node1");
            cluster.leaderOf(all);
            List<Change> expected = told(cluster.node(next), 154);
            assertEquals(Optional.empty(), expected.get(0).previous());
            for (int i = 1; i < expected.size(); i++) {
                assertEquals(expected.get(i - 1).entry(), expected.get(i).previous());
            }
            for (String id : all) {
                assertEquals(expected, told(cluster.node(id), 154));
            }
            cluster.assertStoresEqual();
        }
    }
}
