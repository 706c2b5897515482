package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Command;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Precondition.Match;
import dev.raftkv.model.Write;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.List;
import java.util.Optional;
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
}
