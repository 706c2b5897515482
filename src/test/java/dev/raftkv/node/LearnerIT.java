package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Member;
import dev.raftkv.model.Role;
import dev.raftkv.raft.members.Membership.Asked;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Members that get everything and have no say. */
@Timeout(180)
class LearnerIT {
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

    private List<String> voters(String at) {
        return cluster.status(at).members().stream()
                .filter(Member::voter)
                .map(Member::nodeId)
                .toList();
    }

    private void writeMany(String leader, int keys) {
        List<CompletableFuture<?>> writes = IntStream.range(0, keys)
                .<CompletableFuture<?>>mapToObj(i -> NodeCluster.begin(cluster.node(leader), "key" + i, "1"))
                .toList();
        writes.forEach(NodeCluster::await);
    }

    @Test
    void aLearnerGetsEverythingAndDoesNotCountForACommit() {
        cluster.form("a", "b");
        cluster.start("learner");
        String leader = cluster.leaderOf("a", "b");
        cluster.put(leader, "before", "1");
        cluster.joinLearner(leader, "learner");
        cluster.put(leader, "after", "2");
        cluster.awaitValue("learner", "before", "1");
        cluster.awaitValue("learner", "after", "2");
        assertEquals(List.of("a", "b"), voters("learner"));
        assertEquals(List.of("a", "b"), voters(leader));

        String other = leader.equals("a") ? "b" : "a";
        cluster.stop(other);
        assertThrows(KvException.class, () -> cluster.put(leader, "alone", "3"));
        // Nor does it vote.
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(Optional.empty(), cluster.status(leader).leaderId()));
        assertEquals(Role.LEARNER, cluster.status("learner").role());

        cluster.start(other);
        String next = cluster.leaderOf("a", "b");
        cluster.put(next, "again", "4");
        cluster.awaitValue("learner", "again", "4");
        cluster.assertStoresEqual();
    }

    @Test
    void aLearnerStaysOneThroughRestartsAndChangesOfTheLeader() {
        cluster.form("a", "b", "c");
        cluster.start("learner");
        cluster.joinLearner("a", "learner");
        String first = cluster.leaderOf("a", "b", "c");
        cluster.stop(first);
        String[] left =
                List.of("a", "b", "c").stream().filter(id -> !id.equals(first)).toArray(String[]::new);
        String second = cluster.leaderOf(left);
        cluster.put(second, "second", "1");
        cluster.awaitValue("learner", "second", "1");
        assertEquals(Role.LEARNER, cluster.status("learner").role());

        cluster.stop("learner");
        writeMany(second, 100);
        cluster.start("learner");
        cluster.awaitValue("learner", "key99", "1");
        cluster.awaitLearner("learner");
        cluster.start(first);
        assertEquals(List.of("a", "b", "c"), voters("learner"));
        cluster.leaderOf("a", "b", "c", "learner");
        cluster.assertStoresEqual();
    }

    @Test
    void aLearnerThatIsJoinedAsAVoterVotes() {
        cluster.form("a", "b");
        cluster.start("c");
        String leader = cluster.leaderOf("a", "b");
        // At once, when the learner may not know yet what it is.
        cluster.join(leader, Asked.learner("c", cluster.address("c")));
        cluster.join(leader, Asked.voter("c", cluster.address("c")));
        assertEquals(List.of("a", "b", "c"), voters(leader));
        cluster.put(leader, "key", "1");

        cluster.stop(leader);
        String other = leader.equals("a") ? "b" : "a";
        String next = cluster.leaderOf(other, "c");
        cluster.put(next, "key", "2");
        cluster.start(leader);
        cluster.leaderOf("a", "b", "c");
        cluster.assertStoresEqual();
    }

    @Test
    void aLearnerIsPromotedByALeaderThatHasNotAddedItAndAfterARestart() {
        cluster.form("a");
        cluster.start("b");
        cluster.joinLearner("a", "b");
        cluster.stop("a");
        cluster.stop("b");
        cluster.start("b");
        cluster.start("a");
        cluster.leaderOf("a");
        cluster.awaitLearner("b");
        KvException refused = assertThrows(
                KvException.class,
                () -> NodeCluster.await(cluster.node("a").membership().remove("a")));
        assertEquals(Code.CONFLICT, refused.code());
        assertTrue(refused.getMessage().contains("the only voter"), refused.getMessage());
        KvException kept = assertThrows(
                KvException.class,
                () -> NodeCluster.await(cluster.node("a").membership().transfer(Optional.empty())));
        assertEquals(Code.CONFLICT, kept.code(), kept.getMessage());

        cluster.join("a", Asked.voter("b", cluster.address("b")));
        assertEquals(List.of("a", "b"), voters("a"));
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(Role.FOLLOWER, cluster.status("b").role()));
        assertEquals("b", NodeCluster.await(cluster.node("a").membership().transfer(Optional.of("b"))));
        cluster.put("b", "key", "1");
        cluster.assertStoresEqual();
    }

    @Test
    void aLearnerCatchesUpByASnapshot() {
        cluster.form("a", "b", "c");
        writeMany("a", 2000);
        String leader = cluster.leaderOf("a", "b", "c");
        long snapshot = NodeCluster.await(cluster.node(leader).takeSnapshot());
        cluster.start("learner");
        cluster.joinLearner(leader, "learner");
        assertEquals(snapshot, cluster.status("learner").lastSnapshotIndex());
        cluster.awaitValue("learner", "key1999", "1");
        cluster.put(leader, "last", "1");
        cluster.awaitValue("learner", "last", "1");
        cluster.assertStoresEqual();
    }

    @Test
    void aLearnerIsRemoved() {
        cluster.form("a", "b");
        cluster.start("learner");
        cluster.joinLearner("a", "learner");
        NodeCluster.await(cluster.node("a").membership().remove("learner"));
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(
                        Stage.REMOVED,
                        cluster.status("learner").identity().birth().stage()));
        assertEquals(2, cluster.status("a").members().size());
        assertFalse(cluster.node("learner").kv().revision().isPresent());
        cluster.joinLearner("a", "learner");
        cluster.put("a", "key", "1");
        cluster.awaitValue("learner", "key", "1");
        cluster.assertStoresEqual();
    }

    @Test
    void aDeadLearnerIsInNobodysWay() {
        cluster.withElectionTimeout(Duration.ofMillis(500)).form("a", "b");
        cluster.start("learner");
        String leader = cluster.leaderOf("a", "b");
        cluster.joinLearner(leader, "learner");
        // The leader knows by now that it has caught up.
        cluster.put(leader, "key", "1");
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(Role.LEARNER, cluster.status("learner").role()));
        cluster.stop("learner");
        cluster.start("c");
        cluster.join(leader, Asked.voter("c", cluster.address("c")));
        assertEquals(List.of("a", "b", "c"), voters(leader));

        cluster.start("learner");
        cluster.put(leader, "key", "2");
        cluster.awaitValue("learner", "key", "2");
        cluster.assertStoresEqual();
    }

    @Test
    void aVoterIsNotMadeALearner() {
        cluster.form("a", "b");
        KvException refused =
                assertThrows(KvException.class, () -> cluster.join("a", Asked.learner("b", cluster.address("b"))));
        assertEquals(Code.CONFLICT, refused.code());
        assertTrue(refused.getMessage().contains("b is a voter"), refused.getMessage());
        assertEquals(List.of("a", "b"), voters("a"));
    }
}
