package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Role;
import dev.raftkv.raft.members.Membership.Joined;
import dev.raftkv.raft.members.Membership.Removal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What people do to a cluster by hand: start, join, remove, stop and start again. */
class ClusterIT {
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

    private static void refused(Code code, String sentence, Executable request) {
        KvException e = assertThrows(KvException.class, request);
        assertTrue(e.getMessage().contains(sentence), e.getMessage());
        assertEquals(code, e.code());
    }

    private Removal remove(String at, String id) {
        return NodeCluster.await(cluster.node(at).membership().remove(id));
    }

    private void eventuallyReads(String node, String key, Optional<String> value) {
        eventually(NodeCluster.PATIENCE, () -> assertEquals(value, cluster.get(node, key)));
    }

    private void assertMembers(String at, String... ids) {
        assertEquals(
                List.of(ids),
                cluster.status(at).members().stream().map(Member::nodeId).toList());
    }

    @Test
    void aNewNodeLeadsItselfAtOnceAndKeepsItsDataOverRestarts() {
        cluster.withElectionTimeout(Duration.ofSeconds(20)).start("node1");
        assertEquals(Role.LEADER, cluster.status("node1").role());
        assertEquals(new Outcome.Stored(1), cluster.put("node1", "key", "\"value\""));
        assertEquals(Optional.of("\"value\""), cluster.get("node1", "key"));
        for (int restart = 0; restart < 3; restart++) {
            cluster.stop("node1");
            cluster.start("node1");
            assertEquals(Role.LEADER, cluster.status("node1").role());
            assertEquals(Optional.of("\"value\""), cluster.get("node1", "key"));
        }
        assertEquals(new Outcome.Stored(2), cluster.put("node1", "key", "2"));
    }

    @Test
    void threeLeadersBecomeOneClusterThatReplicates() {
        cluster.form("node1", "node2", "node3");
        assertEquals("node1", cluster.leaderOf("node1", "node2", "node3"));
        assertMembers("node2", "node1", "node2", "node3");
        cluster.put("node1", "key", "1.10");
        for (String id : List.of("node1", "node2", "node3")) {
            eventuallyReads(id, "key", Optional.of("1.10"));
        }
        refused(Code.NOT_LEADER, "not the leader", () -> cluster.put("node2", "key", "2"));
        cluster.assertStoresEqual();
    }

    @Test
    void aJoinUnderAnotherIdTakesTheNodesOwnIdAndFailoverWorks() {
        cluster.start("node1");
        cluster.start("node2");
        cluster.start("node3");
        Joined second = cluster.join("node1", "node_2", cluster.address("node2"), false);
        assertEquals("node2", second.nodeId());
        assertTrue(second.warning().orElseThrow().contains("node2"), second.warning()::toString);
        cluster.join("node1", "node_3", cluster.address("node3"), false);
        cluster.put("node1", "key", "1");
        cluster.stop("node1");
        String leader = cluster.leaderOf("node2", "node3");
        cluster.put(leader, "key", "2");
        cluster.start("node1");
        eventuallyReads("node1", "key", Optional.of("2"));
        cluster.assertStoresEqual();
    }

    @Test
    void everybodyLearnsWhereTheLeaderAnswersHttp() {
        cluster.form("node1", "node2", "node3");
        String http = cluster.httpAddress("node1");
        eventually(NodeCluster.PATIENCE, () -> {
            NodeStatus status = cluster.status("node3");
            assertEquals(Optional.of(http), status.leaderHttpAddress());
            assertTrue(
                    status.members().stream()
                            .allMatch(member -> member.httpAddress().isPresent()),
                    status::toString);
        });
    }

    @Test
    void joiningAMemberAgainChangesNothing() {
        cluster.form("node1", "node2");
        long index = cluster.status("node1").lastLogIndex();
        Joined again = cluster.join("node1", "node2");
        assertEquals("node2", again.nodeId());
        Joined other = cluster.join(
                "node1",
                "node2",
                new Address("localhost", cluster.address("node2").port()),
                false);
        assertEquals("node2", other.nodeId());
        assertMembers("node1", "node1", "node2");
        assertTrue(cluster.status("node1").lastLogIndex() <= index + 1, "at most node2's announcement was written");
    }

