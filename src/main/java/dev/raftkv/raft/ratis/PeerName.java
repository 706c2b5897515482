package dev.raftkv.raft.ratis;

import dev.raftkv.model.Address;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;

/**
 * A member's name inside Ratis: {@code node2@127.0.0.1:1112}. Ratis remembers the first address of a peer id for ever, so
 * the id carries the address: a node that moved is another peer.
 */
public record PeerName(String nodeId, Address address) {
    public static PeerName of(RaftPeerId id) {
        return parse(id.toString())
                .orElseThrow(() -> new IllegalArgumentException("no peer id of raftkv: \"" + id + "\""));
    }

    public static Optional<PeerName> parse(String text) {
        int at = text.lastIndexOf('@');
        if (at < 1) {
            return Optional.empty();
        }
        return Address.parse(text.substring(at + 1)).map(address -> new PeerName(text.substring(0, at), address));
    }

    /** Who belongs to a group, learners too, in its old configuration or the new one while it changes. */
    public static List<RaftPeer> allOf(RaftConfiguration configuration) {
        return Stream.of(RaftPeerRole.FOLLOWER, RaftPeerRole.LISTENER)
                .flatMap(role -> configuration.getAllPeers(role).stream())
                .toList();
    }

    /** Who belongs to a group by its configuration in force, learners too. */
    public static List<PeerName> currentOf(RaftConfiguration configuration) {
        return Stream.of(RaftPeerRole.FOLLOWER, RaftPeerRole.LISTENER)
                .flatMap(role -> configuration.getCurrentPeers(role).stream())
                .map(peer -> of(peer.getId()))
                .toList();
    }

    public RaftPeerId id() {
        return RaftPeerId.valueOf(toString());
    }

    public RaftPeer peer() {
        return RaftPeer.newBuilder().setId(id()).setAddress(address.toString()).build();
    }

    @Override
    public String toString() {
        return nodeId + "@" + address;
    }
}
