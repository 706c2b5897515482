package dev.raftkv.raft;

import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives this node's leadership to the follower that is furthest with the log (Raft dissertation, section 3.10). */
final class Handover {
    private static final Logger LOG = LoggerFactory.getLogger(Handover.class);

    private final RaftNode node;

    Handover(RaftNode node) {
        this.node = node;
    }

    /**
     * Blocks for the given time at most.
     *
     * @return the id of the new leader; empty if this node does not lead, nobody can take over, or it did not work
     */
    Optional<PeerName> attempt(Duration timeout) {
        return attempt(timeout, Set.of());
    }

    /** The same, and none of these becomes the new leader. */
    Optional<PeerName> attempt(Duration timeout, Set<PeerName> except) {
        Optional<RaftServer.Division> division = node.division();
        if (division.isEmpty() || !division.get().getInfo().isLeader()) {
            return Optional.empty();
        }
        Optional<RaftPeerId> successor = successor(division.get(), except);
        if (successor.isEmpty()) {
            return Optional.empty();
        }
        node.lease().revoke();
        try {
            return transfer(division.get(), successor.get(), timeout) ? successor.map(PeerName::of) : Optional.empty();
        } finally {
            node.lease().renew();
        }
    }

    private boolean transfer(RaftServer.Division division, RaftPeerId successor, Duration timeout) {
        try {
            RaftClientReply reply = node.server()
                    .transferLeadership(new TransferLeadershipRequest(
                            node.clientId(),
                            node.peerId(),
                            division.getMemberId().getGroupId(),
                            node.nextCallId(),
                            successor,
                            timeout.toMillis()));
            if (reply.isSuccess()) {
                LOG.info("node {} has handed its leadership over to {}", node.name(), successor);
                return true;
            }
            LOG.warn("node {} could not hand its leadership over to {}", node.name(), successor, reply.getException());
        } catch (IOException | RuntimeException e) {
            LOG.warn("node {} could not hand its leadership over to {}", node.name(), successor, e);
        }
        return false;
    }

    private Optional<RaftPeerId> successor(RaftServer.Division division, Set<PeerName> except) {
        Map<String, Long> commits = division.getCommitInfos().stream()
                .collect(Collectors.toMap(info -> id(info.getServer()), CommitInfoProto::getCommitIndex, Math::max));
        long alive = node.config().timeouts().election().toMillis();
        List<ServerRpcProto> followers =
                division.getInfo().getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
        return followers.stream()
                .filter(follower -> follower.getLastRpcElapsedTimeMs() < alive)
                .map(follower -> id(follower.getId()))
                .filter(id -> !except.contains(PeerName.of(RaftPeerId.valueOf(id))))
                .max(Comparator.comparing(id -> commits.getOrDefault(id, -1L)))
                .map(RaftPeerId::valueOf);
    }

    private static String id(RaftPeerProto peer) {
        return peer.getId().toStringUtf8();
    }
}