    @Test
    void aDeadAddressIsRefusedAndDoesNoHarm() {
        cluster.start("node1");
        Address dead = new Address("127.0.0.1", NodeCluster.freePort());
        refused(Code.INVALID, "no node answers at " + dead, () -> cluster.join("node1", "node2", dead, false));
        cluster.put("node1", "key", "1");
        assertMembers("node1", "node1");
    }

    @Test
    void aNodeCannotJoinItself() {
        cluster.start("node1");
        Address own = cluster.address("node1");
        refused(Code.CONFLICT, "this node itself", () -> cluster.join("node1", "node2", own, false));
        Address alias = new Address("localhost", own.port());
        refused(Code.CONFLICT, "this node itself", () -> cluster.join("node1", "node2", alias, false));
    }

    @Test
    void anIdThatIsInUseIsRefused() {
        cluster.form("node1", "node2");
        cluster.start("node3");
        refused(
                Code.CONFLICT,
                "the id node1 belongs to",
                () -> cluster.join("node1", "node1", cluster.address("node3"), false));
        try (NodeCluster others = new NodeCluster(directory.resolve("others"))) {
            others.start("node2");
            refused(
                    Code.CONFLICT,
                    "calls itself node2",
                    () -> cluster.join("node1", "node9", others.address("node2"), false));
            assertEquals(Role.LEADER, others.status("node2").role());
        }
        assertMembers("node1", "node1", "node2");
    }

    @Test
    void aNodeThatHoldsKeysIsRefusedUnlessItsDataMayBePutAside() throws IOException {
        cluster.start("node1");
        cluster.start("node2");
        cluster.put("node2", "precious", "1");
        refused(Code.CONFLICT, "node2 holds 1 key", () -> cluster.join("node1", "node2"));
        assertEquals(Optional.of("1"), cluster.get("node2", "precious"));
        cluster.join("node1", "node2", cluster.address("node2"), true);
        eventuallyReads("node2", "precious", Optional.empty());
        try (Stream<Path> kept = Files.list(cluster.directoryOf("node2").resolve("archive"))) {
            assertEquals(1, kept.count());
        }
        cluster.assertStoresEqual();
    }

    @Test
    void aMemberOfAnotherClusterIsRefused() {
        cluster.form("node1", "node2");
        cluster.start("node3");
        cluster.start("node4");
        cluster.join("node3", "node4");
        refused(
                Code.CONFLICT,
                "belongs to another cluster (node3, node4)",
                () -> cluster.join("node1", "node4", cluster.address("node4"), true));
        cluster.put("node3", "key", "1");
        eventuallyReads("node4", "key", Optional.of("1"));
    }

    @Test
    void joinAndRemoveAreForTheLeader() {
        cluster.form("node1", "node2");
        cluster.start("node3");
        refused(Code.NOT_LEADER, "not the leader", () -> cluster.join("node2", "node3"));
        refused(Code.NOT_LEADER, "not the leader", () -> remove("node2", "node1"));
    }

