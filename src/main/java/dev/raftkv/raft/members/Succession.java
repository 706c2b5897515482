package dev.raftkv.raft.members;

import dev.raftkv.raft.group.Standing;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.Pause;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.FollowerInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a follower stand as soon as it may when the leader's process has ended: when the leader has been silent for the
 * shortest election timeout, nobody listens at its address, and a majority would vote for this node. Ratis would wait for one
 * to three times as long. It is Ratis' own election that follows, with its own votes; DESIGN.md says why nothing is lost by
 * beginning it here. Runs on a thread of its own, as it waits for other members.
 */
public final class Succession implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);
    private static final long LOOK_MILLIS = 50;
    private static final int CONNECT_MILLIS = 100;

    private final OwnServer server;
    private final Standing standing;
    private final ThreadFactory callers;
    private final long electionMillis;
    /** A leader that is silent and still there is not asked at each look. */
    private long nextTry = System.nanoTime();

    /** Whether votes were asked for once when nothing hung on it. */
    private boolean rehearsed;

    /**
     * @param election the shortest election timeout
     * @param callers makes the threads that wait for votes
     */
    public Succession(OwnServer server, Standing standing, Duration election, ThreadFactory callers) {
        this.server = server;
        this.standing = standing;
        this.callers = callers;
        this.electionMillis = election.toMillis();
    }

    @Override
    public void run() {
        while (!standing.isStopping()) {
            try {
                server.division().ifPresent(this::look);
                Pause.millis(LOOK_MILLIS);
            } catch (IOException e) {
                return;
            } catch (RuntimeException e) {
                // A division that is just closed throws what it likes. Ratis' own elections go on in any case.
                LOG.debug("node {}", server.name(), e);
                nextTry = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(electionMillis);
            } catch (Error e) {
                LOG.error("node {}", server.name(), e);
                nextTry = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(electionMillis);
            }
        }
    }

    private void look(RaftServer.Division division) {
        if (nextTry - System.nanoTime() <= 0 && isOrphan(division)) {
            stand(division);
        } else if (!rehearsed && isCalm(division)) {
            rehearsed = true;
            rehearse(division);
        }
    }

    /** Whether this node follows a leader that it hears of, and whose entries it has. */
    private boolean isCalm(RaftServer.Division division) {
        DivisionInfo info = division.getInfo();
        return info.isAlive()
                && info.isFollower()
                && info.getLeaderId() != null
                && lastOfThisTerm(division).isPresent();
    }

    /**
     * Asks all for a pre-vote, whatever they say: then the connections to them are there, and the classes for it, when a cluster
     * waits for its next leader. A pre-vote binds nobody, and while the leader is heard of nobody grants one.
     */
    private void rehearse(RaftServer.Division division) {
        lastOfThisTerm(division).ifPresent(last -> {
            List<RaftPeer> members = List.copyOf(division.getRaftConf().getCurrentPeers());
            askForVotes(division, members, last).reach(members.size(), electionMillis);
        });
    }

    /** Whether this node follows a leader that is silent, and nothing of it is still being worked on here. */
    private boolean isOrphan(RaftServer.Division division) {
        DivisionInfo info = division.getInfo();
        if (!info.isAlive() || !info.isFollower() || info.getLeaderId() == null) {
            return false;
        }
        FollowerInfoProto follower = info.getRoleInfoProto().getFollowerInfo();
        return follower.getOutstandingOp() == 0
                && follower.getLeaderInfo().getLastRpcElapsedTimeMs() >= electionMillis
                && division.getRaftConf().getPreviousPeers().isEmpty();
    }

    private void stand(RaftServer.Division division) {
        RaftPeerId leader = division.getInfo().getLeaderId();
        Optional<RaftPeer> known = Optional.ofNullable(division.getRaftConf().getPeer(leader));
        nextTry = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(electionMillis / 4);
        Optional<TermIndex> last = lastOfThisTerm(division);
        if (known.isEmpty()
                || last.isEmpty()
                || !isGone(PeerName.of(leader))
                || !wouldWin(division, leader, last.get())) {
            return;
        }
        // Ratis' own lock: as with its own timer, no word of the leader comes in between the last look and the new
        // term.
        synchronized (division) {
            boolean sameTerm = division.getInfo().getCurrentTerm() == last.get().getTerm();
            if (sameTerm && isOrphan(division)) {
                LOG.info("node {} stands for election: {} has ended", server.name(), leader);
                begin(division, leader);
            }
        }
    }

    /** By what a leader sends to whom it hands over to. */
    private void begin(RaftServer.Division division, RaftPeerId leader) {
        try {
            server.raft()
                    .startLeaderElection(StartLeaderElectionRequestProto.newBuilder()
                            .setServerRequest(
                                    call(division, leader, server.name().id()))
                            .setLeaderLastEntry(division.getRaftLog()
                                    .getLastEntryTermIndex()
                                    .toProto())
                            .build());
        } catch (IOException e) {
            LOG.debug("node {}", server.name(), e);
        }
    }

    /** Whether nobody listens there. An address that does not answer at all may belong to a node that lives. */
    private static boolean isGone(PeerName leader) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(
                            leader.address().host(), leader.address().port()),
                    CONNECT_MILLIS);
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** A round of pre-votes: nobody grants one who has heard of a leader within the shortest election timeout. */
    private boolean wouldWin(RaftServer.Division division, RaftPeerId leader, TermIndex last) {
        List<RaftPeer> members = List.copyOf(division.getRaftConf().getCurrentPeers());
        List<RaftPeer> left =
                members.stream().filter(peer -> !peer.getId().equals(leader)).toList();
        // Its own is the one that a majority has more than half of the members.
        return askForVotes(division, left, last).reach(members.size() / 2, electionMillis);
    }

    /** The last entry here, if it is of the term that this node is in. */
    private static Optional<TermIndex> lastOfThisTerm(RaftServer.Division division) {
        return Optional.ofNullable(division.getRaftLog().getLastEntryTermIndex())
                .filter(last -> last.getTerm() == division.getInfo().getCurrentTerm());
    }

    private Votes askForVotes(RaftServer.Division division, List<RaftPeer> members, TermIndex last) {
        return new Votes(members.stream()
                .map(RaftPeer::getId)
                .filter(id -> !id.equals(server.name().id()))
                .map(id -> CompletableFuture.supplyAsync(
                        () -> wouldVote(division, id, last),
                        task -> callers.newThread(task).start()))
                .toList());
    }

    private boolean wouldVote(RaftServer.Division division, RaftPeerId voter, TermIndex last) {
        try {
            return server.raft()
                    .getServerRpc()
                    .requestVote(RequestVoteRequestProto.newBuilder()
                            .setServerRequest(call(division, server.name().id(), voter))
                            .setCandidateTerm(last.getTerm())
                            .setCandidateLastEntry(last.toProto())
                            .setPreVote(true)
                            .build())
                    .getServerReply()
                    .getSuccess();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private static RaftRpcRequestProto call(RaftServer.Division division, RaftPeerId from, RaftPeerId to) {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(from.toByteString())
                .setReplyId(to.toByteString())
                .setRaftGroupId(RaftGroupIdProto.newBuilder()
                        .setId(division.getMemberId().getGroupId().toByteString()))
                .setCallId(CallId.getAndIncrement())
                .build();
    }
}
