package dev.raftkv.rest.consul;

import dev.raftkv.kv.Interest;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.rest.cluster.Reads;
import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.consul.text.ConsulQuery;
import dev.raftkv.rest.consul.text.Level;
import dev.raftkv.rest.consul.text.Level.Kind;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.request.Headers;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Reads of clients of Consul: as current as they ask for, and, if they wait, when there is news. */
public final class ConsulReads {
    private static final int MAX_INDEX_DIGITS = 18;

    private final KvService kv;
    private final Reads reads;
    private final Blocking blocking;

    ConsulReads(KvService kv, Reads reads, Blocking blocking) {
        this.kv = kv;
        this.reads = reads;
        this.blocking = blocking;
    }

    /** What a read looks at, and what tells that it has changed. */
    interface Look {
        CompletableFuture<Shown> at(Reader reader);
    }

    /** A read of keys, which waits for changes of them if its query says so. */
    CompletionStage<Answer> ofKeys(ConsulQuery query, Interest interest, Look look) {
        return begin(
                query, look, (wait, first) -> blocking.untilChanged(wait, interest, first, () -> look.at(kv.reader())));
    }

    /**
     * A read of what has an index of its own, which waits until that is another one if its query says so.
     *
     * @param look cheap, as it is repeated while somebody waits
     */
    public CompletionStage<Answer> ofOthers(ConsulQuery query, Function<Reader, Shown> look) {
        return begin(
                query,
                reader -> CompletableFuture.completedFuture(look.apply(reader)),
                (wait, first) -> blocking.untilOther(wait, () -> look.apply(kv.reader())));
    }

    /** A read of what this node knows without its store, and what never changes: who waits for news has to wait to the end. */
    public CompletionStage<Answer> ofOwnKnowledge(ConsulQuery query, Shown shown) {
        Level.of(query);
        Level own = new Level(Kind.STALE, Optional.empty());
        return Wait.of(query)
                .map(wait -> blocking.untilOther(wait, () -> shown))
                .orElseGet(() -> CompletableFuture.completedFuture(shown))
                .thenApply(known -> indexed(known, own));
    }

    /** The answer of a reader that does not wait. */
    public CompletionStage<Answer> now(ConsulQuery query, Function<Reader, Answer> look) {
        Level level = Level.of(query);
        return reader(level, 0).thenApply(reader -> said(look.apply(reader), level));
    }

    private interface Waiting {
        CompletableFuture<Shown> begin(Wait wait, Shown first);
    }

    private CompletionStage<Answer> begin(ConsulQuery query, Look look, Waiting waiting) {
        Level level = Level.of(query);
        Optional<Wait> wait = Wait.of(query);
        return reader(level, wait.map(Wait::index).orElse(0L))
                .thenCompose(look::at)
                .thenCompose(first -> wait.map(asked -> waiting.begin(asked, first))
                        .orElseGet(() -> CompletableFuture.completedFuture(first)))
                .thenApply(shown -> indexed(shown, level));
    }

    private Answer indexed(Shown shown, Level level) {
        return said(shown.answer().get().header(Headers.CONSUL_INDEX, shown.index()), level);
    }

    /** @param index which the client has seen, on whatever node */
    private CompletableFuture<Reader> reader(Level level, long index) {
        Kind kind = level.mostStale()
                .filter(this::isStaler)
                .map(more -> Kind.LEADER)
                .orElse(level.kind());
        return kind == Kind.STALE ? here(index) : current(kind, System.nanoTime());
    }

    /** Where nobody leads it waits for who will, as long as a write does. */
    private CompletableFuture<Reader> current(Kind kind, long begun) {
        Duration left = ConsulRouting.PATIENCE.minusNanos(System.nanoTime() - begun);
        return kv.inTime(current(kind), left).exceptionallyCompose(failure -> {
            boolean unavailable = isOf(failure, Code.UNAVAILABLE) || isOf(failure, Code.NOT_LEADER);
            if (!unavailable || kv.revision().isEmpty()) {
                return CompletableFuture.failedFuture(failure);
            }
            return System.nanoTime() - begun > ConsulRouting.PATIENCE.toNanos()
                    ? CompletableFuture.failedFuture(new ConsulFailure(500, ConsulRouting.NO_LEADER))
                    : ConsulRouting.leaderOrPause(kv).thenCompose(heard -> current(kind, begun));
        });
    }

    private CompletableFuture<Reader> current(Kind kind) {
        Reads.Demand proven = new Reads.Demand(ReadLevel.LINEARIZABLE, 0);
        return kind == Kind.CONSISTENT
                ? reads.reader(proven)
                : reads.reader(new Reads.Demand(ReadLevel.LEADER, 0))
                        .exceptionallyCompose(failure -> isOf(failure, Code.NOT_LEADER)
                                ? reads.reader(proven)
                                : CompletableFuture.failedFuture(failure));
    }

    private boolean isStaler(Duration most) {
        return kv.status().lastContactMillis().orElse(Long.MAX_VALUE) > most.toMillis();
    }

    private CompletableFuture<Reader> here(long index) {
        Reader now;
        try {
            now = kv.reader();
        } catch (KvException e) {
            return CompletableFuture.failedFuture(e);
        }
        return index - 1 <= now.revision() || Long.toString(index).length() > MAX_INDEX_DIGITS
                ? CompletableFuture.completedFuture(now)
                : kv.readerAtRevision(index - 1, ConsulRouting.PATIENCE).exceptionally(late -> kv.reader());
    }

    static boolean isOf(Throwable failure, Code code) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof KvException known && known.code() == code;
    }

    /** What every read says. */
    private Answer said(Answer answer, Level level) {
        boolean stale = level.kind() == Kind.STALE;
        NodeStatus status = stale ? kv.status() : null;
        return answer.header(
                        Headers.CONSUL_KNOWN_LEADER,
                        Boolean.toString(!stale || status.leaderId().isPresent()))
                .header(
                        Headers.CONSUL_LAST_CONTACT,
                        stale ? status.lastContactMillis().orElse(0) : 0)
                .header(Headers.CONSUL_CONSISTENCY, level.kind().name().toLowerCase(Locale.ROOT));
    }
}
