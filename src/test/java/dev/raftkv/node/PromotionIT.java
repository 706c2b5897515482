package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Stranger;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A leader that dies while it makes a learner a voter: played here, as whoever has its name and sends the entry that says so. */
@Timeout(120)
class PromotionIT {
    private static final long LATER = 1000;

    @TempDir
    Path directory;

    private NodeCluster cluster;

    @BeforeEach
    void open() {
        cluster = new NodeCluster(directory).withElectionTimeout(Duration.ofSeconds(2));
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** Three of four have to vote then, and there are no more than three. */
    @Test
    void theLearnerVotesAsSoonAsItsLogSaysSoAndTheOthersCanLead() throws IOException {
        cluster.form("a", "b", "c");
        cluster.start("d");
        String dead = cluster.leaderOf("a", "b", "c");
        cluster.joinLearner(dead, "d");
        cluster.put(dead, "before", "1");
        UUID group = cluster.status(dead).identity().birth().group();
        cluster.stop(dead);

        List<String> voters =
                Stream.of("a", "b", "c").filter(id -> !id.equals(dead)).toList();
        List<String> left = Stream.concat(voters.stream(), Stream.of("d")).toList();
        cluster.leaderOf(voters.toArray(String[]::new));
        NodeStatus end = awaitSameLog(left);
        long term = end.term() + LATER;
        LogEntryProto change = LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(end.lastLogIndex() + 1)
                .setConfigurationEntry(RaftConfigurationProto.newBuilder()
                        .addAllPeers(peers("a", "b", "c", "d"))
                        .addAllOldPeers(peers("a", "b", "c"))
                        .addAllOldListeners(peers("d")))
                .build();
        for (String id : left) {
            append(dead, id, group, end, change);
        }
        // It hands over with its last breath, so that it is known who wins, and when: who cannot begin to lead is
        // followed by another.
        String heir = voters.get(0);
        elect(dead, heir, group, change);

        String next = cluster.leaderOf(left.toArray(String[]::new));
        assertEquals(heir, next);
        assertEquals(term + 1, cluster.status(next).term());
        cluster.put(next, "after", "2");
        for (String id : left) {
            cluster.awaitValue(id, "after", "2");
            assertEquals(
                    List.of("a", "b", "c", "d"),
                    cluster.status(id).members().stream()
                            .filter(Member::voter)
                            .map(Member::nodeId)
                            .sorted()
                            .toList());
        }
        assertNotEquals(Role.LEARNER, cluster.status("d").role());
        cluster.start(dead);
        cluster.awaitValue(dead, "after", "2");
        cluster.leaderOf("a", "b", "c", "d");
        cluster.assertStoresEqual();
    }

    /** All have the last entry, know that it is committed, and write nothing more. */
    private NodeStatus awaitSameLog(List<String> ids) {
        return eventually(NodeCluster.PATIENCE, () -> {
            NodeStatus first = cluster.status(ids.get(0));
            for (String id : ids) {
                NodeStatus other = cluster.status(id);
                assertEquals(first.term(), other.term(), id);
                assertEquals(first.lastLogIndex(), other.lastLogIndex(), id);
                assertEquals(first.lastLogTerm(), other.lastLogTerm(), id);
                assertEquals(first.commitIndex(), other.commitIndex(), id);
            }
            assertEquals(first.term(), first.lastLogTerm(), "the new leader's own entry");
            return first;
        });
    }

    private List<RaftPeerProto> peers(String... ids) {
        return Stream.of(ids)
                .map(id -> RaftPeerProto.newBuilder()
                        .setId(ByteString.copyFromUtf8(name(id)))
                        .setAddress(cluster.address(id).toString())
                        .setStartupRole(RaftPeerRole.FOLLOWER)
                        .build())
                .toList();
    }

    private String name(String id) {
        return id + "@" + cluster.address(id);
    }

    private void elect(String leader, String heir, UUID group, LogEntryProto last) throws IOException {
        try (Stranger stranger = Stranger.connect(cluster.address(heir)).greet()) {
            StartLeaderElectionReplyProto reply = StartLeaderElectionReplyProto.parseFrom(stranger.ask(
                    Kind.ELECT,
                    StartLeaderElectionRequestProto.newBuilder()
                            .setServerRequest(Stranger.head(name(leader), name(heir), group))
                            .setLeaderLastEntry(TermIndexProto.newBuilder()
                                    .setTerm(last.getTerm())
                                    .setIndex(last.getIndex()))
                            .build()));
            assertTrue(reply.getServerReply().getSuccess(), reply::toString);
        }
    }

    private void append(String leader, String to, UUID group, NodeStatus end, LogEntryProto entry) throws IOException {
        try (Stranger stranger = Stranger.connect(cluster.address(to)).greet()) {
            AppendEntriesReplyProto reply = AppendEntriesReplyProto.parseFrom(stranger.ask(
                    Kind.APPEND,
                    AppendEntriesRequestProto.newBuilder()
                            .setServerRequest(Stranger.head(name(leader), name(to), group))
                            .setLeaderTerm(entry.getTerm())
                            .setPreviousLog(TermIndexProto.newBuilder()
                                    .setTerm(end.lastLogTerm())
                                    .setIndex(end.lastLogIndex()))
                            .setLeaderCommit(end.commitIndex())
                            .addEntries(entry)
                            .build()));
            assertEquals(AppendResult.SUCCESS, reply.getResult(), reply::toString);
        }
    }
}
