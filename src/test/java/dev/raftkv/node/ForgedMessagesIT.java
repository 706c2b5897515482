package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.node.OldClient.Order;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Stranger;
import dev.raftkv.raft.wire.Traffic;
import dev.raftkv.testkit.LogLines;
import dev.raftkv.tls.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.FileChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.Int64Value;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody who speaks the protocol between nodes, and forges: nothing is written by it, and the cluster goes on. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ForgedMessagesIT {
    private static final long FAR = 1L << 60;
    private static final int EQUAL = 200;
    private static final byte[] PAYLOAD = {1, 2, 3};

    @TempDir
    Path directory;

    private NodeCluster cluster;
    private Optional<TestCertificates> certificates = Optional.empty();
    private UUID group;
    private String target;
    private long term;

    private void form(boolean tls) {
        cluster = new NodeCluster(directory.resolve("nodes"));
        if (tls) {
            certificates = Optional.of(TestCertificates.in(directory.resolve("certificates")));
            cluster.withTls(certificates.get());
        }
        cluster.form("node1", "node2");
        cluster.put("node1", "key", "1");
        group = cluster.status("node1").identity().birth().group();
        target = name("node2");
        term = cluster.status("node2").term();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private String name(String id) {
        return id + "@" + cluster.address(id);
    }

    /** A connection of whoever has the certificate of that name, if there are any. */
    private Stranger as(String id) throws IOException {
        return Stranger.connect(cluster.address("node2"), certificates.map(each -> each.node(id)))
                .greet();
    }

    private void refused(Stranger stranger, Kind kind, MessageLite request, String why) {
        IOException refusal = assertThrows(Stranger.Refusal.class, () -> stranger.ask(kind, request), why);
        assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
    }

    private void goesOn() {
        assertEquals(term, cluster.status("node2").term());
        assertEquals(List.of("node1", "node2"), members("node1"));
        assertEquals(List.of("node1", "node2"), members("node2"));
        cluster.put("node1", "key", "2");
        cluster.assertStoresEqual();
        assertFalse(holdsForged(), "something of a forged message is in a file");
    }

    private List<String> members(String of) {
        return cluster.status(of).members().stream()
                .map(member -> member.nodeId())
                .sorted()
                .toList();
    }

    private boolean holdsForged() {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.anyMatch(path -> path.getFileName().toString().contains("forged"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static AppendEntriesRequestProto append(RaftRpcRequestProto head) {
        return AppendEntriesRequestProto.newBuilder()
                .setServerRequest(head)
                .setLeaderTerm(FAR)
                .addEntries(LogEntryProto.newBuilder()
                        .setTerm(FAR)
                        .setIndex(1)
                        .setStateMachineLogEntry(
                                StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFrom(PAYLOAD))))
                .build();
    }

    private static RequestVoteRequestProto vote(RaftRpcRequestProto head) {
        return RequestVoteRequestProto.newBuilder()
                .setServerRequest(head)
                .setCandidateTerm(FAR)
                .setCandidateLastEntry(TermIndexProto.newBuilder().setTerm(FAR).setIndex(FAR))
                .build();
    }

    private InstallSnapshotRequestProto snapshot(RaftRpcRequestProto head, String requestId, String file) {
        return InstallSnapshotRequestProto.newBuilder()
                .setServerRequest(head)
                .setLeaderTerm(term)
                .setSnapshotChunk(SnapshotChunkProto.newBuilder()
                        .setRequestId(requestId)
                        .setTermIndex(TermIndexProto.newBuilder().setTerm(term).setIndex(FAR))
                        .addFileChunks(
                                FileChunkProto.newBuilder().setFilename(file).setData(ByteString.copyFrom(PAYLOAD))))
                .build();
    }

    private static StartLeaderElectionRequestProto election(RaftRpcRequestProto head) {
        return StartLeaderElectionRequestProto.newBuilder()
                .setServerRequest(head)
                .build();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void messagesOfNoMemberAreRefused(boolean tls) throws IOException {
        form(tls);
        String node9 = "node9@127.0.0.1:9";
        try (Stranger stranger = as("node9")) {
            RaftRpcRequestProto head = Stranger.head(node9, target, group);
            refused(stranger, Kind.APPEND, append(head), "no member");
            refused(stranger, Kind.VOTE, vote(head), "no member");
            refused(stranger, Kind.ELECT, election(head), "no member");
            refused(stranger, Kind.GONE, vote(head), "no member");
            refused(stranger, Kind.WHERE, head, "no member");
            refused(stranger, Kind.TERM, head, "no member");
            refused(stranger, Kind.READ_INDEX, head, "no member");
            refused(stranger, Kind.SNAPSHOT, snapshot(head, "forged", "sm/forged"), "no member");
            refused(stranger, Kind.LEAVE, head, "may not make it leave");
            refused(stranger, Kind.PREPARE, head, "no longer alone");
            refused(stranger, Kind.ENTER, Stranger.head(node9, target, UUID.randomUUID()), "holds a group already");
            UUID other = UUID.randomUUID();
            refused(stranger, Kind.APPEND, append(Stranger.head(node9, target, other)), "does not hold");
            refused(stranger, Kind.LEAVE, Stranger.head(node9, target, other), "does not hold");
            refused(stranger, Kind.TERM, Stranger.head(node9, target, other), "does not hold");
            refused(stranger, Kind.APPEND, append(Stranger.head(node9, name("node1"), group)), "for another node");
            refused(stranger, Kind.APPEND, append(Stranger.head("nobody", target, group)), "no name of a node");
        }
        goesOn();
    }

    /** Without certificates only the names are known, and those may be anybody's: what is in a message is looked at, too. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAMemberMayNotSayIsRefused(boolean tls) throws IOException {
        form(tls);
        cluster.start("node3");
        cluster.join("node1", "node3");
        term = cluster.status("node2").term();
        try (Stranger stranger = as("node3")) {
            RaftRpcRequestProto head = Stranger.head(name("node3"), target, group);
            refused(stranger, Kind.ELECT, election(head), "not its leader");
            refused(stranger, Kind.READ_INDEX, head, "not the leader");
            assertEquals(
                    term, Int64Value.parseFrom(stranger.ask(Kind.TERM, head)).getValue());
            refused(stranger, Kind.SNAPSHOT, snapshot(head, "x/../../../forged", "sm/a"), "request id");
            refused(stranger, Kind.SNAPSHOT, snapshot(head, "", "sm/a"), "request id");
            for (String file :
                    List.of("sm/../../forged", "/tmp/forged", "sm//forged", "current/forged", "sm", "sm/.")) {
                refused(stranger, Kind.SNAPSHOT, snapshot(head, "forged", file), "name of a file");
            }
            refused(
                    stranger,
                    Kind.APPEND,
                    append(Stranger.head(target, target, group)),
                    tls ? "certificate" : "itself");
        }
        NodeCluster.await(cluster.node("node1").membership().remove("node3"));
        cluster.stop("node3");
        goesOn();
    }

    @Test
    void aCertificateIsForOneNameAlone() throws IOException {
        form(true);
        try (Stranger stranger = as("node9")) {
            RaftRpcRequestProto head = Stranger.head(name("node1"), target, group);
            for (Kind kind : Kind.values()) {
                MessageLite request = switch (kind) {
                    case APPEND -> append(head);
                    case VOTE, GONE -> vote(head);
                    case SNAPSHOT -> snapshot(head, "forged", "sm/forged");
                    case ELECT -> election(head);
                    default -> head;
                };
                refused(stranger, kind, request, "its certificate is that of node9");
            }
        }
        goesOn();
    }

    /** Whoever may read metrics over HTTP by a certificate may not forge a leader by it. */
    @Test
    void aClientsCertificateIsNotHeard() throws IOException {
        form(true);
        Path client = certificates.orElseThrow().client("node9");
        double before = refusedCertificates();
        for (String name : List.of("node9@127.0.0.1:9", name("node1"))) {
            RaftRpcRequestProto head = Stranger.head(name, target, group);
            for (Kind kind : List.of(Kind.WHO, Kind.ENTER, Kind.LEAVE)) {
                try (Stranger stranger = Stranger.connect(cluster.address("node2"), client)) {
                    IOException closed = assertThrows(
                            IOException.class, () -> stranger.greet().ask(kind, head));
                    assertFalse(closed instanceof Stranger.Refusal, closed::toString);
                }
            }
        }
        // The stranger may see the end of its connection before the node has counted it.
        eventually(
                Duration.ofSeconds(10),
                () -> assertTrue(refusedCertificates() - before >= 6, () -> "refused: " + refusedCertificates()));
        goesOn();
    }

    private double refusedCertificates() {
        String sample = "raftkv_raft_refused_total{reason=\"certificate\"} ";
        return cluster.node("node2")
                .metrics()
                .text(out -> {})
                .lines()
                .filter(line -> line.startsWith(sample))
                .mapToDouble(line -> Double.parseDouble(line.substring(sample.length())))
                .sum();
    }

    @Test
    void whoHasNoGoodCertificateIsNotHeard() throws IOException {
        form(true);
        TestCertificates ours = certificates.orElseThrow();
        TestCertificates others = TestCertificates.in(directory.resolve("others"));
        List<Path> bad =
                List.of(ours.selfMade("node7"), ours.expired("node8"), ours.notYetValid("node9"), others.node("node1"));
        for (Path certificate : bad) {
            assertThrows(
                    IOException.class,
                    () -> {
                        try (Stranger stranger = Stranger.connect(cluster.address("node2"), certificate)) {
                            stranger.greet().ask(Kind.APPEND, append(Stranger.head(name("node1"), target, group)));
                        }
                    },
                    certificate::toString);
        }
        assertTrue(cluster.node("node2").metrics().text(out -> {}).contains("refused_total{reason=\"certificate\"} "));
        goesOn();
    }

    /** By Ratis' own protocol, as a client of it would, to the leader and to the follower. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAnAdministratorOfRatisMayDoNobodyMay(boolean tls) {
        form(tls);
        try (LogLines lines = LogLines.of(Traffic.class)) {
            for (Order order : Order.values()) {
                for (String node : List.of("node1", "node2")) {
                    long begun = System.nanoTime();
                    assertThrows(
                            IOException.class,
                            () -> OldClient.order(order, name(node), cluster.address(node), group),
                            order::toString);
                    assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(20), order::toString);
                }
            }
            // One of each node.
            assertEquals(2, lines.all().size(), lines.all()::toString);
        }
        goesOn();
    }

    /** Whoever repeats himself fills no log: one line for each reason, as long as the minute lasts. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twoHundredEqualMessagesAreALineForEachReason(boolean tls) throws IOException {
        form(tls);
        String node9 = "node9@127.0.0.1:9";
        RaftRpcRequestProto head = Stranger.head(node9, target, group);
        try (LogLines lines = LogLines.of("");
                Stranger stranger = as("node9")) {
            for (int i = 0; i < EQUAL; i++) {
                refused(stranger, Kind.APPEND, append(head), "no member");
                refused(stranger, Kind.VOTE, vote(head), "no member");
                refused(stranger, Kind.LEAVE, head, "may not make it leave");
                refused(stranger, Kind.APPEND, append(Stranger.head(node9, target, UUID.randomUUID())), "not hold");
            }
            List<String> about = lines.all().stream()
                    .filter(line -> !line.startsWith("FINE"))
                    .toList();
            assertTrue(about.size() <= 4, () -> String.join("\n", about));
            for (String reason : List.of("(membership)", "(address)")) {
                assertEquals(
                        1, about.stream().filter(line -> line.contains(reason)).count(), about::toString);
            }
        }
        goesOn();
    }
}
