package dev.raftkv.raft.members;

import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.group.JoinHold;
import dev.raftkv.raft.members.Membership.Asked;
import dev.raftkv.raft.members.Membership.Joined;
import dev.raftkv.raft.members.PeerClient.GroupInfo;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftErrors;
import dev.raftkv.raft.wire.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;

/**
 * Takes one node into the cluster: asks it who it is, refuses what could do harm, makes it leave its own group and enter
 * ours, waits until it has caught up and adds it to the configuration. Every step can be repeated after a crash at any point.
 */
public final class Join {
    private final PeerName own;
    private final Configuration configuration;
    private final Suffrage suffrage;
    private final JoinHold hold;
    private final Announcement announcement;
    private final Wire wire;

    public Join(PeerName own, Configuration configuration, JoinHold hold, Announcement announcement, Wire wire) {
        this.own = own;
        this.configuration = configuration;
        this.suffrage = new Suffrage(configuration);
        this.hold = hold;
        this.announcement = announcement;
        this.wire = wire;
    }

    Joined run(Asked asked) throws IOException {
        RaftServer.Division division = configuration.leading();
        Roster members = Roster.of(division);
        refuseIdOfAnother(members.all(), asked);
        if (asked.raftAddress().equals(own.address())) {
            throw itself(asked);
        }
        if (!hold.beginTaking()) {
            throw RaftErrors.unavailable("this node is being joined to a cluster itself", null);
        }
        try (PeerClient joiner = connect(asked.raftAddress())) {
            return join(division, members, joiner, asked);
        } finally {
            hold.endTaking();
        }
    }

    private PeerClient connect(Address address) {
        try {
            return PeerClient.connect(wire, address);
        } catch (IOException e) {
            throw RaftErrors.unreached(
                    address,
                    "no node answers at " + address + " (" + e.getMessage() + "): nothing was changed; start the node,"
                            + " or correct raft_address",
                    e);
        }
    }

    private Joined join(RaftServer.Division division, Roster members, PeerClient joiner, Asked asked)
            throws IOException {
        RaftGroupId ours = division.getMemberId().getGroupId();
        PeerClient.Server server = ask(joiner, asked.raftAddress());
        PeerName name = server.self();
        if (name.equals(own)) {
            throw itself(asked);
        }
        // A group without a configuration was given to the node and has never sent it anything.
        Optional<GroupInfo> held = server.group();
        boolean empty = held.filter(group -> !group.members().isEmpty()).isEmpty();
        boolean inOurs = held.filter(group -> group.id().equals(ours)).isPresent();
        RaftPeer peer = name.peer();
        if (members.isVoter(peer) || members.isLearner(peer)) {
            if (empty || !inOurs) {
                throw conflict(name.nodeId() + " at " + name.address()
                        + " is a member and has lost its data: remove it, then join it again");
            }
            if (asked.learner() && members.isVoter(peer)) {
                throw conflict(name.nodeId() + " is a voter: to make it a learner, remove it, then join it again");
            }
            if (!asked.learner() && members.isLearner(peer)) {
                suffrage.promote(division, members, name, asked.force());
            }
            return announced(division, name, asked);
        }
        refuseClash(members.all(), name);
        refuseUnreachable(name, asked);
        if (!asked.learner()) {
            suffrage.refuseWeaker(members, name, asked.force());
        }
        if (!inOurs && !empty) {
            leaveOwnGroup(joiner, held.get(), asked.discardData());
        } else if (!inOurs && held.isPresent()) {
            call(name, () -> joiner.leave(held.get().id(), name));
        }
        call(name, () -> joiner.enter(ours, name));
        configuration.offerSnapshot(division);
        configuration.change(
                members, asked.learner() ? members.withLearner(peer) : members.withVoter(peer), name.nodeId());
        return announced(division, name, asked);
    }

    /** Whoever is asked to be redirected to any of the members can be, from now on. */
    private Joined announced(RaftServer.Division division, PeerName name, Asked asked) {
        return joined(name, asked, announcement.replicate(division, name));
    }

    private static PeerClient.Server ask(PeerClient joiner, Address address) {
        try {
            return joiner.server();
        } catch (IOException e) {
            throw RaftErrors.unreached(
                    address,
                    address + " does not answer as a raftkv node does: nothing was changed; correct raft_address,"
                            + " or start the node again",
                    e);
        }
    }

