package dev.raftkv.raft.members;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.group.KvStateMachine;
import dev.raftkv.raft.group.Standing;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.Pause;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.ConfiguredRoles;
import org.apache.ratis.server.leader.FollowerInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who belongs to the cluster, as its leader sees and changes it. */
public final class Configuration {
    private static final Logger LOG = LoggerFactory.getLogger(Configuration.class);
    private static final Duration READY_WAIT = Duration.ofSeconds(5);

    /** A new member applies this part of the log that is kept before a snapshot would have been taken for it. */
    private static final int SHORT_LOG = 64;

    private static final Duration SNAPSHOT_WAIT = Duration.ofSeconds(5);
    /** After which Ratis gives up whichever snapshot is under way, so not soon. */
    private static final Duration SNAPSHOT_TIMEOUT = Duration.ofMinutes(1);

    private static final Duration LOOK = Duration.ofMillis(50);

    private final OwnServer server;
    private final Standing standing;
    private final Duration timeout;
    private final Duration election;
    private final long shortLogBytes;

    /**
     * @param timeout how long a change may take, until a new member has caught up
     * @param election who has not answered for so long is not in touch
     * @param snapshotLogBytes so much log there is before the node takes a snapshot by itself
     */
    public Configuration(
            OwnServer server, Standing standing, Duration timeout, Duration election, long snapshotLogBytes) {
        this.server = server;
        this.standing = standing;
        this.timeout = timeout;
        this.election = election;
        this.shortLogBytes = snapshotLogBytes / SHORT_LOG;
    }

    /**
     * Another node as its leader sees it.
     *
     * @param matchIndex the last entry that it is known to have; -1 if none is
     * @param lagEntries committed entries that it is not known to have
     * @param lastContactMillis since it last answered
     */
    public record Sight(PeerName name, long matchIndex, long lagEntries, long lastContactMillis) {}

    /**
     * This node's part of the group, if it leads and can take changes. A new leader gets a moment to become ready.
     *
     * @throws KvException {@code NOT_LEADER} or {@code UNAVAILABLE}
     */
    RaftServer.Division leading() throws IOException {
        long deadline = System.nanoTime() + READY_WAIT.toNanos();
        while (true) {
            standing.idleReason().ifPresent(reason -> {
                throw new KvException(Code.UNAVAILABLE, reason);
            });
            RaftServer.Division division = server.division().orElseThrow(RaftErrors::notLeader);
            if (!division.getInfo().isLeader()) {
                throw RaftErrors.notLeader();
            }
            if (division.getInfo().isLeaderReady()) {
                return division;
            }
            if (System.nanoTime() > deadline) {
                throw RaftErrors.notReady(null);
            }
            Pause.millis(10);
        }
    }

    /** The others, and a node that is being joined; empty if this node does not lead. */
    public Optional<List<Sight>> sights() {
        return server.division()
                .filter(division ->
                        division.getInfo().isAlive() && division.getInfo().isLeader())
                .map(Configuration::sights);
    }

    private static List<Sight> sights(RaftServer.Division division) {
        long committed = division.getRaftLog().getLastCommittedIndex();
        return ConfiguredRoles.followers(division).stream()
                .map(follower -> sight(follower, committed))
                .toList();
    }

    private static Sight sight(FollowerInfo follower, long committed) {
        long match = follower.getMatchIndex();
        return new Sight(
                PeerName.of(follower.getId()),
                match,
                Math.max(0, committed - match),
                follower.getLastRpcResponseTime().elapsedTimeMs());
    }

    boolean isSelf(PeerName name) {
        return name.equals(server.name());
    }

    /** How long a change may take, until a new member has caught up. */
    Duration timeout() {
        return timeout;
    }

    /** Whether it has answered within an election timeout. */
    boolean isInTouch(Sight other) {
        return other.lastContactMillis() < election.toMillis();
    }

    /**
     * Takes a snapshot for a member that is to come. It gets the latest one as files, and what has followed it entry by entry, which
     * takes it ten times as long. Blocks for seconds at most; if there is none by then, or it fails, an older one will do.
     */
    void offerSnapshot(RaftServer.Division division) {
        KvStateMachine machine = (KvStateMachine) division.getStateMachine();
        if (machine.logBytes() < shortLogBytes || !machine.hasReplayed()) {
            return;
        }
        try {
            server.takeSnapshot(SNAPSHOT_TIMEOUT).get(SNAPSHOT_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | ExecutionException | TimeoutException e) {
            LOG.warn("node {} could not take a snapshot for a new member: {}", server.name(), e.toString());
        }
    }

    /**
     * Replaces the members if they are still those that the caller has seen; blocks.
     *
     * @param what for the answer: the node that is to catch up
     * @throws KvException if it failed, or may have
     */
    void change(Roster current, Roster next, String what) throws IOException {
        try {
            RaftClientReply reply = await(server.reconfigure(current.to(next)));
            if (!reply.isSuccess()) {
                throw RaftErrors.reconfiguration(reply.getException(), what);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(e, what);
        } catch (ExecutionException | TimeoutException e) {
            throw failed(e, what);
        }
    }

    private RaftClientReply await(CompletableFuture<RaftClientReply> reply)
            throws InterruptedException, ExecutionException, TimeoutException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            try {
                return reply.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                // Ratis looks when an entry has reached a new member, or when nothing has happened for an election
                // timeout.
                server.division().ifPresent(ConfiguredRoles::settle);
            }
        }
    }

    private KvException failed(Exception failure, String what) {
        KvException known = RaftErrors.reconfiguration(failure, what);
        return lag(what).map(known::with).orElse(known);
    }

    /** For whoever waits for another node: what that one lacks of the log, half a sentence; empty if nothing is known to lack. */
    Optional<String> lag(String nodeId) {
        return sights().stream()
                .flatMap(List::stream)
                .filter(sight -> sight.name().nodeId().equals(nodeId) && sight.lagEntries() > 0)
                .findFirst()
                .map(sight -> nodeId + " still lacks " + sight.lagEntries()
                        + " entries, and goes on to catch up: GET /raft/members shows how far it is");
    }
}
