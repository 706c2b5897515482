package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Command.Restore;
import dev.raftkv.model.Identity;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.RestoreProgress;
import dev.raftkv.model.SavedKey;
import dev.raftkv.model.Write;
import dev.raftkv.raft.look.LogQuery;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.testkit.TestConfigs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that go and come while the keys of a restore are there, and do not count yet. */
class StagedKeysIT {
    private static final String FILLER = "x".repeat(50_000);
    private static final List<String> NODES = List.of("node1", "node2", "node3");

    @TempDir
    private Path directory;

    private RaftCluster cluster;

    @BeforeEach
    void open() throws Exception {
        cluster = new RaftCluster(StagedKeysIT::settings, directory, "node1", "node2", "node3");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** The one that leads at first is to lead on, however busy the machine is. */
    private static NodeConfig settings(NodeConfig usual) {
        return TestConfigs.with(
                TestConfigs.with(usual, TestConfigs.timeouts(Duration.ofMillis(1500), Duration.ofSeconds(30))),
                new NodeConfig.Storage(8 << 20, 1 << 20, 100, 64 << 20));
    }

    private void step(String node, Restore step) throws Exception {
        Outcome outcome = cluster.node(node)
                .replicator()
                .write(Write.of(step))
                .get(RaftCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertFalse(outcome instanceof Outcome.Rejected, outcome::toString);
    }

    private void begin(String leader, String restore) throws Exception {
        for (String id : NODES) {
            Identity member = cluster.node(id).status().read().identity();
            cluster.node(leader).understanding().told(new PeerName(id, member.raftAddress()), member.logLevel());
        }
        cluster.applied(leader).restores().begin(restore);
        step(leader, new Restore.Begin(restore, 1, true, Prefix.ALL));
    }

    /** Each key in an entry of its own. */
    private void stage(String leader, String restore, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            JsonText value = new JsonText(("\"" + i + FILLER + "\"").getBytes(StandardCharsets.UTF_8));
            SavedKey key = new SavedKey(Key.of(String.format("staged%04d", i)), value, 0, 0, 1, 0);
            step(leader, new Restore.Chunk(restore, i, List.of(key)));
        }
    }

    private Optional<Long> staged(String node) {
        return cluster.node(node).replicator().store().restoring().map(RestoreProgress::keys);
    }

    private void awaitStaged(String node, long keys) {
        eventually(RaftCluster.PATIENCE, () -> assertEquals(Optional.of(keys), staged(node), node));
    }

    private void awaitKeys(long keys, List<String> nodes) {
        for (String node : nodes) {
            eventually(RaftCluster.PATIENCE, () -> {
                assertEquals(Optional.empty(), staged(node), node);
                assertEquals(
                        keys, cluster.node(node).replicator().store().position().keys(), node);
            });
        }
    }

    private long firstIndex(String node) {
        return cluster.node(node)
                .log()
                .read(new LogQuery(OptionalLong.empty(), 1, false))
                .bounds()
                .first();
    }

    @Test
    @Timeout(180)
    void whoIsAwayWithinARestoreHasWhatHasCome() throws Exception {
        RaftCluster.put(cluster.node("node1"), "old", 0);
        begin("node1", "r");
        stage("node1", "r", 0, 10);
        awaitStaged("node3", 10);
        cluster.stop("node3");
        cluster.start("node3");
        awaitStaged("node3", 10);

        long seen = cluster.node("node3").status().read().lastLogIndex();
        cluster.stop("node3");
        stage("node1", "r", 10, 400);
        eventually(RaftCluster.PATIENCE, () -> assertTrue(firstIndex("node1") > seen + 1));
        cluster.start("node3");
        awaitStaged("node3", 400);
        eventually(
                RaftCluster.PATIENCE,
                () -> assertTrue(cluster.node("node3").figures().snapshotsInstalled() > 0));
        assertTrue(RaftCluster.has(cluster.node("node3"), "old"));
        stage("node1", "r", 400, 410);
        step("node1", new Restore.Switch("r", 410, 410, false));
        cluster.applied("node1").restores().end("r");
        awaitKeys(410, NODES);
        assertFalse(RaftCluster.has(cluster.node("node3"), "old"));

        begin("node1", "s");
        stage("node1", "s", 0, 3);
        cluster.stop("node1");
        awaitKeys(410, List.of("node2", "node3"));
        cluster.start("node1");
        awaitKeys(410, NODES);
    }
}
