package dev.raftkv.raft;

import dev.raftkv.model.Address;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.client.api.GroupManagementApi;
import org.apache.ratis.protocol.GroupInfoReply;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.AlreadyExistsException;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.util.TimeDuration;

/**
 * Calls to the Raft server at an address, whoever it is: Ratis checks no peer id, so the server is asked for its own. Each
 * call ends within some ten seconds.
 */
final class PeerClient implements AutoCloseable {
    private static final int CONNECT_MILLIS = 2000;
    private static final int TRIES = 3;

    private final Address address;
    private final RaftClient client;
    private final GroupManagementApi groups;

    private PeerClient(Address address) {
        this.address = address;
        RaftPeer peer = new PeerName("unknown", address).peer();
        // Ratis wants a client to have a group; for calls about groups any will do.
        this.client = newClient(RaftGroup.valueOf(RaftGroupId.randomId(), peer));
        this.groups = client.getGroupManagementApi(peer.getId());
    }

    /** @throws IOException if nobody listens at the address */
    static PeerClient connect(Address address) throws IOException {
        // Ratis' own connect blocks for up to 30 s when an address swallows packets.
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.host(), address.port()), CONNECT_MILLIS);
        }
        return new PeerClient(address);
    }

    static RaftClient newClient(RaftGroup group) {
        return RaftClient.newBuilder()
                .setProperties(RaftSettings.client())
                .setRaftGroup(group)
                .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(
                        TRIES, TimeDuration.valueOf(200, TimeUnit.MILLISECONDS)))
                .build();
    }

    /** What a server says of itself and of one of its groups. */
    record GroupInfo(RaftGroupId id, PeerName self, List<PeerName> members) {
        boolean isAlone() {
            return members.size() == 1 && members.contains(self);
        }
    }

    /** The group that the server holds; empty if it holds none. */
    Optional<GroupInfo> group() throws IOException {
        List<RaftGroupId> ids = groups.list().getGroupIds();
        return ids.isEmpty() ? Optional.empty() : Optional.of(info(ids.get(0)));
    }

    GroupInfo info(RaftGroupId id) throws IOException {
        GroupInfoReply reply = groups.info(id);
        String self = reply.getRoleInfoProto().getSelf().getId().toStringUtf8();
        return new GroupInfo(
                id,
                PeerName.parse(self).orElseThrow(() -> new IOException("no raftkv node, it calls itself " + self)),
                reply.getGroup().getPeers().stream()
                        .map(peer -> PeerName.of(peer.getId()))
                        .toList());
    }

    /** Makes the server leave a group; its data is kept aside there. */
    void leave(RaftGroupId group) throws IOException {
        check(groups.remove(group, false, false));
    }

    /**
     * Makes the server hold a group, without any data and without a say until the group's leader adds it. Holding it
     * already is fine.
     */
    void enter(RaftGroupId group) throws IOException {
        try {
            check(groups.add(RaftGroup.valueOf(group), true));
        } catch (AlreadyExistsException e) {
            // An earlier join came as far as this.
        }
    }

    /** See {@link JoinCall}. */
    long prepareJoin(GroupInfo group) throws IOException {
        RaftPeerId self = group.self().id();
        RaftPeer peer =
                RaftPeer.newBuilder().setId(self).setAddress(address.toString()).build();
        try (RaftClient solo = newClient(RaftGroup.valueOf(group.id(), peer))) {
            RaftClientReply reply = solo.io().sendReadOnly(JoinCall.request(), self);
            check(reply);
            return JoinCall.keysOf(reply.getMessage());
        }
    }

    private static void check(RaftClientReply reply) throws IOException {
        if (!reply.isSuccess()) {
            throw reply.getException();
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
