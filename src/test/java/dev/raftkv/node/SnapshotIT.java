package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Outcome;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.LogLines;
import dev.raftkv.testkit.TestConfigs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots are real: the log before them is gone, and nodes live on without it. */
class SnapshotIT {
    private static final int VALUE_LENGTH = 50_000;

    /** Where Ratis takes a part of a snapshot. */
    private static final String INSTALL = "RaftServerImpl.installSnapshot";

    @TempDir
    Path directory;

    private NodeCluster cluster;

    @BeforeEach
    void open() {
        cluster = new NodeCluster(directory).withSnapshotsEvery(100);
    }

    @AfterEach
    void close() {
        CodeInjectionForTesting.remove(INSTALL);
        cluster.close();
    }

    /** Writes one entry after the other, so that the log has many. */
    private void write(String leader, int from, int to) {
        for (int i = from; i < to; i++) {
            String value = "\"" + i + ":" + "x".repeat(VALUE_LENGTH) + "\"";
            cluster.put(leader, "key" + i % 200, value);
        }
    }

    private void awaitSnapshot(String id, long atLeast) {
        eventually(
                NodeCluster.PATIENCE,
                () -> assertTrue(
                        cluster.status(id).lastSnapshotIndex() >= atLeast,
                        () -> cluster.status(id).toString()));
    }

