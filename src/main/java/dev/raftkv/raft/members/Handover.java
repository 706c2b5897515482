package dev.raftkv.raft.members;

import dev.raftkv.raft.log.LeaderLease;
import dev.raftkv.raft.ratis.OwnServer;
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
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives this node's leadership to the follower that is furthest with the log (Raft dissertation, section 3.10). */
public final class Handover {
    private static final Logger LOG = LoggerFactory.getLogger(Handover.class);

    private final OwnServer server;
    private final LeaderLease lease;
    private final Duration election;

    /** @param election a follower that has not answered for so long takes nothing over */
    public Handover(OwnServer server, LeaderLease lease, Duration election) {
        this.server = server;
        this.lease = lease;
        this.election = election;
    }

    /**
     * Blocks for the given time at most.
     *
     * @return the id of the new leader; empty if this node does not lead, nobody can take over, or it did not work
     */
    public Optional<PeerName> attempt(Duration timeout) {
        return attempt(timeout, Set.of());
    }

    /** The same, and none of these becomes the new leader. */
    public Optional<PeerName> attempt(Duration timeout, Set<PeerName> except) {
        Optional<RaftServer.Division> division = server.division();
        if (division.isEmpty() || !division.get().getInfo().isLeader()) {
            return Optional.empty();
        }
        Optional<RaftPeerId> successor = successor(division.get(), except);
        if (successor.isEmpty()) {
            return Optional.empty();
        }
        lease.revoke();
        try {
            return transfer(successor.get(), timeout) ? successor.map(PeerName::of) : Optional.empty();
        } finally {
            lease.renew();
        }
    }

    private boolean transfer(RaftPeerId successor, Duration timeout) {
        try {
            RaftClientReply reply = server.transferLeadership(successor, timeout);
            if (reply.isSuccess()) {
                LOG.info("node {} has handed its leadership over to {}", server.name(), successor);
                return true;
            }
            LOG.warn(
                    "node {} could not hand its leadership over to {}", server.name(), successor, reply.getException());
        } catch (IOException | RuntimeException e) {
            LOG.warn("node {} could not hand its leadership over to {}", server.name(), successor, e);
        }
        return false;
    }

    private Optional<RaftPeerId> successor(RaftServer.Division division, Set<PeerName> except) {
        Map<String, Long> commits = division.getCommitInfos().stream()
                .collect(Collectors.toMap(info -> id(info.getServer()), CommitInfoProto::getCommitIndex, Math::max));
        long alive = election.toMillis();
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
