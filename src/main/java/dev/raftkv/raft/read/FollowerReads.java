package dev.raftkv.raft.read;

import dev.raftkv.kv.SharedBarrier;
import dev.raftkv.raft.log.Understanding;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.RaftErrors;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Wire;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.Int64Value;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;

/**
 * Read indexes of a node that follows: it asks its leader at the Raft port, once for all its readers that wait. Only an
 * index crosses the network. Thread-safe.
 */
public final class FollowerReads {
    private final OwnServer server;
    private final Questions questions;
    private final Supplier<CompletableFuture<Void>> leaderChange;
    private final Executor answers;
    private final long patienceNanos;
    private final SharedBarrier shared;
    private volatile UnderWay latest;

    private record UnderWay(CompletableFuture<MessageLite> answer, long deadline) {}

    /**
     * @param leaderChange ends when this node hears of another leader
     * @param answers completes the readers' futures
     * @param election the shortest election timeout; the leader may take twice as long
     */
    public FollowerReads(
            OwnServer server,
            Wire wire,
            Understanding understanding,
            Supplier<CompletableFuture<Void>> leaderChange,
            Executor answers,
            Duration election) {
        this.server = server;
        this.questions = new Questions(wire, understanding);
        this.leaderChange = leaderChange;
        this.answers = new Answering(answers);
        this.patienceNanos = 2 * election.toNanos();
        this.shared = new SharedBarrier(this::ask, answers);
    }

    /**
     * Up to where a reader must have applied the log to see all that was acknowledged before this call; this node may not
     * have come there. Ends with {@code NOT_LEADER} if the leader cannot be asked in this way, or does not answer: it may do
     * so in another.
     */
    public CompletableFuture<Long> index() {
        return shared.index();
    }

    private CompletableFuture<Long> ask() {
        // Before the leader is looked for: a change that comes in between ends the wait.
        CompletableFuture<Void> change = leaderChange.get();
        Optional<RaftServer.Division> held = server.division();
        Optional<CompletableFuture<MessageLite>> asked = held.flatMap(this::askLeader);
        if (asked.isEmpty()) {
            return CompletableFuture.failedFuture(RaftErrors.notLeader());
        }
        CompletableFuture<MessageLite> answer = asked.get();
        latest = new UnderWay(answer, System.nanoTime() + patienceNanos);
        return CompletableFuture.anyOf(answer, change)
                .handleAsync((first, failure) -> index(held, answer, first), answers);
    }

    private Optional<CompletableFuture<MessageLite>> askLeader(RaftServer.Division division) {
        RaftPeerId leader = division.getInfo().getLeaderId();
        return leader == null || leader.equals(server.name().id())
                ? Optional.empty()
                : questions.ask(leader, Kind.READ_INDEX, division.getMemberId().getGroupId());
    }

    /** An index is one of the log of the group in which it was asked for. */
    private long index(Optional<RaftServer.Division> held, CompletableFuture<MessageLite> answer, Object first) {
        if (first instanceof Int64Value index && held.equals(server.division())) {
            return Questions.number(index);
        }
        answer.cancel(false);
        throw RaftErrors.notLeader();
    }

    /** Ends the wait for a leader that does not answer; to be called some times a second. */
    public void expire() {
        UnderWay now = latest;
        if (now != null && now.deadline() - System.nanoTime() <= 0) {
            now.answer().completeExceptionally(new TimeoutIOException("the leader has not told a read index in time"));
        }
    }
}
