package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.members.Membership.Asked;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Joins after which everything would hang on the new voter. */
@Timeout(120)
class WeakeningJoinIT {
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

    private void refused(String leader, String id, String sentence) {
        KvException e =
                assertThrows(KvException.class, () -> cluster.join(leader, Asked.voter(id, cluster.address(id))));
        assertEquals(Code.CONFLICT, e.code(), e.getMessage());
        assertTrue(e.getMessage().contains(sentence), e.getMessage());
    }

    @Test
    void aFourthVoterIsRefusedWhileOneOfThreeIsDead() {
        cluster.form("a", "b", "c");
        String leader = cluster.leaderOf("a", "b", "c");
        String dead = leader.equals("a") ? "b" : "a";
        cluster.stop(dead);
        cluster.start("d");
        cluster.put("d", "own", "1");
        refused(leader, "d", dead + " does not answer, so 2 of 3 voters are in touch; with d it would take 3 of 4");
        assertEquals(3, cluster.status(leader).members().size());
        assertEquals(Stage.MEMBER, cluster.status("d").identity().birth().stage());
        assertEquals(1, cluster.status("d").members().size(), "it has left its own cluster");

        // A learner can always come, and is not promoted either.
        NodeCluster.await(
                cluster.node(leader).membership().join(new Asked("d", cluster.address("d"), true, true, false)));
        cluster.awaitLearner("d");
        refused(leader, "d", "Remove " + dead + " first, or join with \"force\": true");

        NodeCluster.await(cluster.node(leader).membership().remove(dead));
        cluster.join(leader, Asked.voter("d", cluster.address("d")));
        cluster.put(leader, "key", "1");
        cluster.assertStoresEqual();
    }

    @Test
    void aFourthVoterIsTakenByForce() {
        cluster.form("a", "b", "c");
        String leader = cluster.leaderOf("a", "b", "c");
        String dead = leader.equals("a") ? "b" : "a";
        cluster.stop(dead);
        cluster.start("d");
        cluster.join(leader, new Asked("d", cluster.address("d"), false, false, true));
        assertEquals(4, cluster.status(leader).members().size());
        cluster.put(leader, "key", "1");
        cluster.start(dead);
        cluster.leaderOf("a", "b", "c", "d");
        cluster.assertStoresEqual();
    }

    /** Their leader goes on for a while, and would write a change that nobody can commit. */
    @Test
    void aThirdVoterIsRefusedWhileOneOfTwoIsDead() {
        cluster.withElectionTimeout(Duration.ofSeconds(5)).form("a", "b");
        cluster.start("c");
        cluster.stop("b");
        long index = cluster.status("a").lastLogIndex();
        eventually(
                Duration.ofSeconds(8),
                () -> assertEquals(Optional.of(Set.of()), cluster.node("a").inTouch()));
        KvException e =
                assertThrows(KvException.class, () -> cluster.join("a", Asked.voter("c", cluster.address("c"))));
        assertEquals(Code.CONFLICT, e.code(), e.getMessage());
        assertTrue(e.getMessage().startsWith("b does not answer, so 1 of 2 voters are in touch"), e.getMessage());
        assertEquals(index, cluster.status("a").lastLogIndex());

        cluster.start("b");
        String leader = cluster.leaderOf("a", "b");
        cluster.join(leader, Asked.voter("c", cluster.address("c")));
        cluster.assertStoresEqual();
    }
}
