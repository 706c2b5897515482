package dev.raftkv.rest.cluster;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.request.Query;
import dev.raftkv.rest.request.Request;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Gets every read a store that has come as far as the read needs. A level that cannot be served now is an error, never
 * silently another one.
 */
public final class Reads {
    public static final String CONSISTENCY = "consistency";
    public static final String MIN_REVISION = "min_revision";

    private final KvService kv;
    private final LeaderRouting routing;
    private final FollowerBarrier followerBarrier;
    private final ReadLevel byDefault;

    public Reads(KvService kv, LeaderRouting routing, FollowerBarrier followerBarrier, ReadLevel byDefault) {
        this.kv = kv;
        this.routing = routing;
        this.followerBarrier = followerBarrier;
        this.byDefault = byDefault;
    }

    /** What a read asks for. */
    public record Demand(ReadLevel level, long minRevision) {
        /** Whether this node's store has it, however far that is. */
        public boolean isLocal() {
            return level == ReadLevel.EVENTUAL && minRevision == 0;
        }
    }

    /** @throws KvException {@link Code#INVALID} if there is no such level or revision */
    public Demand demand(Query query) {
        ReadLevel level = query.get(CONSISTENCY).map(Reads::level).orElse(byDefault);
        return new Demand(
                level, query.number(MIN_REVISION, 0, Long.MAX_VALUE / 10).orElse(0));
    }

    private static ReadLevel level(String label) {
        return ReadLevel.of(label).orElseThrow(() -> {
            String choice =
                    Arrays.stream(ReadLevel.values()).map(ReadLevel::label).collect(Collectors.joining(", "));
            return new KvException(Code.INVALID, CONSISTENCY + " is " + label + ": give one of " + choice);
        });
    }

    /** The answer of a reader that has what was demanded; at once, on the calling thread, if this node has it already. */
    public CompletionStage<Answer> read(Request request, Demand demand, Function<Reader, Answer> answer) {
        // Only the leader can answer for its state; routing takes the request there.
        return routing.route(request, () -> reader(demand).thenApply(answer));
    }

    /** The same, of a reader that takes a while. */
    public CompletionStage<Answer> readLater(
            Request request, Demand demand, Function<Reader, CompletableFuture<Answer>> answer) {
        return routing.route(request, () -> kv.inTime(readerSoonOrLate(demand).thenCompose(answer)));
    }

    /** Ends within the time of a read, with {@code NOT_LEADER} only for {@link ReadLevel#LEADER}. */
    public CompletableFuture<Reader> reader(Demand demand) {
        return kv.inTime(readerSoonOrLate(demand));
    }

    private CompletableFuture<Reader> readerSoonOrLate(Demand demand) {
        long begun = System.nanoTime();
        CompletableFuture<Reader> reader = kv.reader(demand.level);
        if (demand.level == ReadLevel.LINEARIZABLE) {
            reader = reader.exceptionallyCompose(failure -> isNotLeader(failure)
                    ? followerBarrier.index().thenCompose(index -> kv.readerAt(index, timeLeft(begun)))
                    : CompletableFuture.failedFuture(failure));
        }
        return demand.minRevision == 0
                ? reader
                : reader.thenCompose(found -> found.revision() >= demand.minRevision
                        ? CompletableFuture.completedFuture(found)
                        : kv.readerAtRevision(demand.minRevision, timeLeft(begun)));
    }

    private Duration timeLeft(long begun) {
        return kv.readWait().minusNanos(System.nanoTime() - begun);
    }

    /**
     * Ends when this node has come to a revision that a node of the cluster has shown before this call.
     *
     * <p>What a node has shown was committed. When the first barrier has passed, the leader has applied all that was
     * committed before it, as Raft applies in order. The second begins after that, and when it has passed, this node has
     * applied what the leader had: a node that is behind catches up, and a revision that is ahead even then was never shown.
     *
     * @return ends with a {@link KvException}: {@code GONE} if none can have shown it, {@code UNAVAILABLE} if that cannot be
     *     found out now
     */
    public CompletableFuture<Void> awaitShown(long revision) {
        return kv.reader().revision() >= revision
                ? CompletableFuture.completedFuture(null)
                : confirmed(revision)
                        .thenCompose(first -> first.revision() >= revision
                                ? CompletableFuture.completedFuture(first)
                                : confirmed(revision))
                        .thenAccept(reader -> {
                            if (reader.revision() < revision) {
                                throw KvException.neverReached(revision, reader.revision(), reader.oldestRevision());
                            }
                        });
    }

    private CompletableFuture<Reader> confirmed(long revision) {
        return reader(new Demand(ReadLevel.LINEARIZABLE, 0)).exceptionally(failure -> {
            throw new KvException(
                    Code.UNAVAILABLE,
                    "this node has not come to revision " + revision
                            + ", and the leader cannot say now whether there is"
                            + " such a one: try again, or watch at another node",
                    failure);
        });
    }

    static boolean isNotLeader(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return Optional.of(cause)
                .filter(KvException.class::isInstance)
                .map(known -> ((KvException) known).code() == Code.NOT_LEADER)
                .orElse(false);
    }
}
