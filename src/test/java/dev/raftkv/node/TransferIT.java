package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The leadership goes where somebody wants it. */
@Timeout(120)
class TransferIT {
    @TempDir
    Path directory;

    private NodeCluster cluster;

    @BeforeEach
    void open() {
        cluster = new NodeCluster(directory).form("a", "b", "c");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private String transfer(String leader, Optional<String> to) {
        return NodeCluster.await(cluster.node(leader).membership().transfer(to));
    }

    private void refused(Code code, String sentence, String leader, String to) {
        KvException e = assertThrows(KvException.class, () -> transfer(leader, Optional.of(to)));
        assertTrue(e.getMessage().contains(sentence), e.getMessage());
        assertEquals(code, e.code());
        assertEquals(Role.LEADER, cluster.status(leader).role());
        cluster.put(leader, "still", "\"" + to + "\"");
    }

    @Test
    void theLeadershipGoesRound() {
        String leader = cluster.leaderOf("a", "b", "c");
        for (int i = 0; i < 6; i++) {
            String next = List.of("a", "b", "c").get((List.of("a", "b", "c").indexOf(leader) + 1) % 3);
            cluster.put(leader, "key" + i, "1");
            assertEquals(next, transfer(leader, Optional.of(next)));
            assertEquals(Role.LEADER, cluster.status(next).role());
            leader = next;
        }
        String any = transfer(leader, Optional.empty());
        assertNotEquals(leader, any);
        cluster.put(any, "last", "1");
        assertEquals(any, transfer(any, Optional.of(any)));
        cluster.assertStoresEqual();
    }

    @Test
    void theLeaderStaysWhereNobodyCanTakeOver() {
        String leader = cluster.leaderOf("a", "b", "c");
        cluster.start("learner");
        cluster.joinLearner(leader, "learner");
        refused(Code.NOT_FOUND, "no member is called x; the members are a, b, c, learner", leader, "x");
        refused(Code.CONFLICT, "is a learner", leader, "learner");
        String gone = leader.equals("a") ? "b" : "a";
        cluster.stop(gone);
        eventually(NodeCluster.PATIENCE, () -> refused(Code.UNAVAILABLE, "has not answered for", leader, gone));
        KvException e = assertThrows(KvException.class, () -> transfer("learner", Optional.of(leader)));
        assertEquals(Code.NOT_LEADER, e.code());
        cluster.start(gone);
        cluster.leaderOf("a", "b", "c");
        cluster.assertStoresEqual();
    }

    @Test
    void aSnapshotIsTakenWhenAsked() {
        String leader = cluster.leaderOf("a", "b", "c");
        cluster.put(leader, "key", "1");
        for (String id : List.of("a", "b", "c")) {
            cluster.awaitValue(id, "key", "1");
            long index = NodeCluster.await(cluster.node(id).takeSnapshot());
            assertEquals(index, cluster.status(id).lastSnapshotIndex());
            assertTrue(index > 0 && index <= cluster.status(id).appliedIndex(), "index " + index);
            assertEquals(index, NodeCluster.await(cluster.node(id).takeSnapshot()), "nothing was changed since");
        }
        cluster.assertStoresEqual();
    }
}
