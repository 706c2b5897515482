package dev.raftkv.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Member;
import dev.raftkv.model.StartException;
import dev.raftkv.raft.members.Recovery;
import dev.raftkv.testkit.LogLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that has lost its majority for good goes on with what one member has. */
@Timeout(180)
class RecoverIT {
    private static final int KEYS = 500;

    @TempDir
    Path directory;

    private NodeCluster cluster;

    @BeforeEach
    void open() {
        cluster = new NodeCluster(directory);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private UUID group(String id) {
        return cluster.status(id).identity().birth().group();
    }

    private void fill(String leader) {
        List<CompletableFuture<?>> writes = IntStream.range(0, KEYS)
                .<CompletableFuture<?>>mapToObj(i -> NodeCluster.begin(cluster.node(leader), "key" + i, "" + i))
                .toList();
        writes.forEach(NodeCluster::await);
    }

    private void assertHoldsAll(String id) {
        for (int i = 0; i < KEYS; i++) {
            assertEquals(Optional.of("" + i), cluster.get(id, "key" + i));
        }
    }

    private List<String> archived(String id) throws IOException {
        Path archive = cluster.directoryOf(id).resolve("archive");
        if (!Files.exists(archive)) {
            return List.of();
        }
        try (Stream<Path> kept = Files.list(archive)) {
            return kept.map(path -> path.getFileName().toString()).toList();
        }
    }

    @Test
    void theThirdGoesOnWhenTwoOfThreeAreGoneAndAnOldOneHarmsNothing() throws IOException {
        cluster.form("a", "b", "c");
        String leader = cluster.leaderOf("a", "b", "c");
        fill(leader);
        // Part of it is in a snapshot, and part in the log only.
        cluster.awaitValue("c", "key" + (KEYS - 1), "" + (KEYS - 1));
        NodeCluster.await(cluster.node("c").takeSnapshot());
        cluster.put(leader, "later", "1");
        cluster.awaitValue("c", "later", "1");
        UUID former = group("c");
        OptionalLong revision = cluster.node("c").kv().revision();
        for (String id : List.of("a", "b", "c")) {
            cluster.stop(id);
        }

        try (LogLines told = LogLines.of(Recovery.class)) {
            cluster.recover("c", "2026-11-26");
            assertTrue(
                    told.all().stream()
                            .anyMatch(line -> line.contains("revision " + revision.getAsLong())
                                    && line.contains("What the others had acknowledged after that is missing")),
                    () -> told.all().toString());
        }
        assertEquals("c", cluster.leaderOf("c"));
        assertEquals(
                List.of("c"),
                cluster.status("c").members().stream().map(Member::nodeId).toList());
        assertHoldsAll("c");
        assertEquals(Optional.of("1"), cluster.get("c", "later"));
        assertEquals(revision, cluster.node("c").kv().revision());
        UUID group = group("c");
        assertNotEquals(former, group);
        assertTrue(archived("c").stream().anyMatch(name -> name.startsWith(former.toString())));
        cluster.put("c", "after", "2");

        // Another survivor, with the same settings, does not become a second cluster.
        List<String> kept = archived("b");
        StartException second = assertThrows(StartException.class, () -> cluster.recover("b", "2026-11-26"));
        assertTrue(second.getMessage().contains("is not of the former cluster"), second.getMessage());
        assertEquals(kept, archived("b"));

        // The same word does nothing at the next start, and one that ended before all was done is finished.
        cluster.stop("c");
        Path data = cluster.directoryOf("c");
        String aside = archived("c").stream()
                .filter(name -> name.startsWith(former.toString()))
                .findFirst()
                .orElseThrow();
        Files.move(data.resolve("archive").resolve(aside), data.resolve("raft").resolve(former.toString()));
        cluster.recover("c", "2026-11-26");
        assertEquals("c", cluster.leaderOf("c"));
        assertEquals(group, group("c"));
        assertEquals(Optional.of("2"), cluster.get("c", "after"));
        assertTrue(archived("c").stream().anyMatch(name -> name.startsWith(former.toString())));

        cluster.start("d");
        cluster.start("e");
        cluster.join("c", "d");
        cluster.join("c", "e");

        cluster.start("b");
        KvException refused = assertThrows(KvException.class, () -> cluster.join("c", "b"));
        assertEquals(Code.CONFLICT, refused.code());
        assertTrue(refused.getMessage().contains("b belongs to another cluster"), refused.getMessage());
        assertThrows(KvException.class, () -> cluster.put("b", "wild", "1"));
        cluster.put("c", "beside", "3");
        assertFalse(cluster.get("b", "beside").isPresent());
        cluster.stop("b");

        cluster.leaderOf("c", "d", "e");
        cluster.assertStoresEqual();
        assertEquals(KEYS + 3, cluster.contents("d").size());
    }

    @Test
    void whatWasNotKnownToBeCommittedIsKept() {
        cluster.withElectionTimeout(Duration.ofSeconds(3)).form("a", "b", "c");
        cluster.put("a", "key", "1");
        cluster.stop("b");
        cluster.stop("c");
        NodeCluster.begin(cluster.node("a"), "unsure", "2");
        cluster.stop("a");

        cluster.recover("a", "now");
        assertEquals("a", cluster.leaderOf("a"));
        assertEquals(Optional.of("1"), cluster.get("a", "key"));
        assertEquals(Optional.of("2"), cluster.get("a", "unsure"));
        cluster.put("a", "after", "3");
    }

    @Test
    void aClusterThatLivesIsLeftAlone() throws IOException {
        cluster.form("a", "b", "c");
        cluster.stop("c");
        cluster.put(cluster.leaderOf("a", "b"), "key", "1");
        List<String> kept = archived("c");
        Path marker = cluster.directoryOf("c").resolve("node.properties");
        String before = Files.readString(marker);
        StartException refused = assertThrows(StartException.class, () -> cluster.recover("c", "now"));
        assertTrue(refused.getMessage().contains("has not lost its majority"), refused.getMessage());
        assertTrue(refused.getMessage().contains("3 of 3 voters"), refused.getMessage());
        assertEquals(kept, archived("c"));
        assertEquals(before, Files.readString(marker));

        cluster.start("c");
        cluster.awaitValue("c", "key", "1");
        cluster.leaderOf("a", "b", "c");
        cluster.assertStoresEqual();
    }

    @Test
    void thoseThatAreRecoveredAtTheSameTimeSeeEachOther() throws IOException {
        cluster.form("a", "b", "c");
        cluster.put("a", "key", "1");
        List<String> all = List.of("a", "b", "c");
        all.forEach(cluster::stop);
        List<CompletableFuture<Void>> starts = all.stream()
                .map(id -> CompletableFuture.runAsync(() -> cluster.recover(id, "now")))
                .toList();
        for (CompletableFuture<Void> start : starts) {
            CompletionException failed = assertThrows(CompletionException.class, start::join);
            assertTrue(failed.getCause() instanceof StartException, failed::toString);
            assertTrue(failed.getMessage().contains("does not answer as a node"), failed.getMessage());
        }
        all.forEach(cluster::start);
        cluster.awaitValue("c", "key", "1");
        cluster.leaderOf("a", "b", "c");
        cluster.assertStoresEqual();
    }

    /** Two of three would do, if this one was started as usual. */
    @Test
    void aMajorityThatWouldBeThereWithThisNodeIsOne() {
        cluster.form("a", "b", "c");
        cluster.put("a", "key", "1");
        cluster.stop("b");
        cluster.stop("c");
        StartException refused = assertThrows(StartException.class, () -> cluster.recover("c", "now"));
        assertTrue(refused.getMessage().contains("2 of 3 voters"), refused.getMessage());
        cluster.start("c");
        cluster.put(cluster.leaderOf("a", "c"), "key", "2");
        cluster.awaitValue("c", "key", "2");
        cluster.awaitValue("a", "key", "2");
        cluster.assertStoresEqual();
    }

    @Test
    void aNodeWithoutDataHasNothingToRecover() {
        StartException refused = assertThrows(StartException.class, () -> cluster.recover("a", "now"));
        assertTrue(refused.getMessage().contains("holds no data of a cluster"), refused.getMessage());
    }
}
