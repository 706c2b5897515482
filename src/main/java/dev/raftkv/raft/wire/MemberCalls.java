package dev.raftkv.raft.wire;

import dev.raftkv.raft.look.VoteWatch;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.impl.ConfiguredRoles;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.util.ProtoUtils;

/**
 * The Raft port as Ratis sees it: it is opened and closed with Ratis' server, and the calls to other members go out by it,
 * with waits that are bounded by the election timeouts.
 */
final class MemberCalls implements RaftServerRpc {
    private final RaftServer server;
    private final Wire wire;
    private final RaftPort port;
    private final Answers answers;
    private final VoteWatch votes;
    private final Map<RaftPeerId, MemberConnection> connections = new ConcurrentHashMap<>();

    /** @param votes is told of those that this node asks for */
    MemberCalls(RaftServer server, Wire wire, RaftPort port, Answers answers, VoteWatch votes) {
        this.server = server;
        this.wire = wire;
        this.port = port;
        this.answers = answers;
        this.votes = votes;
    }

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
        ConfiguredRoles.prepareToLead(server.getDivision(
                ProtoUtils.toRaftGroupId(request.getServerRequest().getRaftGroupId())));
        return votes.asks(request, () -> (RequestVoteReplyProto) call(Kind.VOTE, request, wire.patienceMillis()));
    }

    /** Entries get more time than a heartbeat: a follower answers when its disk has them. */
    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) throws IOException {
        return (AppendEntriesReplyProto) call(
                Kind.APPEND,
                request,
                request.getEntriesCount() == 0 ? wire.patienceMillis() : wire.bulkPatienceMillis());
    }

    /** Calls that are made by a connection that is there, and that nobody waits for. */
    @Override
    public RaftServerAsynchronousProtocol async() {
        return new RaftServerAsynchronousProtocol() {
            @Override
            public CompletableFuture<AppendEntriesReplyProto> appendEntriesAsync(AppendEntriesRequestProto request)
                    throws IOException {
                return ask(request);
            }

            @Override
            public CompletableFuture<ReadIndexReplyProto> readIndexAsync(ReadIndexRequestProto request) {
                throw new UnsupportedOperationException("reads have messages of their own");
            }
        };
    }

    /** Whoever ends the future ends the call. */
    @SuppressWarnings("unchecked") // APPEND is answered so, or not at all.
    private CompletableFuture<AppendEntriesReplyProto> ask(AppendEntriesRequestProto request) throws IOException {
        MemberConnection connection = to(request.getServerRequest());
        if (!connection.isOpen()) {
            throw new IOException("no connection now");
        }
        CompletableFuture<?> answer = connection
                .ask(Kind.APPEND, request)
                .orElseThrow(() -> new IOException("the connection has just broken"));
        return (CompletableFuture<AppendEntriesReplyProto>) answer;
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
        return to(Kind.head(request)).send(request, wire.bulkPatienceMillis());
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        return (StartLeaderElectionReplyProto) call(Kind.ELECT, request, wire.patienceMillis());
    }

    private MessageLite call(Kind kind, MessageLite request, long patience) throws IOException {
        return to(Kind.head(request)).call(kind, request, patience);
    }

    private MemberConnection to(RaftRpcRequestProto head) throws IOException {
        RaftPeerId id = RaftPeerId.valueOf(head.getReplyId());
        return to(id).orElseThrow(() -> new IOException("no member " + id + " is known here"));
    }

    Optional<MemberConnection> to(RaftPeerId member) {
        return Optional.ofNullable(connections.get(member));
    }

    @Override
    public void addRaftPeers(Collection<RaftPeer> peers) {
        peers.forEach(
                peer -> connections.computeIfAbsent(peer.getId(), id -> new MemberConnection(PeerName.of(id), wire)));
    }

    @Override
    public void handleException(RaftPeerId peer, Exception failure, boolean reconnect) {
        // The connection has seen it, and has given itself up if need be.
    }

    @Override
    public RpcType getRpcType() {
        return SupportedRpcType.NETTY;
    }

    @Override
    public void start() throws IOException {
        port.open(wire.loops(), answers);
    }

    @Override
    public InetSocketAddress getInetSocketAddress() {
        return port.address();
    }

    @Override
    public void close() {
        port.close();
        connections.values().forEach(MemberConnection::close);
    }
}
