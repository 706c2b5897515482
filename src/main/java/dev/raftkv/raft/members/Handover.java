package dev.raftkv.raft.members;

import dev.raftkv.raft.log.LeaderLease;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.ConfiguredRoles;
import org.apache.ratis.server.leader.FollowerInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives this node's leadership to the voter that is furthest with the log (Raft dissertation, section 3.10); one attempt at a time,
 * of whoever asks. Ratis refuses a second one beside the first, and the end of the first would give back the lease during the second.
 */
public final class Handover {
    private static final Logger LOG = LoggerFactory.getLogger(Handover.class);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final OwnServer server;
    private final LeaderLease lease;
    private final Duration election;
    private final ReentrantLock oneAtATime = new ReentrantLock();

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
        long end = System.nanoTime() + timeout.toNanos();
        if (!begin(timeout)) {
            return Optional.empty();
        }
        try {
            return successorNow(except)
                    .filter(successor -> revokeAndTransfer(successor, until(end)))
                    .map(PeerName::of);
        } finally {
            oneAtATime.unlock();
        }
    }

    /**
     * The last one: waits for an attempt that is under way, and then tries until this node does not lead any more, or nobody can
     * take over. Blocks for the given time at most for each of both.
     */
    public void insist(Duration timeout) {
        if (!begin(timeout)) {
            return;
        }
        try {
            long end = System.nanoTime() + timeout.toNanos();
            Optional<RaftPeerId> successor = successorNow(Set.of());
            while (successor.isPresent() && end - System.nanoTime() > 0) {
                if (!revokeAndTransfer(successor.get(), until(end))) {
                    // What is refused at once need not be refused a moment later.
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
                successor = successorNow(Set.of());
            }
        } finally {
            oneAtATime.unlock();
        }
    }

    /** Who would get it now; empty if this node does not lead, or nobody can take over. */
    Optional<PeerName> successor() {
        return successorNow(Set.of()).map(PeerName::of);
    }

    /** Gives it to this voter; returns whether that one leads now. Blocks for the given time at most. */
    boolean attempt(RaftPeerId successor, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        if (!begin(timeout)) {
            return false;
        }
        try {
            return revokeAndTransfer(successor, until(end));
        } finally {
            oneAtATime.unlock();
        }
    }

    private boolean begin(Duration patience) {
        try {
            if (oneAtATime.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                return true;
            }
            LOG.warn("node {} still tries to hand its leadership over, and does not try it once more", server.name());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private static Duration until(long end) {
        return Duration.ofNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(1), end - System.nanoTime()));
    }

    private Optional<RaftPeerId> successorNow(Set<PeerName> except) {
        return server.division()
                .filter(division ->
                        division.getInfo().isAlive() && division.getInfo().isLeader())
                .flatMap(division -> successor(division, except));
    }

    private boolean revokeAndTransfer(RaftPeerId successor, Duration timeout) {
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
