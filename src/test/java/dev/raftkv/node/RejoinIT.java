package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Role;
import dev.raftkv.raft.members.Membership.Removal;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Stranger;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that were members before, or could not become one, and what comes to a member from elsewhere. */
@Timeout(120)
class RejoinIT {
    @TempDir
    Path directory;

    private NodeCluster cluster;

    @BeforeEach
    void open() {
        cluster = calm(directory);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** The first node leads all the time, on a busy machine too. */
    private static NodeCluster calm(Path directory) {
        return new NodeCluster(directory).withElectionTimeout(Duration.ofSeconds(2));
    }

    private static void refused(Code code, String sentence, Runnable request) {
        KvException e = assertThrows(KvException.class, request::run);
        assertTrue(e.getMessage().contains(sentence), e.getMessage());
        assertEquals(code, e.code());
    }

    private void awaitRemoved(NodeCluster of, String id) {
        eventually(NodeCluster.PATIENCE, () -> {
            assertEquals(Role.SHUTDOWN, of.status(id).role());
            assertEquals(Stage.REMOVED, of.status(id).identity().birth().stage());
        });
    }

    /** The revisions that the node shows, until told to end, which must not go back. */
    private CompletableFuture<Long> watchRevisions(Node node, AtomicBoolean end) {
        return CompletableFuture.supplyAsync(() -> {
            long shown = 0;
            while (!end.get()) {
                OptionalLong now = node.kv().revision();
                if (now.isPresent() && now.getAsLong() < shown) {
                    throw new AssertionError("revision " + now.getAsLong() + " after " + shown);
                }
                shown = Math.max(shown, now.orElse(0));
            }
            return shown;
        });
    }

    @Test
    void aNodeThatIsRemovedAndJoinedAgainNeverShowsLess() throws Exception {
        cluster.form("node1", "node2", "node3");
        List<CompletableFuture<?>> writes = IntStream.range(0, 2000)
                .<CompletableFuture<?>>mapToObj(i -> NodeCluster.begin(cluster.node("node1"), "key" + i, "1"))
                .toList();
        writes.forEach(NodeCluster::await);
        for (int round = 0; round < 3; round++) {
            removeAndJoinAgain(2000 + round);
        }
    }

    /** @param revision of the cluster, before and after that; one more is written then */
    private void removeAndJoinAgain(long revision) throws Exception {
        awaitRevision(revision);
        AtomicBoolean end = new AtomicBoolean();
        CompletableFuture<Long> shown = watchRevisions(cluster.node("node3"), end);
        try {
            NodeCluster.await(cluster.node("node1").membership().remove("node3"));
            awaitRemoved(cluster, "node3");
            cluster.join("node1", "node3");
            cluster.put("node1", "last", "1");
            awaitRevision(revision + 1);
        } finally {
            end.set(true);
        }
        assertEquals(revision + 1, shown.get(20, TimeUnit.SECONDS));
        assertEquals(Stage.MEMBER, cluster.status("node3").identity().birth().stage());
    }

    private void awaitRevision(long revision) {
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(
                        OptionalLong.of(revision), cluster.node("node3").kv().revision()));
    }

    @Test
    void aRefusedJoinLeavesANodeWithoutAGroupAsItWas() {
        cluster.form("node1", "node2");
        try (NodeCluster others = calm(directory.resolve("others"))) {
            others.form("node9", "node2");
            assertEquals(
                    new Removal.Done(),
                    NodeCluster.await(others.node("node9").membership().remove("node2")));
            awaitRemoved(others, "node2");
            refused(
                    Code.CONFLICT,
                    "calls itself node2",
                    () -> cluster.join("node1", "node7", others.address("node2"), false));
            awaitRemoved(others, "node2");
            others.join("node9", "node2");
            others.put("node9", "key", "1");
            eventually(NodeCluster.PATIENCE, () -> assertEquals(Optional.of("1"), others.get("node2", "key")));
        }
    }

    @Test
    void aMemberThatHasLostItsDataIsNotTakenForOne() throws IOException {
        cluster.form("node1", "node2", "node3");
        cluster.stop("node3");
        Path data = cluster.directoryOf("node3");
        Files.move(data.resolve("raft"), directory.resolve("lost"));
        Files.writeString(
                data.resolve("node.properties"),
                Files.readString(data.resolve("node.properties")).replaceFirst("stage=.*", "stage=removed"));
        cluster.start("node3");
        refused(Code.CONFLICT, "is a member and has lost its data", () -> cluster.join("node1", "node3"));
        awaitRemoved(cluster, "node3");
        NodeCluster.await(cluster.node("node1").membership().remove("node3"));
        cluster.join("node1", "node3");
    }

    @Test
    void allServeAndEverybodyKnowsWhereTheyAnswerHttpWhenTheJoinIsAnswered() {
        cluster.form("node1", "node2", "node3");
        for (String id : List.of("node1", "node2", "node3")) {
            assertEquals(Stage.MEMBER, cluster.status(id).identity().birth().stage());
            assertTrue(cluster.node(id).kv().revision().isPresent());
        }
        cluster.status("node1")
                .members()
                .forEach(member -> assertTrue(member.httpAddress().isPresent()));
    }

    /** A leader has given the node its group, and has died before it could send anything. */
    @Test
    void aNodeWhoseJoinBrokeOffCanBeTakenIntoThatClusterAndIntoAnother() throws IOException {
        cluster.form("node1");
        UUID ours = cluster.status("node1").identity().birth().group();
        for (UUID entered : List.of(ours, UUID.randomUUID())) {
            try (NodeCluster others = calm(directory.resolve(entered.toString()))) {
                others.form("node9", "node2");
                NodeCluster.await(others.node("node9").membership().remove("node2"));
                awaitRemoved(others, "node2");
                try (Stranger leader = Stranger.connect(others.address("node2")).greet()) {
                    String node2 = "node2@" + others.address("node2");
                    leader.ask(Kind.ENTER, Stranger.head("node8@127.0.0.1:1", node2, entered));
                }
                assertEquals(
                        Stage.ENTERING,
                        others.status("node2").identity().birth().stage());

                cluster.join("node1", "node2", others.address("node2"), false);
                Birth birth = others.status("node2").identity().birth();
                assertEquals(Stage.MEMBER, birth.stage());
                assertEquals(ours, birth.group());
                cluster.put("node1", "key", "\"" + entered + "\"");
                eventually(
                        NodeCluster.PATIENCE,
                        () -> assertEquals(Optional.of("\"" + entered + "\""), others.get("node2", "key")));
                NodeCluster.await(cluster.node("node1").membership().remove("node2"));
            }
        }
    }

    @Test
    void aStartThatFailsOnABusyPortHasClaimedNothing() throws IOException {
        var config = cluster.config("node1");
        try (ServerSocket busy = new ServerSocket()) {
            busy.bind(new InetSocketAddress("127.0.0.1", config.raftAddress().port()));
            IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> cluster.start(config));
            assertTrue(refusal.getMessage().contains("cannot be opened"), refusal.getMessage());
        }
        assertFalse(Files.exists(config.dataDirectory().resolve("node.properties")));
    }
}
