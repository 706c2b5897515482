package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Stranger;
import dev.raftkv.testkit.LogLines;
import dev.raftkv.testkit.TestConfigs;
import dev.raftkv.tls.TestCertificates;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that speak to each other by TLS, not all by the same, and believe each other's certificates only. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class EncryptedClusterIT {
    private static final int VALUE_LENGTH = 50_000;
    private static final Duration REREAD = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private TestCertificates certificates;
    private NodeCluster cluster;

    @BeforeEach
    void open() {
        certificates = TestCertificates.in(directory.resolve("certificates"));
        cluster = new NodeCluster(directory.resolve("nodes"))
                .withTls(certificates)
                .withNativeTls("node1", "node3");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theyJoinSendSnapshotsAndElect() {
        cluster.withSnapshotsEvery(100).form("node1", "node2");
        for (int i = 0; i < 400; i++) {
            cluster.put("node1", "key" + i % 200, "\"" + i + ":" + "x".repeat(VALUE_LENGTH) + "\"");
        }
        eventually(
                NodeCluster.PATIENCE, () -> assertTrue(cluster.status("node1").lastSnapshotIndex() >= 300));
        cluster.start("node3");
        cluster.join("node1", "node3");
        eventually(
                NodeCluster.PATIENCE,
                () -> assertTrue(cluster.get("node3", "key199").isPresent()));
        assertTrue(cluster.node("node3")
                .metrics()
                .text(out -> {})
                .contains("raftkv_raft_messages_total{kind=\"snapshot\",direction=\"received\"}"));

        cluster.stop("node1");
        String leader = cluster.leaderOf("node2", "node3");
        cluster.put(leader, "after", "1");
        cluster.start("node1");
        eventually(NodeCluster.PATIENCE, () -> assertEquals(Optional.of("1"), cluster.get("node1", "after")));
        cluster.assertStoresEqual();
    }

    @Test
    void certificatesAreReplacedUnderLoad() throws Exception {
        cluster.form("node1", "node2", "node3");
        AtomicBoolean ends = new AtomicBoolean();
        AtomicInteger writes = new AtomicInteger();
        CompletableFuture<Void> load = CompletableFuture.runAsync(() -> {
            while (!ends.get()) {
                cluster.put("node1", "key" + writes.incrementAndGet() % 100, "1");
            }
        });
        try (LogLines lines = LogLines.of(Tls.class)) {
            for (String id : List.of("node1", "node2", "node3")) {
                certificates.node(id);
            }
            eventually(
                    REREAD,
                    () -> assertEquals(
                            3,
                            lines.all().stream()
                                    .filter(line -> line.contains("takes the new certificate"))
                                    .count(),
                            lines.all()::toString));
        }
        // What connects anew does so by the new ones.
        cluster.stop("node3");
        cluster.start("node3");
        int before = writes.get();
        eventually(NodeCluster.PATIENCE, () -> assertTrue(writes.get() > before + 10));
        ends.set(true);
        load.get(NodeCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        cluster.assertStoresEqual();
    }

    /** Whoever has a certificate of the old authority is put out: while connected, and when he connects again. */
    @Test
    void aNewAuthorityEndsAllThatTheOldOneHasVouchedFor() throws Exception {
        cluster.form("node1", "node2", "node3");
        Path stolen = certificates.node("node3-copy");
        try (Stranger inside =
                Stranger.connect(cluster.address("node1"), stolen).greet()) {
            inside.ask(Kind.WHO, Stranger.head("node3-copy@127.0.0.1:1", "", UUID.randomUUID()));
            TestCertificates next = TestCertificates.in(directory.resolve("certificates"));
            next.node("node1");
            next.node("node2");
            inside.awaitClose(REREAD);
        }
        eventually(REREAD, () -> {
            String leader = cluster.leaderOf("node1", "node2");
            cluster.put(leader, "secret", "1");
        });
        assertThrows(IOException.class, () -> {
            try (Stranger again = Stranger.connect(cluster.address("node1"), stolen)) {
                again.greet().ask(Kind.WHO, Stranger.head("node3-copy@127.0.0.1:1", "", UUID.randomUUID()));
            }
        });
        double before = refusedCertificates();
        eventually(REREAD, () -> assertTrue(refusedCertificates() > before + 5, "node3 tries again and again"));
        assertEquals(Optional.empty(), cluster.get("node3", "secret"), "node3 has certificates of the old authority");
    }

    private double refusedCertificates() {
        double sum = 0;
        for (String id : List.of("node1", "node2")) {
            Matcher sample = Pattern.compile("raftkv_raft_refused_total\\{reason=\"certificate\"} (\\S+)")
                    .matcher(cluster.node(id).metrics().text(out -> {}));
            assertTrue(sample.find());
            sum += Double.parseDouble(sample.group(1));
        }
        return sum;
    }

    @Test
    void aJoinOfANodeThatSpeaksNoTlsOrHasAnotherNameSaysSo() throws Exception {
        cluster.start("node1");
        cluster.put("node1", "key", "1");
        try (NodeCluster plain = new NodeCluster(directory.resolve("plain"))) {
            plain.start("node2");
            KvException refusal = assertThrows(
                    KvException.class, () -> cluster.join("node1", "node2", plain.address("node2"), false));
            assertEquals(Code.INVALID, refusal.code());
            assertTrue(refusal.getMessage().contains("RAFT_TLS"), refusal.getMessage());
        }
        IllegalStateException start = assertThrows(
                IllegalStateException.class,
                () -> cluster.start(
                        TestConfigs.with(cluster.config("node3"), TestConfigs.tls(certificates.node("node4")))));
        assertTrue(start.getMessage().contains("node4"), start.getMessage());
        cluster.put("node1", "key", "2");
    }
}
