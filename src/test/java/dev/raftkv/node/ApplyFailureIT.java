package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Precondition.Match;
import dev.raftkv.model.Write;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.AbstractList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that cannot apply an entry stops, and tells why. */
@Timeout(120)
class ApplyFailureIT {
    @TempDir
    Path directory;

    /** Can be encoded, but not be compared with. */
    private static final class Incomparable extends AbstractList<Long> {
        @Override
        public Long get(int index) {
            return 5L;
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public boolean contains(Object other) {
            throw new OutOfMemoryError("for this test");
        }
    }

    @Test
    void anErrorStopsTheNodeWhichNamesTheEntryAndWhatToDoAndIsGoneAfterARestart() {
        try (NodeCluster cluster = new NodeCluster(directory)) {
            cluster.start("node1");
            cluster.put("node1", "k", "1");
            Precondition precondition =
                    new Precondition(Optional.of(new Match(false, new Incomparable())), Optional.empty());
            Write write =
                    new Write(new Command.Put(Key.of("k"), NodeCluster.json("2")), precondition, Optional.empty());
            KvException failure = assertThrows(
                    KvException.class,
                    () -> NodeCluster.await(cluster.node("node1").kv().write(write, Outcome.Stored.class)));
            assertTrue(failure.getMessage().contains("may have happened"), failure::getMessage);

            eventually(NodeCluster.PATIENCE, () -> {
                String reason = cluster.status("node1").failure().orElse("");
                assertTrue(reason.matches("entry [0-9]+ of the Raft log cannot be applied, because .*-Xmx.*"), reason);
                assertTrue(!cluster.node("node1").health().live().passed());
                assertTrue(!cluster.node("node1").health().ready().passed());
            });
            cluster.stop("node1");
            cluster.start("node1");
            cluster.leaderOf("node1");
            cluster.put("node1", "k", "3");
            assertEquals(Optional.of("3"), cluster.get("node1", "k"));
            assertEquals(List.of(), cluster.node("node1").health().live().failed());
        }
    }

    @Test
    void aDamagedFileOfTheStoreStopsTheNodeWhichNamesItAndTheWayOut() throws IOException {
        try (NodeCluster cluster = new NodeCluster(directory)) {
            cluster.start("node1");
            String value = "\"" + "x".repeat(20_000) + "\"";
            for (int i = 0; i < 100; i++) {
                cluster.put("node1", "k" + i, value);
            }
            // The store reads its last file when it starts; each start begins a new one.
            cluster.stop("node1");
            cluster.start("node1");
            cluster.stop("node1");
            Path file = damage(directory.resolve("node1"));
            cluster.start("node1");
            KvException refusal = assertThrows(KvException.class, () -> {
                for (int i = 0; i < 100; i++) {
                    cluster.get("node1", "k" + i);
                }
            });
            assertEquals(Code.UNAVAILABLE, refusal.code());
            String reason = cluster.status("node1").failure().orElse("");
            assertTrue(reason.contains(file.getFileName().toString()), reason);
            assertTrue(reason.contains("join it again"), reason);
            assertTrue(!cluster.node("node1").health().live().passed());
            assertTrue(!cluster.node("node1").health().ready().passed());
        }
    }

    /** Overwrites a piece in the middle of the largest file of the store. */
    private static Path damage(Path node) throws IOException {
        try (Stream<Path> files = Files.walk(node.resolve("raft"))) {
            Path largest = files.filter(file ->
                            file.toString().contains("/kv/") && file.toString().endsWith(".jdb"))
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
            try (FileChannel channel = FileChannel.open(largest, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(new byte[100_000]), 500_000);
            }
            return largest;
        }
    }
}
