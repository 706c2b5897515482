package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.members.Membership.Joined;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node is a member when nobody can take that back. */
@Timeout(120)
class EnteringIT {
    /** So long a leader leads without the others, and what it has begun waits for them. */
    private static final Duration CALM = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    @Test
    void aConfigurationThatIsNotCommittedMakesNobodyAMember() throws Exception {
        try (RaftNodes nodes = RaftNodes.form(directory, 2, CALM)) {
            int entering = nodes.startAnother();
            nodes.stop(1);
            CompletableFuture<Joined> join = nodes.join(entering);

            // It has the entry that names it, and has heard of and applied all that is committed.
            RaftServer.Division leader = nodes.division(0);
            eventually(RaftNodes.PATIENCE, () -> {
                RaftServer.Division joiner = nodes.division(entering);
                assertTrue(joiner.getRaftConf().getCurrentPeers().stream()
                        .map(RaftPeer::getId)
                        .anyMatch(joiner.getId()::equals));
                long committed = leader.getRaftLog().getLastCommittedIndex();
                assertEquals(committed, joiner.getInfo().getLastAppliedIndex());
                assertTrue(committed < joiner.getRaftConf().getLogEntryIndex());
                assertEquals(
                        OptionalLong.of(committed),
                        nodes.node(entering).figures().knownCommitIndex());
            });
            KvException refusal =
                    assertThrows(KvException.class, nodes.node(entering).replicator()::store);
            assertEquals(Code.UNAVAILABLE, refusal.code());
            assertEquals(Stage.ENTERING, stage(nodes, entering));

            nodes.start(1);
            join.get(RaftNodes.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertEquals(Stage.MEMBER, stage(nodes, entering));
            nodes.node(entering).replicator().store();
        }
    }

    private static Stage stage(RaftNodes nodes, int number) {
        return nodes.node(number).status().read().identity().birth().stage();
    }
}