    private long firstLogIndex(String id) {
        try (Stream<Path> files = Files.walk(cluster.directoryOf(id).resolve("raft"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("log_"))
                    .mapToLong(name -> Long.parseLong(name.replaceAll("log_(inprogress_)?([0-9]+).*", "$2")))
                    .min()
                    .orElseThrow();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Berkeley DB would pass over it silently, and what follows the snapshot would be applied to an older state. */
    @Test
    void aSnapshotWhoseFilesAreDamagedIsRefused() throws IOException {
        cluster.start("node1");
        write("node1", 0, 400);
        awaitSnapshot("node1", 300);
        cluster.stop("node1");
        Path group = group("node1");
        // The store has to be made anew out of the snapshot, whose last file ends early.
        FileTree.delete(group.resolve("kv"));
        for (Path snapshot : children(group.resolve("sm"))) {
            Path last = children(snapshot).stream()
                    .filter(file -> file.toString().endsWith(".jdb"))
                    .reduce((before, file) -> file)
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(last);
            Arrays.fill(bytes, bytes.length / 4, bytes.length, (byte) 0);
            Files.write(last, bytes);
        }

        String reason = assertThrows(IllegalStateException.class, () -> cluster.start("node1"))
                .getMessage();
        assertTrue(reason.contains("join it again"), reason);
        assertTrue(reason.contains(group.resolve("kv").toString()), reason);
    }

    private static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> children = Files.list(directory)) {
            return children.sorted().toList();
        }
    }

    @Test
    void aNodeRestartsAfterASnapshotWithoutTheLogBeforeIt() {
        cluster.start("node1");
        write("node1", 0, 400);
        awaitSnapshot("node1", 300);
        eventually(NodeCluster.PATIENCE, () -> assertTrue(firstLogIndex("node1") > 0));
        cluster.stop("node1");
        cluster.start("node1");
        assertTrue(cluster.get("node1", "key199").orElseThrow().startsWith("\"399:"));
        cluster.leaderOf("node1");
        assertEquals(new Outcome.Stored(401), cluster.put("node1", "key", "1"));
    }

    @Test
    void aNewNodeGetsTheSnapshot() {
        cluster.start("node1");
        write("node1", 0, 400);
        awaitSnapshot("node1", 300);
        cluster.start("node2");
        cluster.join("node1", "node2");
        eventually(
                NodeCluster.PATIENCE,
                () -> assertTrue(cluster.get("node2", "key0").orElse("").startsWith("\"200:")));
        cluster.stop("node2");
        cluster.start("node2");
        assertTrue(cluster.get("node2", "key0").orElse("").startsWith("\"200:"));
        cluster.assertStoresEqual();
    }

    /** To apply the log, an entry at a time, takes ten times as long as to receive what it has led to. */
    @Test
    void aNewNodeGetsASnapshotThatIsTakenForIt() {
        cluster.withSnapshotsEvery(1_000_000).start("node1");
        cluster.put("node1", "key", "1");
        cluster.start("node2");
        cluster.join("node1", "node2");
        assertTrue(cluster.status("node1").lastSnapshotIndex() < 0, "a short log will do");
        write("node1", 0, 40);
        long written = cluster.status("node1").appliedIndex();
        cluster.start("node3");
        cluster.join("node1", "node3");
        for (String id : List.of("node1", "node3")) {
            awaitSnapshot(id, written);
        }
        cluster.put("node1", "key", "2");
        cluster.assertStoresEqual();
    }

    /** Parts are sent ahead: those behind the one that fails have no effect. */
    @Test
    void aSnapshotOfWhichAPartFailsIsSentAgain() {
        Set<String> failed = ConcurrentHashMap.newKeySet();
        CodeInjectionForTesting.put(INSTALL, (local, remote, arguments) -> {
            SnapshotChunkProto part = ((InstallSnapshotRequestProto) arguments[0]).getSnapshotChunk();
            boolean fails = part.getRequestIndex() == 3 && failed.add("in the middle")
                    || part.getDone() && failed.add("at the end");
            if (fails) {
                throw new IllegalStateException("there is no room for this part");
            }
            return true;
        });
        cluster.start("node1");
        write("node1", 0, 250);
        awaitSnapshot("node1", 200);
        cluster.start("node2");
        cluster.join("node1", "node2");
        assertEquals(Set.of("in the middle", "at the end"), failed);
        awaitSnapshot("node2", 200);
        cluster.put("node1", "key", "1");
        cluster.assertStoresEqual();
    }

    @Test
    void aNodeThatWasAwayForLongGetsTheSnapshot() {
        cluster.form("node1", "node2", "node3");
        write("node1", 0, 10);
        cluster.stop("node3");
        write("node1", 10, 500);
        awaitSnapshot("node1", 400);
        eventually(NodeCluster.PATIENCE, () -> assertTrue(firstLogIndex("node1") > 20));
        cluster.start("node3");
        eventually(
                NodeCluster.PATIENCE,
                () -> assertTrue(cluster.get("node3", "key99").orElse("").startsWith("\"499:")));
        write("node1", 500, 510);
        for (String id : List.of("node2", "node3")) {
            cluster.stop(id);
            cluster.start(id);
        }
        cluster.assertStoresEqual();
    }

    /**
     * A node alone learns nothing of what is committed, so what it has applied it has not applied again. Nor can it take a due
     * snapshot where its first one failed: its store is ahead of Ratis then, which takes that for a bug.
     */
    @Test
    @Timeout(120)
    void aRestartedNodeBeginsBehindAllThatItsStoreHasOrReplaysIfThereIsNoRoom() throws IOException {
        cluster.withSnapshotsEvery(1_000_000).form("node1", "node2");
        for (int i = 0; i < 150; i++) {
            cluster.put("node1", "key" + i, "1");
        }
        NodeConfig config = cluster.node("node1").config();
        NodeConfig due = TestConfigs.with(config, new NodeConfig.Storage(8 << 20, 1 << 20, 100, 64 << 20));
        cluster.stop("node2");
        cluster.stop("node1");
        cluster.start(due);
        long begun = cluster.status("node1").lastSnapshotIndex();
        assertTrue(begun >= 150, () -> cluster.status("node1").toString());
        assertEquals(begun, cluster.status("node1").appliedIndex());
        cluster.stop("node1");
        Path snapshots = group("node1").resolve("sm");
        for (Path snapshot : children(snapshots)) {
            FileTree.delete(snapshot);
            // In the way of another one of its name, and none itself.
            Files.createFile(Files.createDirectory(snapshot).resolve("left.md5"));
        }

        try (LogLines ratis = LogLines.of("org.apache.ratis.server.impl.StateMachineUpdater")) {
            cluster.start(due);
            assertEquals(Optional.of("1"), cluster.get("node1", "key149"));
            assertTrue(cluster.status("node1").lastSnapshotIndex() < 0);
            for (Path inTheWay : children(snapshots)) {
                FileTree.delete(inTheWay);
            }
            cluster.start("node2");
            cluster.put(cluster.leaderOf("node1", "node2"), "another", "1");
            // Taken when all is replayed, before the write or after it.
            awaitSnapshot("node1", begun);
            assertEquals(
                    List.of(),
                    ratis.all().stream().filter(line -> line.contains("Failed")).toList());
        }
        cluster.assertStoresEqual();
    }

    private Path group(String node) throws IOException {
        return children(cluster.directoryOf(node).resolve("raft")).get(0);
    }

    @Test
    void readsGoOnWhileASnapshotIsTaken() {
        cluster.start("node1");
        cluster.put("node1", "steady", "1");
        List<CompletableFuture<Outcome.Stored>> writes = IntStream.range(0, 2000)
                .mapToObj(i -> NodeCluster.begin(cluster.node("node1"), "key" + i, Integer.toString(i)))
                .toList();
        for (CompletableFuture<Outcome.Stored> write : writes) {
            NodeCluster.await(write);
            assertEquals(Optional.of("1"), cluster.get("node1", "steady"));
        }
    }
}
