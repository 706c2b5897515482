package dev.raftkv.raft.ratis;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.netty.server.NettyRpcService;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerReplyProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelFuture;
import org.apache.ratis.thirdparty.io.netty.channel.nio.NioEventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.util.concurrent.DefaultThreadFactory;

/**
 * The calls between members over Netty. Those that come are answered by Ratis' own service; those that go take a
 * {@link MemberConnection}, whose waits are bounded by the election timeouts.
 */
final class MemberCalls implements RaftServerRpc {
    private static final int THREADS = 2;
    private static final long CLOSE_MILLIS = 1000;

    private final RaftServer server;
    private final NettyRpcService answering;
    private final Loops loops;
    private final Map<RaftPeerId, MemberConnection> connections = new ConcurrentHashMap<>();
    private final long patienceMillis;
    private final long bulkPatienceMillis;

    MemberCalls(RaftServer server) {
        this.server = server;
        this.answering =
                NettyRpcService.newBuilder().setServer(SyncedAppends.of(server)).build();
        int shortest =
                RaftServerConfigKeys.Rpc.timeoutMin(server.getProperties()).toIntExact(TimeUnit.MILLISECONDS);
        this.patienceMillis =
                RaftServerConfigKeys.Rpc.timeoutMax(server.getProperties()).toLong(TimeUnit.MILLISECONDS);
        this.bulkPatienceMillis =
                RaftServerConfigKeys.Rpc.requestTimeout(server.getProperties()).toLong(TimeUnit.MILLISECONDS);
        this.loops = new Loops("raft-calls", shortest);
    }

    /** Netty's threads for what goes out. Its connects take up to 30 s, which a caller can say to nobody but here. */
    private static final class Loops extends NioEventLoopGroup {
        private final int connectMillis;

        Loops(String name, int connectMillis) {
            super(THREADS, new DefaultThreadFactory(name, true));
            this.connectMillis = connectMillis;
        }

        @Override
        public ChannelFuture register(Channel channel) {
            channel.config().setConnectTimeoutMillis(connectMillis);
            return super.register(channel);
        }
    }

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
        return call(
                        request.getServerRequest(),
                        RaftNettyServerRequestProto.newBuilder().setRequestVoteRequest(request),
                        patienceMillis)
                .getRequestVoteReply();
    }

    /** Entries get more time than a heartbeat: a follower answers when its disk has them. */
    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) throws IOException {
        return call(
                        request.getServerRequest(),
                        RaftNettyServerRequestProto.newBuilder().setAppendEntriesRequest(request),
                        request.getEntriesCount() == 0 ? patienceMillis : bulkPatienceMillis)
                .getAppendEntriesReply();
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
        return call(
                        request.getServerRequest(),
                        RaftNettyServerRequestProto.newBuilder().setInstallSnapshotRequest(request),
                        bulkPatienceMillis)
                .getInstallSnapshotReply();
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        return call(
                        request.getServerRequest(),
                        RaftNettyServerRequestProto.newBuilder().setStartLeaderElectionRequest(request),
                        patienceMillis)
                .getStartLeaderElectionReply();
    }

    private RaftNettyServerReplyProto call(
            RaftRpcRequestProto to, RaftNettyServerRequestProto.Builder request, long patience) throws IOException {
        RaftPeerId id = RaftPeerId.valueOf(to.getReplyId());
        MemberConnection connection = connections.get(id);
        if (connection == null) {
            throw new IOException("no member " + id + " is known here");
        }
        return connection.call(request.build(), patience);
    }

    @Override
    public void addRaftPeers(Collection<RaftPeer> peers) {
        peers.forEach(peer -> connections.computeIfAbsent(
                peer.getId(), id -> new MemberConnection(peer, server.getProperties(), loops)));
    }

    @Override
    public void handleException(RaftPeerId peer, Exception failure, boolean reconnect) {
        // The connection has seen it, and has given itself up if need be.
    }

    @Override
    public RpcType getRpcType() {
        return answering.getRpcType();
    }

    @Override
    public void start() throws IOException {
        answering.start();
    }

    @Override
    public InetSocketAddress getInetSocketAddress() {
        return answering.getInetSocketAddress();
    }

    @Override
    public void close() throws IOException {
        try {
            answering.close();
        } finally {
            connections.values().forEach(MemberConnection::close);
            loops.shutdownGracefully(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
