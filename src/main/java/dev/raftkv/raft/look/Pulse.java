package dev.raftkv.raft.look;

import dev.raftkv.model.Role;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;

/**
 * Looks which role, term, leader and commit this node has, and tells of what has changed. Ratis tells of a few of these
 * changes only; so whoever sees that an election goes on has this look, and it looks by itself now and then. A look takes no
 * lock of Ratis. Thread-safe.
 */
public final class Pulse implements Runnable {
    /** How often to look when nobody has it look. */
    public static final Duration PAUSE = Duration.ofMillis(50);

    private static final long COMMIT_NANOS = Duration.ofMillis(100).toNanos();

    private final OwnServer server;
    private final Events events;
    private final LongSupplier nanoTime;
    private Role role = Role.SHUTDOWN;
    private long term = -1;
    private Optional<String> leader = Optional.empty();
    private long commit = -1;
    private long commitToldAt;

    /** @param nanoTime as {@link System#nanoTime} */
    public Pulse(OwnServer server, Events events, LongSupplier nanoTime) {
        this.server = server;
        this.events = events;
        this.nanoTime = nanoTime;
        this.commitToldAt = nanoTime.getAsLong() - COMMIT_NANOS;
    }

    /** Looks once; never waits. */
    @Override
    public synchronized void run() {
        Optional<RaftServer.Division> division =
                server.division().filter(each -> each.getInfo().isAlive());
        if (division.isPresent()) {
            look(division.get());
        } else {
            tell(Role.SHUTDOWN, term, Optional.empty());
        }
    }

    private void look(RaftServer.Division division) {
        DivisionInfo info = division.getInfo();
        tell(
                role(info.getCurrentRole()),
                info.getCurrentTerm(),
                Optional.ofNullable(info.getLeaderId())
                        .map(RaftPeerId::toString)
                        .flatMap(PeerName::parse)
                        .map(PeerName::nodeId));
        long now = nanoTime.getAsLong();
        if (now - commitToldAt >= COMMIT_NANOS) {
            long committed = committed(division);
            if (committed != commit && committed >= 0) {
                commit = committed;
                commitToldAt = now;
                events.happened(new Happening.Commit(committed));
            }
        }
    }

    /** A log that is not read yet, or closed, throws. */
    private static long committed(RaftServer.Division division) {
        try {
            return division.getRaftLog().getLastCommittedIndex();
        } catch (IllegalStateException e) {
            return RaftLog.INVALID_LOG_INDEX;
        }
    }

    private void tell(Role nowRole, long nowTerm, Optional<String> nowLeader) {
        if (nowTerm != term) {
            term = nowTerm;
            events.happened(new Happening.NewTerm(term));
        }
        if (nowRole != role) {
            role = nowRole;
            events.happened(new Happening.NewRole(role, term));
        }
        if (!nowLeader.equals(leader)) {
            leader = nowLeader;
            events.happened(new Happening.NewLeader(leader, term));
        }
    }

    private static Role role(RaftPeerRole role) {
        return switch (role) {
            case LEADER -> Role.LEADER;
            case CANDIDATE -> Role.CANDIDATE;
            case LISTENER -> Role.LEARNER;
            default -> Role.FOLLOWER;
        };
    }
}
