package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Stranger;
import dev.raftkv.raft.wire.Traffic;
import dev.raftkv.testkit.LogLines;
import dev.raftkv.tls.TestCertificates;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.thirdparty.io.netty.util.internal.PlatformDependent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes to a node's Raft port that no node sends: the node goes on, and says so in few words. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RaftPortIT {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private NodeCluster cluster;
    private Optional<Path> certificate = Optional.empty();
    private long lastIndex;

    private void start(boolean tls) {
        cluster = new NodeCluster(directory);
        if (tls) {
            TestCertificates certificates = TestCertificates.in(directory.resolve("certificates"));
            cluster.withTls(certificates).withNativeTls("node1");
            certificate = Optional.of(certificates.node("node2"));
        }
        cluster.start("node1");
        cluster.put("node1", "key", "1");
        // The node writes where it answers HTTP, and then no more.
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(2, cluster.status("node1").lastLogIndex()));
        lastIndex = cluster.status("node1").lastLogIndex();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private Stranger connect() throws IOException {
        return Stranger.connect(cluster.address("node1"), certificate);
    }

    private static byte[] askWho(Stranger stranger) throws IOException {
        return stranger.ask(Kind.WHO, Stranger.head("node2@127.0.0.1:1", "", UUID.randomUUID()));
    }

    private double refused(String reason) {
        Matcher sample = Pattern.compile("raftkv_raft_refused_total\\{reason=\"" + reason + "\"} (\\S+)")
                .matcher(cluster.node("node1").metrics().text(out -> {}));
        assertTrue(sample.find(), reason);
        return Double.parseDouble(sample.group(1));
    }

    /** Nothing is in the log, and the node takes writes. */
    private void goesOn() {
        assertEquals(lastIndex, cluster.status("node1").lastLogIndex());
        assertEquals(1, cluster.status("node1").members().size());
        cluster.put("node1", "key", "2");
        assertEquals(Optional.of("2"), cluster.get("node1", "key"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMessageThatIsTooLargeIsRefusedBeforeThereIsRoomForIt(boolean tls) throws Exception {
        start(tls);
        long before = PlatformDependent.usedDirectMemory();
        try (Stranger stranger = connect().greet()) {
            stranger.send(ByteBuffer.allocate(9)
                    .putInt(1 << 30)
                    .putInt(1)
                    .put((byte) 2)
                    .array());
            stranger.awaitClose();
        }
        assertTrue(PlatformDependent.usedDirectMemory() - before < 16 * MIB);
        assertEquals(1, refused("size"));
        goesOn();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noMoreIsAwaitedOfManyThanANodeCanHold(boolean tls) throws Exception {
        start(tls);
        List<Stranger> strangers = new ArrayList<>();
        try {
            for (int i = 0; i < 31; i++) {
                Stranger stranger = connect().greet();
                strangers.add(stranger);
                stranger.send(ByteBuffer.allocate(9)
                        .putInt(MIB)
                        .putInt(1)
                        .put((byte) 2)
                        .array());
            }
            // A MiB each, and with what a frame may have beside it there is room for 32.
            assertEquals(0, refused("size"));
        } finally {
            for (Stranger stranger : strangers) {
                stranger.close();
            }
        }
        goesOn();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoDoesNotGreetIsCutOff(boolean tls) throws Exception {
        start(tls);
        try (Stranger silent = Stranger.connect(cluster.address("node1"));
                Stranger slow = Stranger.connect(cluster.address("node1"))) {
            slow.send(new byte[] {tls ? (byte) 22 : (byte) 'r'});
            slow.awaitClose();
            silent.awaitClose();
        }
        assertTrue(refused("silence") + refused("certificate") >= 2);
        goesOn();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMessageThatDoesNotEndIsCutOff(boolean tls) throws Exception {
        start(tls);
        try (Stranger stranger = connect().greet()) {
            stranger.send(new byte[] {0, 0, 1, 0, 0});
            stranger.awaitClose();
        }
        assertEquals(1, refused("silence"));
        goesOn();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connectionsAreBounded(boolean tls) throws Exception {
        start(tls);
        List<Stranger> strangers = new ArrayList<>();
        try (LogLines lines = LogLines.of(Traffic.class)) {
            while (refused("connections") == 0) {
                assertTrue(strangers.size() < 100);
                strangers.add(Stranger.connect(cluster.address("node1")));
            }
            try (Stranger member = connect().greet()) {
                // The node greets first: it has heard the member when it answers.
                askWho(member);
                for (int i = 0; i < 50; i++) {
                    strangers.add(Stranger.connect(cluster.address("node1")));
                }
                askWho(member);
            }
            strangers.get(0).awaitClose();
            assertEquals(
                    1,
                    lines.all().stream()
                            .filter(line -> line.contains("(connections)"))
                            .count());
        } finally {
            for (Stranger stranger : strangers) {
                stranger.close();
            }
        }
        eventually(NodeCluster.PATIENCE, () -> {
            try (Stranger stranger = connect().greet()) {
                return askWho(stranger);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        goesOn();
    }

    /** By a seed: what has failed once fails again. */
    @ParameterizedTest
    @CsvSource({"false, 8000", "true, 2000"})
    void tenThousandRandomFramesChangeNothing(boolean tls, int frames) throws Exception {
        start(tls);
        Random random = new Random(7);
        Stranger stranger = connect().greet();
        try (LogLines lines = LogLines.of("")) {
            for (int frame = 0; frame < frames; frame++) {
                try {
                    if (random.nextInt(20) == 0) {
                        stranger.send(bytes(random, 100));
                        stranger.close();
                        stranger = connect().greet();
                    } else {
                        ask(stranger, random);
                    }
                } catch (Stranger.Refusal e) {
                    // As it should be.
                } catch (IOException e) {
                    stranger.close();
                    stranger = connect().greet();
                }
            }
            assertTrue(lines.all().size() < 50, () -> String.join("\n", lines.all()));
        } finally {
            stranger.close();
        }
        assertTrue(refused("garbage") > frames / 10.0, () -> "garbage: " + refused("garbage"));
        goesOn();
    }

    /** A request that is changed in some bytes, or none; never for the node's group, which a good certificate could take. */
    private void ask(Stranger stranger, Random random) throws IOException {
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        RaftRpcRequestProto head = Stranger.head(
                "node" + random.nextInt(4) + "@127.0.0.1:" + random.nextInt(3),
                "node1@" + cluster.address("node1"),
                new UUID(random.nextLong(), random.nextLong()));
        byte[] body = random.nextInt(3) == 0 ? bytes(random, 300) : head.toByteArray();
        for (int change = random.nextInt(4); change > 0 && body.length > 0; change--) {
            body[random.nextInt(body.length)] = (byte) random.nextInt();
        }
        stranger.ask(kind, body);
    }

    private static byte[] bytes(Random random, int most) {
        byte[] bytes = new byte[random.nextInt(most) + 1];
        random.nextBytes(bytes);
        return bytes;
    }

    /** A client of Ratis, as the nodes of older versions are. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aNodeOfAnOlderVersionIsRefusedInOneLine(boolean tls) throws Exception {
        start(tls);
        try (LogLines lines = LogLines.of(Traffic.class)) {
            UUID group = cluster.status("node1").identity().birth().group();
            long begun = System.nanoTime();
            assertThrows(
                    IOException.class,
                    () -> OldClient.write("node1@" + cluster.address("node1"), cluster.address("node1"), group));
            assertThrows(
                    IOException.class,
                    () -> OldClient.enter("node1@" + cluster.address("node1"), cluster.address("node1")));
            assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(20));
            assertEquals(1, lines.all().size(), lines.all()::toString);
            assertTrue(lines.all().get(0).contains(tls ? "(certificate)" : "older version"), lines.all()::toString);
        }
        goesOn();
    }
}
