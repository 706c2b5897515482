package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.Identity;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Stranger;
import dev.raftkv.raft.wire.Traffic.Direction;
import dev.raftkv.testkit.TestConfigs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.thirdparty.com.google.protobuf.Int64Value;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Read indexes of real nodes, by questions and by entries. */
@Timeout(120)
class ReadsIT {
    private static final List<String> NODES = List.of("node1", "node2", "node3");
    private static final int READS = 50;

    @TempDir
    Path directory;

    private RaftCluster cluster;

    @BeforeEach
    void open() throws Exception {
        // Long enough that a leader without the others is one still when it is asked, however busy the machine is.
        cluster = new RaftCluster(
                usual -> TestConfigs.with(usual, TestConfigs.timeouts(Duration.ofMillis(1500), Duration.ofSeconds(30))),
                directory,
                "node1",
                "node2",
                "node3");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** What each node says to each over HTTP, which these do not have. */
    private void tell(int level) {
        for (String listener : NODES) {
            for (String id : NODES) {
                Identity member = cluster.node(id).status().read().identity();
                cluster.node(listener).understanding().told(new PeerName(id, member.raftAddress()), level);
            }
        }
    }

    private CompletableFuture<Long> read(String node) {
        return cluster.node(node).replicator().readIndex();
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(RaftCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static Code refusal(CompletableFuture<Long> read) {
        Throwable cause =
                assertThrows(ExecutionException.class, () -> await(read)).getCause();
        return assertInstanceOf(KvException.class, cause).code();
    }

    private long lastEntry(String node) {
        return cluster.node(node).status().read().lastLogIndex();
    }

    /** Questions and answers. */
    private long sent(String node, Kind kind) {
        return cluster.node(node).figures().traffic().messages(Direction.SENT, kind);
    }

    /** The first question at a node may find no connection. */
    private void settle(String node) {
        eventually(RaftCluster.PATIENCE, () -> {
            long before = lastEntry("node1");
            await(read(node));
            assertEquals(before, lastEntry("node1"));
        });
    }

    @Test
    void readsMakeNoEntryAtTheLeaderNorAtAFollower() throws Exception {
        tell(Identity.LOG_LEVEL);
        RaftCluster.put(cluster.awaitLeader("node1"), "key", 0);
        long written = cluster.node("node1").replicator().store().position().index();
        for (String node : NODES) {
            settle(node);
            long before = lastEntry("node1");
            for (int i = 0; i < READS; i++) {
                assertTrue(await(read(node)) >= written);
            }
            assertEquals(before, lastEntry("node1"), "after reads at " + node);
        }
        assertTrue(sent("node1", Kind.TERM) >= 3 * READS);
        assertTrue(sent("node2", Kind.READ_INDEX) >= READS);
    }

    @Test
    void readsMakeEntriesWhileTheOthersMayBeOfTheVersionBefore() throws Exception {
        tell(2);
        long before = lastEntry("node1");
        await(read("node1"));
        assertTrue(lastEntry("node1") > before);
        assertEquals(Code.NOT_LEADER, refusal(read("node2")));
        assertEquals(0, sent("node1", Kind.TERM));
        assertEquals(0, sent("node2", Kind.READ_INDEX));
    }

    /** No read waits for it, but it is not there for a majority either. */
    @Test
    void withOneMemberDeadReadsGoOnAndWithTwoThereIsNoIndex() throws Exception {
        tell(Identity.LOG_LEVEL);
        settle("node1");
        cluster.stop("node3");
        settle("node1");
        cluster.stop("node2");
        Code refusal = refusal(read("node1"));
        assertTrue(refusal == Code.UNAVAILABLE || refusal == Code.NOT_LEADER, refusal::toString);
    }

    /** A node that is asked for its vote must not wait for a read that nobody can confirm. */
    @Test
    void whatOthersAskWaitsForNoRead() throws Exception {
        Identity leader = cluster.node("node1").status().read().identity();
        Identity member = cluster.node("node2").status().read().identity();
        RaftRpcRequestProto head = Stranger.head(
                "node2@" + member.raftAddress(),
                "node1@" + leader.raftAddress(),
                leader.birth().group());
        try (Stranger node2 = Stranger.connect(leader.raftAddress()).greet()) {
            cluster.stop("node3");
            cluster.stop("node2");
            node2.send(Kind.READ_INDEX, head.toByteArray());
            byte[] first = node2.ask(Kind.TERM, head);
            assertTrue(Int64Value.parseFrom(first).getValue() > 0);
        }
    }

    @Test
    void anotherLeaderAnswersAfterAHandover() throws Exception {
        tell(Identity.LOG_LEVEL);
        settle("node1");
        cluster.handOver("node1", "node2");
        long answered = sent("node1", Kind.TERM);
        for (String node : NODES) {
            eventually(RaftCluster.PATIENCE, () -> await(read(node)));
        }
        assertTrue(sent("node1", Kind.TERM) > answered);
    }
}
