package dev.raftkv.raft.members;

import dev.raftkv.model.Address;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Line;
import dev.raftkv.raft.wire.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.GroupInfoReplyProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.Int64Value;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.com.google.protobuf.StringValue;

/**
 * Calls to the node at an address, whoever it is: it is asked for its name first, and with TLS its certificate has to have
 * the same. Each call ends within some seconds.
 */
final class PeerClient implements AutoCloseable {
    private static final int CONNECT_MILLIS = 2000;
    private static final int CALL_MILLIS = 5000;

    private final Wire wire;
    private final Line line;

    private PeerClient(Wire wire, Line line) {
        this.wire = wire;
        this.line = line;
    }

    /** @throws IOException if no node of this version answers at the address */
    static PeerClient connect(Wire wire, Address address) throws IOException {
        return new PeerClient(wire, wire.dial(address, CONNECT_MILLIS));
    }

    /** What a server says of itself and of one of its groups. */
    record GroupInfo(RaftGroupId id, PeerName self, List<PeerName> members) {
        boolean isAlone() {
            return members.size() == 1 && members.contains(self);
        }
    }

    /** Who the server is, and the group that it holds, if it holds one. */
    record Server(PeerName self, Optional<GroupInfo> group) {}

    Server server() throws IOException {
        GroupInfoReplyProto info = (GroupInfoReplyProto)
                line.call(Kind.WHO, wire.head("", ByteString.EMPTY).build(), CALL_MILLIS);
        PeerName self = name(info.getRpcReply().getReplyId());
        if (wire.isEncrypted() && !line.name().equals(Optional.of(self.nodeId()))) {
            throw new IOException("it calls itself " + self.nodeId() + ", and its certificate is that of "
                    + line.name().orElse("nobody"));
        }
        if (!info.hasGroup()) {
            return new Server(self, Optional.empty());
        }
        List<PeerName> members = new ArrayList<>();
        for (RaftPeerProto peer : info.getGroup().getPeersList()) {
            members.add(name(peer.getId()));
        }
        RaftGroupId id = RaftGroupId.valueOf(info.getGroup().getGroupId().getId());
        return new Server(self, Optional.of(new GroupInfo(id, self, List.copyOf(members))));
    }

    private static PeerName name(ByteString id) throws IOException {
        return PeerName.parse(id.toStringUtf8())
                .orElseThrow(() -> new IOException("no raftkv node, it speaks of " + id.toStringUtf8()));
    }

    /** Makes the server leave a group; its data is kept aside there. */
    void leave(RaftGroupId group, PeerName self) throws IOException {
        call(Kind.LEAVE, group, self);
    }

    /**
     * Makes the server hold a group, without any data and without a say until the group's leader adds it. Holding it
     * already is fine.
     */
    void enter(RaftGroupId group, PeerName self) throws IOException {
        call(Kind.ENTER, group, self);
    }

    /** Makes it take no more writes for a while; how many keys it holds. */
    long prepareJoin(GroupInfo group) throws IOException {
        return ((Int64Value) call(Kind.PREPARE, group.id(), group.self())).getValue();
    }

    /**
     * Where the server answers HTTP.
     *
     * @param group that it is a member of
     */
    String httpAddress(RaftGroupId group, PeerName self) throws IOException {
        return ((StringValue) call(Kind.WHERE, group, self)).getValue();
    }

    private MessageLite call(Kind kind, RaftGroupId group, PeerName self) throws IOException {
        return line.call(kind, wire.head(self.toString(), group.toByteString()).build(), CALL_MILLIS);
    }

    @Override
    public void close() {
        line.close();
    }
}
