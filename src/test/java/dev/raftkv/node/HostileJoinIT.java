package dev.raftkv.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.KvException;
import dev.raftkv.raft.wire.Impostor;
import dev.raftkv.raft.wire.Impostor.Harm;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.testkit.Alone;
import java.io.ByteArrayInputStream;
import java.io.ObjectInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A join names an address where somebody waits for a leader to call: none of its objects is read, and the cluster goes on. */
@Alone
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HostileJoinIT {
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);
    private static final long LIMIT_SECONDS = 25;

    @TempDir
    Path directory;

    private NodeCluster cluster;

    @AfterEach
    void close() {
        cluster.close();
    }

    @ParameterizedTest
    @EnumSource
    void nothingThatAnAddressAnswersIsDeserialized(Impostor.Way way) throws Exception {
        cluster = new NodeCluster(directory).withJoinTimeout(JOIN_TIMEOUT).form("node1", "node2");
        cluster.put("node1", "key", "1");
        int before = Harm.done();
        try (Impostor impostor = new Impostor(way).start()) {
            long begun = System.nanoTime();
            KvException refusal = assertThrows(
                    KvException.class, () -> cluster.join("node1", "node9", impostor.address(), false), way::toString);
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
            assertTrue(seconds < LIMIT_SECONDS, () -> way + " took " + seconds + " s: " + refusal.getMessage());
            switch (way) {
                case OLD_PROTOCOL -> assertEquals(List.of(), impostor.asked());
                case WHO, WHO_WITH_OBJECT_AS_NAME, REFUSAL, GREETING_THEN_OLD_PROTOCOL ->
                    assertEquals(List.of(Kind.WHO), impostor.asked());
                default -> assertTrue(impostor.asked().contains(Kind.valueOf(way.name())), impostor.asked()::toString);
            }
        }
        assertEquals(before, Harm.done());
        // It is done where it is read.
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(Impostor.bytes(new Harm())))) {
            in.readObject();
        }
        assertEquals(before + 1, Harm.done());

        assertEquals(2, cluster.status("node1").members().size());
        cluster.put("node1", "key", "2");
        cluster.assertStoresEqual();
    }
}
