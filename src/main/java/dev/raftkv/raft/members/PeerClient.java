package dev.raftkv.raft.members;

import dev.raftkv.model.Address;
import dev.raftkv.raft.group.JoinCall;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    /** Ratis 3.3 in RaftServerProxy. */
    private static final Pattern NOT_FOUND = Pattern.compile("([^\\s@]+@\\S+): group-\\S+ not found");

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

    /** Who the server is, and the group that it holds, if it holds one. */
    record Server(PeerName self, Optional<GroupInfo> group) {}

    Server server() throws IOException {
        List<RaftGroupId> ids = groups.list().getGroupIds();
        if (ids.isEmpty()) {
            return new Server(nameWithoutGroup(), Optional.empty());
        }
        GroupInfo held = info(ids.get(0));
        return new Server(held.self(), Optional.of(held));
    }

    /**
     * A server that holds no group has nobody to ask who it is, and may not be given a group only to be asked: it would take
     * entries at once. But it names itself when it has to say that it does not hold a group.
     */
    private PeerName nameWithoutGroup() throws IOException {
        try {
            groups.info(RaftGroupId.randomId());
        } catch (IOException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                Matcher words = NOT_FOUND.matcher(String.valueOf(cause.getMessage()));
                Optional<PeerName> name = words.find() ? PeerName.parse(words.group(1)) : Optional.empty();
                if (name.isPresent()) {
                    return name.get();
                }
            }
            throw e;
        }
        throw new IOException("no raftkv node, it holds every group");
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
        try (RaftClient solo = clientOf(group.id(), self)) {
            RaftClientReply reply = solo.io().sendReadOnly(JoinCall.request(), self);
            check(reply);
            return JoinCall.keysOf(reply.getMessage());
        }
    }

    /**
     * Where the server answers HTTP; see {@link JoinCall}.
     *
     * @param group that it is a member of
     */
    String httpAddress(RaftGroupId group, PeerName self) throws IOException {
        // A read that the server answers from what it has itself.
        try (RaftClient member = clientOf(group, self.id())) {
            RaftClientReply reply = member.io().sendStaleRead(JoinCall.where(), 0, self.id());
            check(reply);
            return JoinCall.httpAddressOf(reply.getMessage())
                    .orElseThrow(() -> new IOException("this call is not known there: versions differ"));
        }
    }

    private RaftClient clientOf(RaftGroupId group, RaftPeerId self) {
        RaftPeer peer =
                RaftPeer.newBuilder().setId(self).setAddress(address.toString()).build();
        return newClient(RaftGroup.valueOf(group, peer));
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
