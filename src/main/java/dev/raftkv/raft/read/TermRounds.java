package dev.raftkv.raft.read;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * Asks the voters for their current term, one round at a time, and so finds out that nobody had been elected in this
 * leader's place when the round began.
 *
 * <p>Let the leader, of term T, have noted its index at the moment m, and let each voter of a majority have answered after m
 * that its term is T at most. Terms only grow, so at m none was in a later one. Then at m each of them would have taken an
 * entry of this leader, which would have been committed. Raft promises that a leader of a later term has all that is
 * committed in earlier ones; nobody had that entry at m; so there was no such leader. What was acknowledged before m was so
 * by this leader or its predecessors, and this leader had applied it. So whoever has applied the index may answer all reads
 * that came before m.
 *
 * <p>It is no lease: who has answered has promised nothing. Nothing waits here. Thread-safe, but for rounds side by side.
 */
final class TermRounds {
    private static final CompletableFuture<OptionalLong> NOBODY_ASKED =
            CompletableFuture.completedFuture(OptionalLong.empty());

    private final RaftPeerId self;
    private final Supplier<Optional<Lead>> lead;
    private final BiFunction<Lead, RaftPeerId, Optional<CompletableFuture<Long>>> voters;
    private final long patienceNanos;
    private final LongSupplier nanos;
    private volatile UnderWay latest;

    private record UnderWay(Round round, long deadline) {}

    /**
     * @param lead what this node knows of itself when it is called; empty if no round can begin
     * @param voters asks one for its term; empty if it cannot be asked now
     * @param patience how long a round may take
     * @param nanos the time
     */
    TermRounds(
            RaftPeerId self,
            Supplier<Optional<Lead>> lead,
            BiFunction<Lead, RaftPeerId, Optional<CompletableFuture<Long>>> voters,
            Duration patience,
            LongSupplier nanos) {
        this.self = self;
        this.lead = lead;
        this.voters = voters;
        this.patienceNanos = patience.toNanos();
        this.nanos = nanos;
    }

    /**
     * Begins a round; the one before has ended.
     *
     * @return the index that this leader had applied when this was called, if it was still the leader then; empty if that
     *     cannot be found out in this way. Ends by the thread that brings the last answer, which must not wait, if it has
     *     not ended yet
     */
    CompletableFuture<OptionalLong> begin() {
        Optional<Lead> noted = lead.get();
        if (noted.isEmpty()) {
            return NOBODY_ASKED;
        }
        Lead now = noted.get();
        Map<RaftPeerId, CompletableFuture<Long>> answers = new LinkedHashMap<>();
        for (RaftPeerId voter : now.voters()) {
            if (!voter.equals(self)) {
                voters.apply(now, voter).ifPresent(answer -> answers.put(voter, answer));
            }
        }
        // Its own term it has noted itself. One that is no voter any more does not count.
        int known = now.voters().contains(self) ? 1 : 0;
        Round round = new Round(now.term(), now.voters().size() / 2 + 1 - known, answers.keySet());
        latest = new UnderWay(round, nanos.getAsLong() + patienceNanos);
        answers.forEach((voter, answer) -> answer.whenComplete((term, failure) -> {
            if (failure == null) {
                round.answered(voter, term);
            } else {
                round.failed(voter);
            }
        }));
        return round.end().thenApply(led -> led ? OptionalLong.of(now.index()) : OptionalLong.empty());
    }

    /** Ends the round that has taken too long; to be called some times a second. */
    public void expire() {
        UnderWay now = latest;
        if (now != null && now.deadline() - nanos.getAsLong() <= 0) {
            now.round().giveUp();
        }
    }
}
