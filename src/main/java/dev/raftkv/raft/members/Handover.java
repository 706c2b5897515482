package dev.raftkv.raft.members;

import dev.raftkv.raft.log.LeaderLease;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.ConfiguredRoles;
import org.apache.ratis.server.leader.FollowerInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives this node's leadership to the voter that is furthest with the log (Raft dissertation, section 3.10). */
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
        return server.division()
                .filter(division ->
                        division.getInfo().isAlive() && division.getInfo().isLeader())
                .flatMap(division -> successor(division, except))
                .filter(successor -> attempt(successor, timeout))
                .map(PeerName::of);
    }

    /** Who would get it now; empty if this node does not lead, or nobody can take over. */
    Optional<PeerName> successor() {
        return server.division()
                .flatMap(division -> successor(division, Set.of()))
                .map(PeerName::of);
    }

    /** Gives it to this voter; returns whether that one leads now. Blocks for the given time at most. */
    boolean attempt(RaftPeerId successor, Duration timeout) {
        lease.revoke();
        try {
            return transfer(successor, timeout);
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

    /** Who has the most of the log, of those voters that are in touch. */
    private Optional<RaftPeerId> successor(RaftServer.Division division, Set<PeerName> except) {
        Roster members = Roster.of(division);
        long alive = election.toMillis();
        return ConfiguredRoles.followers(division).stream()
                .filter(follower -> follower.getLastRpcResponseTime().elapsedTimeMs() < alive)
                .filter(follower -> members.isVoter(follower.getPeer()))
                .filter(follower -> !except.contains(PeerName.of(follower.getId())))
                .max(Comparator.comparing(FollowerInfo::getMatchIndex))
                .map(FollowerInfo::getId);
    }
}
