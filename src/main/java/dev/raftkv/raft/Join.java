package dev.raftkv.raft;

import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.Membership.Joined;
import dev.raftkv.raft.PeerClient.GroupInfo;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftErrors;
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
 * ours, adds it to the configuration and waits until it has caught up. Every step can be repeated after a crash at any point.
 */
final class Join {
    private final Membership membership;
    private final RaftNode node;
    private final String askedId;
    private final Address askedAddress;
    private final boolean discardData;

    Join(Membership membership, RaftNode node, String askedId, Address askedAddress, boolean discardData) {
        this.membership = membership;
        this.node = node;
        this.askedId = askedId;
        this.askedAddress = askedAddress;
        this.discardData = discardData;
    }

    Joined run() throws IOException {
        RaftServer.Division division = membership.leading();
        List<RaftPeer> peers = Membership.peers(division);
        refuseIdOfAnother(peers);
        if (askedAddress.equals(node.name().address())) {
            throw itself();
        }
        if (!node.joinHold().beginTaking()) {
            throw RaftErrors.unavailable("this node is being joined to a cluster itself", null);
        }
        try (PeerClient joiner = connect(askedAddress)) {
            return join(division, peers, joiner);
        } finally {
            node.joinHold().endTaking();
        }
    }

    private PeerClient connect(Address address) {
        try {
            return PeerClient.connect(address);
        } catch (IOException e) {
            throw RaftErrors.unreached(
                    address,
                    "no node answers at " + address + " (" + e.getMessage() + "): nothing was changed; start the node,"
                            + " or correct raft_address",
                    e);
        }
    }

    private Joined join(RaftServer.Division division, List<RaftPeer> peers, PeerClient joiner) throws IOException {
        RaftGroupId ours = division.getMemberId().getGroupId();
        PeerClient.Server asked = ask(joiner);
        PeerName name = asked.self();
        if (name.equals(node.name())) {
            throw itself();
        }
        // A group without a configuration was given to the node and has never sent it anything.
        Optional<GroupInfo> held = asked.group();
        boolean empty = held.filter(group -> !group.members().isEmpty()).isEmpty();
        boolean inOurs = held.filter(group -> group.id().equals(ours)).isPresent();
        if (peers.stream().anyMatch(peer -> peer.getId().equals(name.id()))) {
            if (empty || !inOurs) {
                throw conflict(name.nodeId() + " at " + name.address()
                        + " is a member and has lost its data: remove it, then join it again");
            }
            return announced(division, name);
        }
        refuseClash(peers, name);
        refuseUnreachable(name);
        if (!inOurs && !empty) {
            leaveOwnGroup(joiner, held.get());
        } else if (!inOurs && held.isPresent()) {
            call(name, () -> joiner.leave(held.get().id()));
        }
        call(name, () -> joiner.enter(ours));
        List<RaftPeer> next = new ArrayList<>(peers);
        next.add(name.peer());
        membership.configure(division, peers, next, name.nodeId());
        return announced(division, name);
    }

    /** Whoever is asked to be redirected to any of the members can be, from now on. */
    private Joined announced(RaftServer.Division division, PeerName name) {
        return joined(name, new Announcement(node).replicate(division, name));
    }

    private PeerClient.Server ask(PeerClient joiner) {
        try {
            return joiner.server();
        } catch (IOException e) {
            throw RaftErrors.unreached(
                    askedAddress,
                    askedAddress + " does not answer as a raftkv node does: nothing was changed; correct raft_address,"
                            + " or start the node again",
                    e);
        }
    }

    private void leaveOwnGroup(PeerClient joiner, GroupInfo held) {
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
            if (System.nanoTime() - called > JoinCall.USE.toNanos()) {
                throw new IOException("it answered too late");
            }
            joiner.leave(held.id());
        });
    }

    private void refuseIdOfAnother(List<RaftPeer> peers) {
        for (RaftPeer peer : peers) {
            PeerName member = PeerName.of(peer.getId());
            if (member.nodeId().equals(askedId)
                    && !member.address().equals(askedAddress)
                    && !sameHost(member.address())) {
                throw conflict("the id " + askedId + " belongs to the member at " + member.address()
                        + ": remove that one first, or give the other node another RAFT_NODE_ID");
            }
        }
    }

    /** Whether the caller wrote the member's address in another way, such as localhost for 127.0.0.1. */
    private boolean sameHost(Address member) {
        try {
            return member.port() == askedAddress.port()
                    && InetAddress.getByName(member.host()).equals(InetAddress.getByName(askedAddress.host()));
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
    private void refuseUnreachable(PeerName name) {
        Address own = node.name().address();
        if (isLoopback(own) != isLoopback(name.address())) {
            throw new KvException(
                    Code.INVALID,
                    "one of " + node.name() + " and " + name + " can be reached on its own machine only: nothing was"
                            + " changed; give both a RAFT_HOST that the other can reach");
        }
        if (!name.address().equals(askedAddress)) {
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

    private Joined joined(PeerName name, List<String> withoutHttpAddress) {
        List<String> warnings = new ArrayList<>();
        if (!name.nodeId().equals(askedId)) {
            warnings.add("the node calls itself " + name.nodeId()
                    + " (RAFT_NODE_ID), and is a member under that id, not as " + askedId);
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

    private KvException itself() {
        return conflict(askedAddress + " is this node itself (" + node.name().nodeId()
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
