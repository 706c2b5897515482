package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import dev.raftkv.raft.members.Membership.Asked;
import dev.raftkv.raft.members.Membership.Joined;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.TestConfigs;
import dev.raftkv.testkit.Together;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.server.RaftServer;

/** Some nodes of one cluster in this JVM, as the classes of this package see them. Numbered from 0; null while stopped. */
final class RaftNodes implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path directory;
    private final Duration electionTimeout;
    private final List<NodeConfig> configs = new ArrayList<>();
    private final List<RaftNode> nodes = new ArrayList<>();

    private RaftNodes(Path directory, Duration electionTimeout) {
        this.directory = directory;
        this.electionTimeout = electionTimeout;
    }

    /** Starts them and joins them to the first. */
    static RaftNodes form(Path directory, int size, Duration electionTimeout) throws Exception {
        RaftNodes formed = new RaftNodes(directory, electionTimeout);
        try {
            for (int number = 0; number < size; number++) {
                formed.startAnother();
            }
            for (int joiner = 1; joiner < size; joiner++) {
                formed.join(joiner).get(30, TimeUnit.SECONDS);
            }
            return formed;
        } catch (Exception | Error e) {
            formed.close();
            throw e;
        }
    }

    /** Starts one more, in a cluster of its own; returns its number. */
    int startAnother() throws IOException {
        int number = configs.size();
        configs.add(config("node" + number, FreePorts.take(1).get(0)));
        nodes.add(null);
        start(number);
        return number;
    }

    /** Asks the first to take one in. */
    CompletableFuture<Joined> join(int number) {
        NodeConfig joiner = configs.get(number);
        return node(0).membership().join(Asked.voter(joiner.nodeId(), joiner.raftAddress()));
    }

    private NodeConfig config(String id, int port) {
        return TestConfigs.with(
                TestConfigs.node(directory, id, port), TestConfigs.timeouts(electionTimeout, Duration.ofSeconds(30)));
    }

    void start(int number) throws IOException {
        RaftNode node = new RaftPart(configs.get(number)).node;
        nodes.set(number, node);
        node.start();
    }

    void stop(int number) {
        RaftNode node = nodes.set(number, null);
        if (node != null) {
            node.close();
        }
    }

    RaftNode node(int number) {
        return nodes.get(number);
    }

    RaftServer.Division division(int number) {
        return RaftPart.server(node(number)).division().orElseThrow();
    }

    boolean leads(int number) {
        return division(number).getInfo().isLeader();
    }

    /** Of the log, committed or not. */
    long lastIndex(int number) {
        return division(number).getRaftLog().getLastEntryTermIndex().getIndex();
    }

    /** The one node that leads, which all that run follow. */
    int awaitLeader() {
        return eventually(PATIENCE, () -> {
            List<Integer> leaders = new ArrayList<>();
            for (int number = 0; number < nodes.size(); number++) {
                if (nodes.get(number) != null && leads(number)) {
                    leaders.add(number);
                }
            }
            assertEquals(1, leaders.size(), "leaders: " + leaders);
            for (RaftNode node : nodes) {
                if (node != null) {
                    assertEquals(
                            RaftPart.server(node(leaders.get(0))).name().id(),
                            RaftPart.server(node)
                                    .division()
                                    .orElseThrow()
                                    .getInfo()
                                    .getLeaderId());
                }
            }
            return leaders.get(0);
        });
    }

    /** Makes a follower stand, as a leader does that hands over. */
    static void elect(RaftNode node) throws IOException {
        RaftServer.Division division = RaftPart.server(node).division().orElseThrow();
        RaftPart.server(node)
                .raft()
                .startLeaderElection(StartLeaderElectionRequestProto.newBuilder()
                        .setServerRequest(RaftRpcRequestProto.newBuilder()
                                .setRequestorId(division.getInfo().getLeaderId().toByteString())
                                .setReplyId(RaftPart.server(node).name().id().toByteString())
                                .setRaftGroupId(RaftGroupIdProto.newBuilder()
                                        .setId(division.getMemberId()
                                                .getGroupId()
                                                .toByteString())))
                        .setLeaderLastEntry(
                                division.getRaftLog().getLastEntryTermIndex().toProto())
                        .build());
    }

    CompletableFuture<Outcome> put(int number, String key, String value) {
        return node(number)
                .replicator()
                .write(Write.of(new Command.Put(
                        Key.of(key), new JsonText(('"' + value + '"').getBytes(StandardCharsets.UTF_8)))));
    }

    @Override
    public void close() {
        List<RaftNode> left = nodes.stream().filter(Objects::nonNull).toList();
        nodes.replaceAll(node -> null);
        // As in RaftCluster.
        left.forEach(RaftNode::retire);
        Together.each(left, RaftNode::close);
    }
}
