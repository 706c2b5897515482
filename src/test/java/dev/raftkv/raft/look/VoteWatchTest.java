package dev.raftkv.raft.look;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.model.Address;
import dev.raftkv.raft.look.Happening.Ballot;
import dev.raftkv.raft.look.Happening.Vote;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.ratis.proto.RaftProtos.RaftRpcReplyProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;

/** What is told of votes, and that the reason is the one that the rules give. */
class VoteWatchTest {
    private static final PeerName A = new PeerName("a", new Address("127.0.0.1", 1111));
    private static final PeerName B = new PeerName("b", new Address("127.0.0.1", 1112));
    private static final long TERM = 5;
    private static final TermIndex LAST = TermIndex.valueOf(4, 20);

    private final Events events = new Events(Clock.systemUTC(), Runnable::run);
    private final EventFeed feed = events.feed(OptionalLong.empty(), 0, () -> {});
    private final VoteWatch votes =
            new VoteWatch(events, new Pulse(new OwnServer(A), events, System::nanoTime), Duration.ofMillis(500));

    private static RequestVoteRequestProto request(boolean preVote) {
        return RequestVoteRequestProto.newBuilder()
                .setServerRequest(RaftRpcRequestProto.newBuilder()
                        .setRequestorId(A.id().toByteString())
                        .setReplyId(B.id().toByteString()))
                .setCandidateTerm(TERM)
                .setCandidateLastEntry(LAST.toProto())
                .setPreVote(preVote)
                .build();
    }

    private static RequestVoteReplyProto.Builder reply(boolean success, long term, TermIndex last) {
        return RequestVoteReplyProto.newBuilder()
                .setServerReply(RaftRpcReplyProto.newBuilder().setSuccess(success))
                .setTerm(term)
                .setLastEntry(last.toProto());
    }

    private List<Happening> told() {
        return feed.poll(10).stream().map(Event::what).toList();
    }

    private static Vote vote(Ballot ballot, boolean preVote, Optional<String> reason) {
        return new Vote(ballot, "a", "b", preVote, TERM, reason);
    }

    @Test
    void aVoteIsAskedAndGiven() throws IOException {
        votes.asks(request(false), () -> reply(true, TERM, LAST).build());
        assertEquals(
                List.of(vote(Ballot.ASKED, false, Optional.empty()), vote(Ballot.GIVEN, false, Optional.empty())),
                told());
        votes.isAsked(
                request(true), Optional.empty(), () -> reply(true, TERM, LAST).build());
        assertEquals(
                List.of(vote(Ballot.ASKED, true, Optional.empty()), vote(Ballot.GIVEN, true, Optional.empty())),
                told());
    }

    @Test
    void whoDoesNotAnswerIsToldOf() {
        assertThrows(
                IOException.class,
                () -> votes.asks(request(false), () -> {
                    throw new IOException("no connection to b");
                }));
        assertEquals(
                List.of(
                        vote(Ballot.ASKED, false, Optional.empty()),
                        vote(Ballot.UNANSWERED, false, Optional.of("no connection to b"))),
                told());
    }

    private String reasonOf(boolean preVote, RequestVoteReplyProto reply) throws IOException {
        votes.asks(request(preVote), () -> reply);
        Vote last = (Vote) told().get(1);
        assertEquals(Ballot.REFUSED, last.ballot());
        return last.reason().orElseThrow();
    }

    @Test
    void aRefusalHasItsReason() throws IOException {
        TermIndex further = TermIndex.valueOf(4, 21);
        assertEquals(
                "a is no member any more",
                reasonOf(true, reply(false, TERM, LAST).setShouldShutdown(true).build()));
        assertEquals("it is in term 7", reasonOf(false, reply(false, 7, further).build()));
        assertEquals(
                "its log goes further: it ends with entry 21 of term 4, that of the candidate with entry 20 of term 4",
                reasonOf(false, reply(false, TERM, further).build()));
        assertEquals(
                "it has given its vote of term 5 away, or has none",
                reasonOf(false, reply(false, TERM, LAST).build()));
        // A pre-vote asks for no term, and binds nobody.
        assertEquals(
                "it leads, or hears of a leader",
                reasonOf(true, reply(false, 7, LAST).build()));
        assertEquals(
                "its log goes further: it ends with entry 1 of term 5, that of the candidate with entry 20 of term 4",
                reasonOf(true, reply(false, 7, TermIndex.valueOf(5, 1)).build()));
    }

    /** Who has a leader does not look at logs, but in a term of its own it has to. */
    @Test
    void aLeaderIsTheReasonWhereItCounts() {
        Optional<String> leader = Optional.of("it hears of a leader, c");
        RequestVoteReplyProto ahead =
                reply(false, TERM, TermIndex.valueOf(4, 21)).build();
        assertEquals("it hears of a leader, c", VoteWatch.reason(request(true), ahead, leader));
        assertEquals(
                "it hears of a leader, c",
                VoteWatch.reason(request(false), reply(false, TERM, LAST).build(), leader));
        assertEquals(
                VoteWatch.reason(request(false), ahead, Optional.empty()),
                VoteWatch.reason(request(false), ahead, leader));
    }
}