    private static void leaveOwnGroup(PeerClient joiner, GroupInfo held, boolean discardData) {
        PeerName name = held.self();
        if (!held.isAlone()) {
            throw conflict(name.nodeId() + " belongs to another cluster ("
                    + String.join(
                            ", ",
                            held.members().stream()
                                    .map(PeerName::nodeId)
                                    .sorted()
                                    .toList())
                    + "): remove it there first");
        }
        long called = System.nanoTime();
        call(name, () -> {
            long keys = joiner.prepareJoin(held);
            if (keys > 0 && !discardData) {
                throw conflict(
                        name.nodeId() + " holds " + keys + (keys == 1 ? " key" : " keys")
                                + " that the cluster does not know: nothing was changed. Copy what you need, then delete the keys"
                                + " there, or join with \"discard_data\": true, which keeps them aside in its archive directory");
            }
            if (System.nanoTime() - called > JoinHold.USE.toNanos()) {
                throw new IOException("it answered too late");
            }
            joiner.leave(held.id(), name);
        });
    }

    private static void refuseIdOfAnother(List<RaftPeer> peers, Asked asked) {
        for (RaftPeer peer : peers) {
            PeerName member = PeerName.of(peer.getId());
            if (member.nodeId().equals(asked.nodeId())
                    && !member.address().equals(asked.raftAddress())
                    && !sameHost(member.address(), asked.raftAddress())) {
                throw conflict("the id " + asked.nodeId() + " belongs to the member at " + member.address()
                        + ": remove that one first, or give the other node another RAFT_NODE_ID");
            }
        }
    }

    /** Whether the caller wrote the member's address in another way, such as localhost for 127.0.0.1. */
    private static boolean sameHost(Address member, Address asked) {
        try {
            return member.port() == asked.port()
                    && InetAddress.getByName(member.host()).equals(InetAddress.getByName(asked.host()));
        } catch (IOException e) {
            return false;
        }
    }

    private static void refuseClash(List<RaftPeer> peers, PeerName name) {
        for (RaftPeer peer : peers) {
            PeerName member = PeerName.of(peer.getId());
            if (member.nodeId().equals(name.nodeId())) {
                throw conflict("the node at " + name.address() + " calls itself " + name.nodeId()
                        + ", as the member at " + member.address()
                        + " does: remove that one first, or give the other node another RAFT_NODE_ID");
            }
            if (member.address().equals(name.address())) {
                throw conflict("the address " + name.address() + " belongs to member " + member.nodeId()
                        + ": remove it first");
            }
        }
    }

    /** All members dial the address that a node gives for itself, so it must lead to that node. */
    private void refuseUnreachable(PeerName name, Asked asked) {
        if (isLoopback(own.address()) != isLoopback(name.address())) {
            throw new KvException(
                    Code.INVALID,
                    "one of " + own + " and " + name + " can be reached on its own machine only: nothing was"
                            + " changed; give both a RAFT_HOST that the other can reach");
        }
        if (!name.address().equals(asked.raftAddress())) {
            try (PeerClient dialed = connect(name.address())) {
                if (!dialed.server().self().equals(name)) {
                    throw new IOException("another node answers there");
                }
            } catch (IOException e) {
                throw new KvException(
                        Code.INVALID,
                        name.nodeId() + " says that it is at " + name.address()
                                + ", where it does not answer: nothing was" + " changed; correct its RAFT_HOST",
                        e);
            }
        }
    }

    private static boolean isLoopback(Address address) {
        try {
            return InetAddress.getByName(address.host()).isLoopbackAddress();
        } catch (IOException e) {
            return false;
        }
    }

    private static Joined joined(PeerName name, Asked asked, List<String> withoutHttpAddress) {
        List<String> warnings = new ArrayList<>();
        if (!name.nodeId().equals(asked.nodeId())) {
            warnings.add("the node calls itself " + name.nodeId()
                    + " (RAFT_NODE_ID), and is a member under that id, not as " + asked.nodeId());
        }
        if (!withoutHttpAddress.isEmpty()) {
            warnings.add("where " + String.join(", ", withoutHttpAddress)
                    + " answer HTTP is not known yet: clients cannot be sent there while one of them leads");
        }
        return new Joined(
                name.nodeId(),
                name.address(),
                warnings.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", warnings)));
    }

    private KvException itself(Asked asked) {
        return conflict(asked.raftAddress() + " is this node itself (" + own.nodeId()
                + "): join another node, at its own raft_address");
    }

    private static KvException conflict(String message) {
        return new KvException(Code.CONFLICT, message);
    }

    @FunctionalInterface
    private interface Call {
        void run() throws IOException;
    }

    private static void call(PeerName name, Call call) {
        try {
            call.run();
        } catch (IOException e) {
            throw RaftErrors.unavailable(name.nodeId() + " does not take part in the join (" + e.getMessage() + ")", e);
        }
    }
}
