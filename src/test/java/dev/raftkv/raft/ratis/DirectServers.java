package dev.raftkv.raft.ratis;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Address;
import dev.raftkv.testkit.TestConfigs;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexReplyProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;
import org.apache.ratis.statemachine.impl.BaseStateMachine;

/**
 * Servers of Ratis in this JVM that call each other directly, so that a test has a hand in each call that brings entries. The
 * first leads. Heartbeats are so seldom that what one would mend later shows.
 */
final class DirectServers implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final Duration ELECTION = Duration.ofSeconds(20);

    /** What happens to a call on its way. */
    interface Passage {
        /** @param atOnce whether nobody waits for the answer */
        CompletableFuture<AppendEntriesReplyProto> pass(boolean atOnce, AppendEntriesRequestProto request, Rest rest)
                throws IOException;
    }

    /** What would happen to it otherwise. */
    interface Rest {
        CompletableFuture<AppendEntriesReplyProto> go() throws IOException;
    }

    /** Keeps nothing. */
    private static final class Machine extends BaseStateMachine implements LogWitness {
        @Override
        public boolean hasLogFailed() {
            return false;
        }
    }

    private final Map<RaftPeerId, RaftServer> servers = new ConcurrentHashMap<>();
    private final List<OwnServer> all = new ArrayList<>();
    private volatile Passage passage = (atOnce, request, rest) -> rest.go();

    DirectServers(Path directory, int count) throws IOException {
        List<PeerName> names = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            names.add(new PeerName("node" + i, new Address("127.0.0.1", i)));
        }
        RaftGroup group = RaftGroup.valueOf(
                RaftGroupId.valueOf(UUID.randomUUID()),
                names.stream().map(PeerName::peer).toList());
        for (int i = count - 1; i >= 0; i--) {
            all.add(0, start(directory, names.get(i), group, i == 0));
        }
        eventually(PATIENCE, () -> assertTrue(leader().isLedReadily()));
    }

    private OwnServer start(Path directory, PeerName name, RaftGroup group, boolean first) throws IOException {
        NodeConfig config =
                TestConfigs.node(directory, name.nodeId(), name.address().port());
        config = TestConfigs.with(config, TestConfigs.timeouts(ELECTION, PATIENCE));
        RaftProperties settings = RaftSettings.server(config, directory.resolve(name.nodeId()));
        if (first) {
            RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(settings, RaftSettings.millis(500));
            RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(settings, RaftSettings.millis(1000));
        }
        ThreadGroup threads = new ThreadGroup(name.toString());
        RaftServer server = RaftServer.newBuilder()
                .setServerId(name.id())
                .setGroup(group)
                .setProperties(settings)
                .setParameters(Transport.parameters(Calls::new))
                .setStateMachine(new Machine())
                .setThreadGroup(threads)
                .build();
        OwnServer own = new OwnServer(name);
        own.use(server, threads);
        server.start();
        own.holds(group.getGroupId());
        return own;
    }

    OwnServer leader() {
        return all.get(0);
    }

    OwnServer node(int number) {
        return all.get(number - 1);
    }

    /** From now on. */
    void pass(Passage next) {
        passage = next;
    }

    /** Writes, and waits for less than the time between two heartbeats. */
    void write() throws Exception {
        assertTrue(
                leader().submit(Message.valueOf("entry"))
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        .isSuccess(),
                "written");
    }

    @Override
    public void close() throws IOException {
        passage = (atOnce, request, rest) -> rest.go();
        for (OwnServer server : all) {
            server.close();
        }
    }

    private final class Calls implements RaftServerRpc, RaftServerAsynchronousProtocol {
        private final RaftServer server;

        Calls(RaftServer server) {
            this.server = server;
        }

        private RaftServer to(RaftRpcRequestProto head) throws IOException {
            RaftServer called = servers.get(RaftPeerId.valueOf(head.getReplyId()));
            if (called == null) {
                throw new IOException("not started yet");
            }
            return called;
        }

        private CompletableFuture<AppendEntriesReplyProto> append(boolean atOnce, AppendEntriesRequestProto request)
                throws IOException {
            RaftServer called = to(request.getServerRequest());
            return passage.pass(atOnce, request, () -> called.appendEntriesAsync(request));
        }

        @Override
        public CompletableFuture<AppendEntriesReplyProto> appendEntriesAsync(AppendEntriesRequestProto request)
                throws IOException {
            return append(true, request);
        }

        @Override
        public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) throws IOException {
            try {
                return append(false, request).get(ELECTION.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new IOException(e);
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
        }

        @Override
        public CompletableFuture<ReadIndexReplyProto> readIndexAsync(ReadIndexRequestProto request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
            return to(request.getServerRequest()).requestVote(request);
        }

        @Override
        public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
            return to(request.getServerRequest()).installSnapshot(request);
        }

        @Override
        public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
                throws IOException {
            return to(request.getServerRequest()).startLeaderElection(request);
        }

        @Override
        public RaftServerAsynchronousProtocol async() {
            return this;
        }

        @Override
        public void handleException(RaftPeerId peer, Exception failure, boolean reconnect) {}

        @Override
        public InetSocketAddress getInetSocketAddress() {
            return InetSocketAddress.createUnresolved("127.0.0.1", 1);
        }

        @Override
        public RpcType getRpcType() {
            return SupportedRpcType.NETTY;
        }

        @Override
        public void addRaftPeers(Collection<RaftPeer> peers) {}

        @Override
        public void start() {
            servers.put(server.getId(), server);
        }

        @Override
        public void close() {}
    }
}
