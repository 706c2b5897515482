package dev.raftkv.raft.members;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.group.Standing;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.Pause;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;

/** Who belongs to the cluster, as its leader sees and changes it. */
public final class Configuration {
    private static final Duration READY_WAIT = Duration.ofSeconds(5);

    private final OwnServer server;
    private final Standing standing;
    private final Duration timeout;

    /** @param timeout how long a change may take, until a new member has caught up */
    public Configuration(OwnServer server, Standing standing, Duration timeout) {
        this.server = server;
        this.standing = standing;
        this.timeout = timeout;
    }

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

    static List<RaftPeer> peers(RaftServer.Division division) {
        return new ArrayList<>(division.getRaftConf().getCurrentPeers(RaftPeerRole.FOLLOWER));
    }

    static String names(Collection<RaftPeer> peers) {
        return String.join(
                ", ",
                peers.stream()
                        .map(peer -> PeerName.of(peer.getId()).nodeId())
                        .sorted()
                        .toList());
    }

    /**
     * Replaces the members if they are still those that the caller has seen; blocks.
     *
     * @param what for the answer: the node that is to catch up
     * @throws KvException if it failed, or may have
     */
    void change(List<RaftPeer> current, List<RaftPeer> next, String what) throws IOException {
        try {
            RaftClientReply reply = server.reconfigure(current, next).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!reply.isSuccess()) {
                throw RaftErrors.reconfiguration(reply.getException(), what);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RaftErrors.reconfiguration(e, what);
        } catch (ExecutionException | TimeoutException e) {
            throw RaftErrors.reconfiguration(e, what);
        }
    }
}
