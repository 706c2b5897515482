package dev.raftkv.raft.members;

import dev.raftkv.raft.group.Standing;
import dev.raftkv.raft.log.Understanding;
import dev.raftkv.raft.look.Heirs;
import dev.raftkv.raft.look.Heirs.Heir;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.Pause;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Line;
import dev.raftkv.raft.wire.MemberConnection;
import dev.raftkv.raft.wire.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
import org.apache.ratis.thirdparty.com.google.protobuf.Int64Value;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a follower stand as soon as it may when the leader's process has ended. At once when the leader's connections have
 * ended, nobody listens at its address, and a majority finds the same; else when the leader has been silent for the shortest
 * election timeout, nobody listens there, and a majority would vote for this node. Ratis would wait for one to three times as
 * long. It is Ratis' own election that follows, with its own votes; DESIGN.md says why nothing is lost by beginning it here. Runs
 * on a thread of its own, as it waits for other members.
 */
public final class Succession implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);
    private static final long LOOK_MILLIS = 50;
    /** The next best follower waits for so long, lest all ask at once. */
    private static final long TURN_MILLIS = 20;

    private final OwnServer server;
    private final Standing standing;
    private final Wire wire;
    private final Understanding understanding;
    private final ThreadFactory askers;
    private final long electionMillis;
    /** Of a leader that is still there not all are asked at each look. */
    private long nextTry = System.nanoTime();

    /** Whether votes were asked for once when nothing hung on it. */
    private boolean rehearsed;

    private interface Agreement {
        boolean reached(RaftServer.Division division, RaftPeerId leader, TermIndex last);
    }

    /**
     * @param election the shortest election timeout
     * @param askers makes the threads that wait for votes
     */
    public Succession(
            OwnServer server,
            Standing standing,
            Wire wire,
            Understanding understanding,
            Duration election,
            ThreadFactory askers) {
        this.server = server;
        this.standing = standing;
        this.wire = wire;
        this.understanding = understanding;
        this.askers = askers;
        this.electionMillis = election.toMillis();
    }

    @Override
    public void run() {
        while (!standing.isStopping()) {
            try {
                long seen = wire.callers().ends();
                server.division().ifPresent(this::look);
                wire.callers().awaitEnd(seen, LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                // A division that is just closed throws what it likes. Ratis' own elections go on in any case.
                LOG.debug("node {}", server.name(), e);
                nextTry = in(electionMillis);
            } catch (Error e) {
                LOG.error("node {}", server.name(), e);
                nextTry = in(electionMillis);
            }
        }
    }

    private void look(RaftServer.Division division) {
        boolean due = nextTry - System.nanoTime() <= 0;
        if (due && isSilent(division)) {
            nextTry = in(electionMillis / 4);
            stand(division, this::isSilent, this::wouldWin);
        } else if (due && isLost(division)) {
            nextTry = in(2 * LOOK_MILLIS);
            stand(division, this::isLost, this::mayStand);
        } else if (!rehearsed && isCalm(division)) {
            rehearsed = true;
            rehearse(division);
        }
    }

    private static long in(long millis) {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
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
            ask(members, voter -> wouldVote(division, voter, last)).reach(members.size(), electionMillis);
        });
    }

    /** Whether this node follows a leader that is silent. */
    private boolean isSilent(RaftServer.Division division) {
        return isFree(division)
                && division.getInfo()
                                .getRoleInfoProto()
                                .getFollowerInfo()
                                .getLeaderInfo()
                                .getLastRpcElapsedTimeMs()
                        >= electionMillis;
    }

    /** Whether this node follows a leader whose connections have ended. */
    private boolean isLost(RaftServer.Division division) {
        RaftPeerId leader = division.getInfo().getLeaderId();
        return leader != null && wire.callers().isGone(leader.toByteString()) && isFree(division);
    }

    /** Whether this node follows a leader, and nothing of it is still being worked on here. */
    private static boolean isFree(RaftServer.Division division) {
        DivisionInfo info = division.getInfo();
        return info.isAlive()
                && info.isFollower()
                && info.getLeaderId() != null
                && info.getRoleInfoProto().getFollowerInfo().getOutstandingOp() == 0
                && division.getRaftConf().getPreviousPeers().isEmpty();
    }

    /**
     * @param orphaned still has to hold in the end
     * @param agreed asks the others
     */
    private void stand(RaftServer.Division division, Predicate<RaftServer.Division> orphaned, Agreement agreed) {
        RaftPeerId leader = division.getInfo().getLeaderId();
        Optional<TermIndex> last = lastOfThisTerm(division);
        if (leader == null
                || last.isEmpty()
                || division.getRaftConf().getPeer(leader) == null
                || !Heirs.isRefusedBy(PeerName.of(leader))
                || !agreed.reached(division, leader, last.get())) {
            return;
        }
        // Ratis' own lock: as with its own timer, no word of the leader comes in between the last look and the new
        // term.
        synchronized (division) {
            boolean sameTerm = division.getInfo().getCurrentTerm() == last.get().getTerm();
            if (sameTerm && orphaned.test(division)) {
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

    /** A round of pre-votes: nobody grants one who has heard of a leader within the shortest election timeout. */
    private boolean wouldWin(RaftServer.Division division, RaftPeerId leader, TermIndex last) {
        return isMajority(division, leader, voter -> wouldVote(division, voter, last));
    }

    /** A round of questions: nobody lets this node stand who does not find the leader gone, too. */
    private boolean mayStand(RaftServer.Division division, RaftPeerId leader, TermIndex last) {
        String own = server.name().toString();
        long before = division.getRaftConf().getCurrentPeers().stream()
                .map(RaftPeer::getId)
                .filter(id -> !id.equals(leader) && id.toString().compareTo(own) < 0)
                .count();
        try {
            Pause.millis(before * TURN_MILLIS);
        } catch (IOException e) {
            return false;
        }
        if (!wire.heirs().begin(new Heir(own, last.getTerm(), last))) {
            return false;
        }
        boolean majority = false;
        try {
            majority = isMajority(division, leader, voter -> lets(division, voter, last));
        } finally {
            wire.heirs().end(majority);
        }
        return majority;
    }

    private boolean isMajority(RaftServer.Division division, RaftPeerId leader, Predicate<RaftPeerId> voter) {
        List<RaftPeer> members = List.copyOf(division.getRaftConf().getCurrentPeers());
        List<RaftPeer> left =
                members.stream().filter(peer -> !peer.getId().equals(leader)).toList();
        // Its own is the one that a majority has more than half of the members.
        return ask(left, voter).reach(members.size() / 2, electionMillis);
    }

    /** The last entry here, if it is of the term that this node is in. */
    private static Optional<TermIndex> lastOfThisTerm(RaftServer.Division division) {
        return Optional.ofNullable(division.getRaftLog().getLastEntryTermIndex())
                .filter(last -> last.getTerm() == division.getInfo().getCurrentTerm());
    }

    private Votes ask(List<RaftPeer> members, Predicate<RaftPeerId> voter) {
        return new Votes(members.stream()
                .map(RaftPeer::getId)
                .filter(id -> !id.equals(server.name().id()))
                .map(id -> CompletableFuture.supplyAsync(
                        () -> voter.test(id), task -> askers.newThread(task).start()))
                .toList());
    }

    private RequestVoteRequestProto preVote(RaftServer.Division division, RaftPeerId voter, TermIndex last) {
        return RequestVoteRequestProto.newBuilder()
                .setServerRequest(call(division, server.name().id(), voter))
                .setCandidateTerm(last.getTerm())
                .setCandidateLastEntry(last.toProto())
                .setPreVote(true)
                .build();
    }

    private boolean wouldVote(RaftServer.Division division, RaftPeerId voter, TermIndex last) {
        try {
            return server.raft()
                    .getServerRpc()
                    .requestVote(preVote(division, voter, last))
                    .getServerReply()
                    .getSuccess();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private boolean lets(RaftServer.Division division, RaftPeerId voter, TermIndex last) {
        PeerName name = PeerName.of(voter);
        Optional<MemberConnection> connection = wire.to(voter);
        if (connection.isEmpty() || !understanding.answersReads(name)) {
            return false;
        }
        boolean open = connection.get().isOpen();
        try {
            Int64Value answer =
                    (Int64Value) connection.get().call(Kind.GONE, preVote(division, voter, last), electionMillis);
            return answer.getValue() == 1;
        } catch (IOException e) {
            if (open && Line.isBroken(e)) {
                understanding.doubt(name);
            }
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
