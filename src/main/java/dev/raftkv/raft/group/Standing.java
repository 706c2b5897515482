package dev.raftkv.raft.group;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.disk.DiskSpace;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.RaftErrors;
import dev.raftkv.store.KvStore;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node can do now, and if it is not all, why. */
public final class Standing {
    private static final Logger LOG = LoggerFactory.getLogger(Standing.class);

    private final NodeConfig config;
    private final OwnServer server;
    private final CurrentGroup group;
    private final JoinHold joinHold;
    private final DiskSpace disk;
    private final DataDirectory directory;

    private volatile boolean stopping;
    private volatile String failure;
    private volatile boolean passing;

    public Standing(
            NodeConfig config, OwnServer server, CurrentGroup group, JoinHold joinHold, DataDirectory directory) {
        this.config = config;
        this.server = server;
        this.group = group;
        this.joinHold = joinHold;
        this.disk = new DiskSpace(config, server.name());
        this.directory = directory;
    }

    public void stop() {
        stopping = true;
    }

    public boolean isStopping() {
        return stopping;
    }

    /** The first failure is the one that is told; returns whether this is it. */
    synchronized boolean fail(String what, Throwable cause) {
        if (failure != null || stopping) {
            return false;
        }
        passing = RaftErrors.isNoSpace(cause);
        failure = what + ", because " + RaftErrors.reason(cause, config.dataDirectory());
        LOG.error("node {} stops serving: {}", server.name(), what, cause);
        return true;
    }

    /** As {@link #fail}, of a problem that is a sentence of its own. */
    synchronized void refuse(String problem) {
        if (failure == null) {
            passing = false;
            failure = problem;
            LOG.error("node {} cannot use its data: {}", server.name(), problem);
        }
    }

    /** Whether the failure is one that passes when the disk has room again. */
    public boolean mayReopen() {
        return failure != null && passing && !stopping && disk.isEnough();
    }

    /** What has failed is opened again. */
    synchronized void reopens() {
        failure = null;
    }

    /** It could not be opened again, and may be tried another time unless it is known what is wrong with it. */
    public synchronized void reopenFailed(Throwable cause) {
        if (failure == null) {
            failure = "the data could not be opened again, because " + RaftErrors.reason(cause, config.dataDirectory());
        }
        LOG.error("node {} could not open its data again: {}", server.name(), failure, cause);
    }

    public Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    public DiskSpace disk() {
        return disk;
    }

    boolean isServing() {
        return failure == null && group.isMember();
    }

    /**
     * What this node serves.
     *
     * @throws KvException {@code UNAVAILABLE} while it serves nothing
     */
    public KvStore store() {
        // Each request comes here.
        if (!isServing()) {
            idleReason().ifPresent(reason -> {
                throw new KvException(Code.UNAVAILABLE, reason);
            });
        }
        return group.machine()
                .orElseThrow(() -> new KvException(Code.UNAVAILABLE, "this node is starting: try again"))
                .store();
    }

    /** Why this node serves nothing, if so. */
    public Optional<String> idleReason() {
        if (failure != null) {
            return Optional.of("this node has stopped: " + failure
                    + (passing
                            ? ". It goes on by itself when there is space again"
                            : ". Mend the cause and start the node again"));
        }
        return group.isMember() ? Optional.empty() : Optional.of(unborn());
    }

    private String unborn() {
        return switch (directory.birth().stage()) {
            case FOUNDING -> "this node is just founding its cluster: try again";
            case ASKING ->
                config.joinAddresses().isEmpty()
                        ? "this node is no member of a cluster: join it at a leader with POST /raft/join"
                        : "this node is no member of a cluster yet: it asks to be joined (RAFT_JOIN), and GET"
                                + " /health/ready says what it waits for";
            case ENTERING ->
                "this node is no member of a cluster yet: it is just being joined to one. If that lasts, join it again at"
                        + " a leader with POST /raft/join";
            case MEMBER, REMOVED ->
                "this node is no member of a cluster: it was removed from its own. Join it at a leader with POST"
                        + " /raft/join";
        };
    }

    /** Why it does nothing that only a leader does, if so. */
    Optional<KvException> leaderRefusal() {
        Optional<String> idle = idleReason();
        if (idle.isPresent()) {
            return Optional.of(new KvException(Code.UNAVAILABLE, idle.get()));
        }
        return server.isLed() ? Optional.empty() : Optional.of(RaftErrors.notLeader());
    }

    /** Why it passes no barrier, if so. */
    Optional<KvException> barrierRefusal() {
        Optional<KvException> refusal = leaderRefusal();
        return refusal.isPresent()
                ? refusal
                : disk.refusal(new Command.Barrier())
                        .map(noSpace -> new KvException(
                                Code.UNAVAILABLE,
                                disk.problem().orElse("the disk is full")
                                        + ", too little for the log: free some space, or read with"
                                        + " consistency=eventual"));
    }

    /** Why it does not take the command, if so. */
    Optional<KvException> writeRefusal(Command command) {
        Optional<KvException> refusal = leaderRefusal();
        if (refusal.isPresent()) {
            return refusal;
        }
        Optional<KvException> noSpace = disk.refusal(command);
        if (noSpace.isPresent()) {
            return noSpace;
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
