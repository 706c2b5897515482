package dev.raftkv.raft.read;

import dev.raftkv.kv.SharedBarrier;
import dev.raftkv.raft.log.Understanding;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Wire;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Read indexes of a leader, for its own readers and those of its followers: by a round of questions, which all readers that
 * came before it share, and by an entry of the log where that does not do. Thread-safe.
 */
public final class LeaderReads {
    private final TermRounds rounds;
    private final Supplier<CompletableFuture<Long>> barrier;
    private final CommitNews news;
    private final Executor answers;
    private final SharedBarrier shared;

    /**
     * @param applied up to where this node's store has come; throws while it serves nothing
     * @param barrier the way by an entry; ends with an index that this node has applied
     * @param answers completes the readers' futures
     * @param election the shortest election timeout: when a quarter of it is over, a round has failed
     */
    public LeaderReads(
            OwnServer server,
            Wire wire,
            Understanding understanding,
            LongSupplier applied,
            Supplier<CompletableFuture<Long>> barrier,
            CommitNews news,
            Executor answers,
            Duration election) {
        this.barrier = barrier;
        this.news = news;
        this.answers = new Answering(answers);
        this.shared = new SharedBarrier(this::begin, answers);
        Questions questions = new Questions(wire, understanding);
        this.rounds = new TermRounds(
                server.name().id(),
                () -> Lead.note(server::division, applied),
                (lead, voter) -> questions
                        .ask(voter, Kind.TERM, lead.group())
                        .map(answer -> answer.thenApply(Questions::number)),
                election.dividedBy(4),
                System::nanoTime);
    }

    /**
     * Up to where a reader must have applied the log to see all that was acknowledged before this call; this node has. Ends
     * as {@link dev.raftkv.kv.Replicator#barrier} says.
     */
    public CompletableFuture<Long> index() {
        return shared.index();
    }

    /** The same for a member that has not led when it asked. One that is behind hears of the commits soon. */
    public CompletableFuture<Long> indexFor(PeerName reader) {
        return index().thenApply(index -> {
            news.tell(reader.id());
            return index;
        });
    }

    private CompletableFuture<Long> begin() {
        CompletableFuture<OptionalLong> round = rounds.begin();
        return round.isDone() ? round.thenCompose(this::end) : round.thenComposeAsync(this::end, answers);
    }

    private CompletableFuture<Long> end(OptionalLong index) {
        return index.isPresent() ? CompletableFuture.completedFuture(index.getAsLong()) : barrier.get();
    }

    /** Ends the round that has taken too long; to be called some times a second. */
    public void expire() {
        rounds.expire();
    }
}
