package dev.raftkv.raft;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node can do now, and if it is not all, why. */
final class Standing {
    private static final Logger LOG = LoggerFactory.getLogger(Standing.class);

    private final NodeConfig config;
    private final PeerName name;
    private final CurrentGroup group;
    private final JoinHold joinHold;

    private volatile boolean stopping;
    private volatile String failure;
    private volatile boolean diskFull;

    Standing(NodeConfig config, PeerName name, CurrentGroup group, JoinHold joinHold) {
        this.config = config;
        this.name = name;
        this.group = group;
        this.joinHold = joinHold;
    }

    void stop() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    /** The first failure is the one that is told; returns whether this is it. */
    synchronized boolean fail(String what, Throwable cause) {
        if (failure != null || stopping) {
            return false;
        }
        failure = what + ", because " + RaftErrors.reason(cause, config.dataDirectory());
        LOG.error("node {} stops serving: {}", name, what, cause);
        return true;
    }

    /** As {@link #fail}, of a problem that is a sentence of its own. */
    synchronized void refuse(String problem) {
        if (failure == null) {
            failure = problem;
            LOG.error("node {} cannot use its data: {}", name, problem);
        }
    }

    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    void diskFull(boolean full) {
        if (full != diskFull) {
            LOG.warn("node {}: free disk space is {}", name, full ? "too low, writes are refused" : "enough again");
        }
        diskFull = full;
    }

    Optional<String> diskProblem() {
        return diskFull
                ? Optional.of("the disk of " + config.dataDirectory() + " has less than "
                        + (config.storage().minFreeBytes() >> 20) + " MB left (RAFT_MIN_FREE_DISK_MB)")
                : Optional.empty();
    }

    boolean isServing() {
        return failure == null && group.isMember();
    }

    /** Why this node serves nothing, if so. */
    Optional<String> idleReason() {
        if (failure != null) {
            return Optional.of("this node has stopped: " + failure + ". Mend the cause and start the node again");
        }
        return group.isMember()
                ? Optional.empty()
                : Optional.of(
                        "this node is no member of a cluster: it was removed from its own, or is just being joined to"
                                + " another. Join it at a leader with POST /raft/join");
    }

    /** Why it does nothing that only a leader does, if so. */
    Optional<KvException> leaderRefusal() {
        Optional<String> idle = idleReason();
        if (idle.isPresent()) {
            return Optional.of(new KvException(Code.UNAVAILABLE, idle.get()));
        }
        return group.isLed() ? Optional.empty() : Optional.of(RaftErrors.notLeader());
    }

    /** Why it takes no writes, if so. */
    Optional<KvException> writeRefusal() {
        Optional<KvException> refusal = leaderRefusal();
        if (refusal.isPresent()) {
            return refusal;
        }
        if (diskFull) {
            return diskProblem()
                    .map(problem -> new KvException(Code.NO_SPACE, problem + ": nothing was changed; free some space"));
        }
        return holdRefusal();
    }

    /** Why it takes no writes while it is joined to a cluster, if so; to be asked when the write counts as pending. */
    Optional<KvException> holdRefusal() {
        return joinHold.isHeld()
                ? Optional.of(RaftErrors.unavailable("this node is being joined to a cluster", null))
                : Optional.empty();
    }
}
