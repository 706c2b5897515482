package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.KvException;
import dev.raftkv.raft.wire.Impostor;
import dev.raftkv.raft.wire.Impostor.Harm;
import dev.raftkv.raft.wire.Kind;
import java.io.ByteArrayInputStream;
import java.io.ObjectInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A join names an address where somebody waits for a leader to call: none of its objects is read, and the cluster goes on. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HostileJoinIT {
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);
    private static final long LIMIT_SECONDS = 25;

    @TempDir
    static Path directory;

    /** One for all: after each answer it has to go on as before. */
    private static NodeCluster cluster;

    @BeforeAll
    static void form() {
        cluster = new NodeCluster(directory).withJoinTimeout(JOIN_TIMEOUT);
        cluster.form("node1", "node2");
    }

    @AfterAll
    static void close() {
        try {
            cluster.assertStoresEqual();
        } finally {
            cluster.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingThatAnAddressAnswersIsDeserialized(Impostor.Way way) throws Exception {
        int before = Harm.done();
        try (Impostor impostor = new Impostor(way).start()) {
            long begun = System.nanoTime();
            KvException refusal = eventually(NodeCluster.PATIENCE, () -> refusal(impostor));
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
            assertTrue(seconds < LIMIT_SECONDS, () -> way + " took " + seconds + " s: " + refusal.getMessage());
            switch (way) {
                case OLD_PROTOCOL -> assertEquals(List.of(), impostor.asked());
                case WHO, WHO_WITH_OBJECT_AS_NAME, REFUSAL, GREETING_THEN_OLD_PROTOCOL ->
                    assertEquals(List.of(Kind.WHO), impostor.asked());
                case PREPARE, LEAVE, ENTER, APPEND -> {
                    List<Kind> asked = impostor.asked();
                    assertEquals(
                            Kind.valueOf(way.name()),
                            asked.get(asked.size() - 1),
                            () -> asked + ", " + refusal.getMessage());
                }
            }
        }
        assertEquals(before, Harm.done());
        // It is done where it is read.
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(Impostor.bytes(new Harm())))) {
            in.readObject();
        }
        assertEquals(before + 1, Harm.done());

        assertEquals(2, cluster.status("node1").members().size());
        String after = "" + way.ordinal();
        cluster.put("node1", "key", after);
        cluster.awaitValue("node2", "key", after);
    }

    /** Whoever is let in nearly, and is silent then, may hold up the next change for as long as a join may take. */
    private static KvException refusal(Impostor impostor) {
        KvException refusal =
                assertThrows(KvException.class, () -> cluster.join("node1", "node9", impostor.address(), false));
        assertFalse(refusal.getMessage().contains("another change of the members is under way"), refusal.getMessage());
        return refusal;
    }
}
