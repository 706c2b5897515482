package dev.raftkv.raft.look;

import dev.raftkv.raft.look.Happening.Ballot;
import dev.raftkv.raft.look.Happening.Vote;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * Tells of the votes that this node asks for and is asked for. Ratis says nowhere but in its log why a vote is refused; the
 * reason is found by the same rules, in their order, from the answer and from what this node knows of itself. Thread-safe.
 */
public final class VoteWatch {
    /** Does what the votes are about. */
    public interface Election {
        RequestVoteReplyProto ask() throws IOException;
    }

    private final Events events;
    private final Pulse pulse;
    private final long electionMillis;

    /** @param election the shortest election timeout: who has heard of a leader within it refuses */
    public VoteWatch(Events events, Pulse pulse, Duration election) {
        this.events = events;
        this.pulse = pulse;
        this.electionMillis = election.toMillis();
    }

    /** Asks another node for its vote, and tells of it. */
    public RequestVoteReplyProto asks(RequestVoteRequestProto request, Election other) throws IOException {
        // Who asks has become a candidate before.
        pulse.run();
        tell(Ballot.ASKED, request, Optional.empty());
        try {
            RequestVoteReplyProto reply = other.ask();
            answered(request, reply, unseen(request, reply));
            return reply;
        } catch (IOException e) {
            tell(Ballot.UNANSWERED, request, Optional.of(String.valueOf(e.getMessage())));
            throw e;
        }
    }

    /**
     * Has this node answer another one that wants its vote, and tells of it.
     *
     * @param division this node's part in the group
     */
    public RequestVoteReplyProto isAsked(
            RequestVoteRequestProto request, Optional<RaftServer.Division> division, Election own) throws IOException {
        tell(Ballot.ASKED, request, Optional.empty());
        // Who votes in a new term follows nobody any more.
        Optional<String> leader = division.flatMap(this::heard);
        RequestVoteReplyProto reply = own.ask();
        answered(request, reply, leader.or(() -> unseen(request, reply)));
        pulse.run();
        return reply;
    }

    /** Which leader this node has, by whose word it refuses. */
    private Optional<String> heard(RaftServer.Division division) {
        DivisionInfo info = division.getInfo();
        if (info.getCurrentRole() == RaftPeerRole.LEADER) {
            return Optional.of("it leads");
        }
        RaftPeerId leader = info.getLeaderId();
        boolean heard = leader != null
                && info.getCurrentRole() == RaftPeerRole.FOLLOWER
                && info.getRoleInfoProto().getFollowerInfo().getLeaderInfo().getLastRpcElapsedTimeMs() < electionMillis;
        return heard ? Optional.of("it hears of a leader, " + nodeId(leader.toString())) : Optional.empty();
    }

    /** The same reason, where nobody can tell: who refuses a pre-vote without another reason has a leader. */
    private static Optional<String> unseen(RequestVoteRequestProto request, RequestVoteReplyProto reply) {
        return request.getPreVote() && !isAhead(request, reply)
                ? Optional.of("it leads, or hears of a leader")
                : Optional.empty();
    }

    private void answered(RequestVoteRequestProto request, RequestVoteReplyProto reply, Optional<String> leader) {
        if (reply.getServerReply().getSuccess()) {
            tell(Ballot.GIVEN, request, Optional.empty());
        } else {
            tell(Ballot.REFUSED, request, Optional.of(reason(request, reply, leader)));
        }
    }

    /** @param leader why it refuses if a leader is the reason; a vote of a later term does not ask for that */
    static String reason(RequestVoteRequestProto request, RequestVoteReplyProto reply, Optional<String> leader) {
        if (reply.getShouldShutdown()) {
            return candidate(request) + " is no member any more";
        }
        if (!request.getPreVote() && reply.getTerm() > request.getCandidateTerm()) {
            return "it is in term " + reply.getTerm();
        }
        if (leader.isPresent() && (request.getPreVote() || !isAhead(request, reply))) {
            return leader.get();
        }
        if (isAhead(request, reply)) {
            return "its log goes further: it ends with entry " + text(TermIndex.valueOf(reply.getLastEntry()))
                    + ", that of the candidate with entry "
                    + text(TermIndex.valueOf(request.getCandidateLastEntry()));
        }
        return "it has given its vote of term " + request.getCandidateTerm() + " away, or has none";
    }

    private static boolean isAhead(RequestVoteRequestProto request, RequestVoteReplyProto reply) {
        return reply.hasLastEntry()
                && TermIndex.valueOf(reply.getLastEntry()).compareTo(TermIndex.valueOf(request.getCandidateLastEntry()))
                        > 0;
    }

    private static String text(TermIndex entry) {
        return entry.getIndex() + " of term " + entry.getTerm();
    }

    private void tell(Ballot ballot, RequestVoteRequestProto request, Optional<String> reason) {
        RaftRpcRequestProto head = request.getServerRequest();
        events.happened(new Vote(
                ballot,
                candidate(request),
                nodeId(head.getReplyId()),
                request.getPreVote(),
                request.getCandidateTerm(),
                reason));
    }

    private static String candidate(RequestVoteRequestProto request) {
        return nodeId(request.getServerRequest().getRequestorId());
    }

    private static String nodeId(ByteString id) {
        // Ratis remembers each id that is made of some bytes, for good.
        return nodeId(id.toStringUtf8());
    }

    private static String nodeId(String id) {
        return PeerName.parse(id).map(PeerName::nodeId).orElse(id);
    }
}