    @Test
    void aRemovedFollowerServesNothingAndCanJoinAgain() {
        cluster.form("node1", "node2", "node3");
        cluster.put("node1", "key", "1");
        assertEquals(new Removal.Done(), remove("node1", "node3"));
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(Role.SHUTDOWN, cluster.status("node3").role()));
        refused(Code.UNAVAILABLE, "no member of a cluster", () -> cluster.get("node3", "key"));
        refused(Code.UNAVAILABLE, "no member of a cluster", () -> cluster.put("node3", "key", "2"));
        cluster.put("node1", "key", "3");
        cluster.stop("node3");
        cluster.start("node3");
        assertEquals(Role.SHUTDOWN, cluster.status("node3").role());
        cluster.join("node1", "node3");
        eventuallyReads("node3", "key", Optional.of("3"));
        assertMembers("node3", "node1", "node2", "node3");
        cluster.assertStoresEqual();
    }

    @Test
    void aNodeThatWasDownWhenItWasRemovedLearnsOfIt() {
        cluster.form("node1", "node2", "node3");
        cluster.put("node1", "key", "1");
        cluster.stop("node3");
        remove("node1", "node3");
        assertMembers("node1", "node1", "node2");
        cluster.put("node1", "key", "2");
        cluster.start("node3");
        // A status is told at every moment of this, also while the group closes.
        long deadline = System.nanoTime() + NodeCluster.PATIENCE.toNanos();
        while (cluster.status("node3").role() != Role.SHUTDOWN) {
            assertTrue(System.nanoTime() < deadline, "node3 did not learn that it was removed");
        }
        eventually(
                NodeCluster.PATIENCE,
                () -> refused(Code.UNAVAILABLE, "no member of a cluster", () -> cluster.get("node3", "key")));
        cluster.join("node1", "node3");
        eventuallyReads("node3", "key", Optional.of("2"));
        cluster.assertStoresEqual();
    }

    @Test
    void anUnknownIdAndTheLastMemberCannotBeRemoved() {
        cluster.start("node1");
        refused(Code.NOT_FOUND, "the members are node1", () -> remove("node1", "node7"));
        refused(Code.CONFLICT, "the only member", () -> remove("node1", "node1"));
        cluster.put("node1", "key", "1");
    }

    @Test
    void aLeaderThatIsRemovedHandsOverFirst() {
        cluster.form("node1", "node2", "node3");
        cluster.put("node1", "key", "1");
        eventually(
                NodeCluster.PATIENCE,
                () -> assertTrue(cluster.status("node1").members().stream()
                        .allMatch(member -> member.httpAddress().isPresent())));
        assertTrue(remove("node1", "node1") instanceof Removal.HandedOver);
        String leader = cluster.leaderOf("node2", "node3");
        assertEquals(new Removal.Done(), remove(leader, "node1"));
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(Role.SHUTDOWN, cluster.status("node1").role()));
        cluster.put(leader, "key", "2");
        cluster.join(leader, "node1");
        eventuallyReads("node1", "key", Optional.of("2"));
        cluster.assertStoresEqual();
    }

    @Test
    void aStoppingLeaderHandsOver() {
        cluster.form("node1", "node2", "node3");
        long term = cluster.status("node2").term();
        cluster.stop("node1");
        String leader = cluster.leaderOf("node2", "node3");
        assertEquals(term + 1, cluster.status(leader).term(), "one election, without a timeout");
        cluster.put(leader, "key", "1");
    }

    @Test
    void allNodesRestartWithTheirData() {
        cluster.form("node1", "node2", "node3");
        for (int i = 0; i < 100; i++) {
            cluster.put("node1", "key" + i % 10, Integer.toString(i));
        }
        List.of("node1", "node2", "node3").forEach(cluster::stop);
        List.of("node3", "node2", "node1").forEach(cluster::start);
        for (String id : List.of("node1", "node2", "node3")) {
            eventuallyReads(id, "key9", Optional.of("99"));
        }
        String leader = cluster.leaderOf("node1", "node2", "node3");
        assertEquals(new Outcome.Stored(101), cluster.put(leader, "key", "1"));
        cluster.assertStoresEqual();
    }

    @Test
    void aNodeWhoseDataIsGoneDoesNotStartAnew() throws IOException {
        cluster.form("node1", "node2", "node3");
        cluster.stop("node3");
        Path raft = cluster.directoryOf("node3").resolve("raft");
        Files.move(raft, directory.resolve("taken away"));
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> cluster.start("node3"));
        assertTrue(e.getMessage().contains("the data of node node3 is gone"), e.getMessage());
        Files.delete(raft);
        Files.move(directory.resolve("taken away"), raft);
        cluster.start("node3");
        cluster.leaderOf("node1", "node2", "node3");
    }

    @Test
    void aDirectoryServesOneNodeAtATimeAndOnlyItsOwn() {
        cluster.start("node1");
        IllegalStateException inUse =
                assertThrows(IllegalStateException.class, () -> cluster.start(cluster.config("node1")));
        assertTrue(inUse.getMessage().contains("in use by another raftkv node"), inUse.getMessage());
        cluster.stop("node1");
        IllegalStateException moved =
                assertThrows(IllegalStateException.class, () -> cluster.start(cluster.config("node1")));
        assertTrue(moved.getMessage().contains("belongs to node node1 at"), moved.getMessage());
        cluster.start("node1");
    }
}
