package dev.raftkv.rest.consul;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Role;
import dev.raftkv.rest.cluster.LeaderRouting;
import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Takes what only the leader does to the leader, as clients of Consul have no other way to it. Where nobody leads it waits a
 * moment for who will, and no longer than these clients do.
 */
public final class ConsulRouting {
    static final String NO_LEADER = "No cluster leader";

    /** Patroni gives a request 3.3 s by default. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Between two tries, where nobody says that there is a new leader. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final KvService kv;
    private final LeaderRouting routing;

    /** @param routing sends everything on to the leader */
    public ConsulRouting(KvService kv, LeaderRouting routing) {
        this.kv = kv;
        this.routing = routing;
    }

    /**
     * What this node answers, or the leader. What was refused before anything was changed, by whoever does not lead, is tried
     * again.
     *
     * @param answer begins
     */
    public CompletionStage<Answer> route(Request request, Supplier<CompletableFuture<Answer>> answer) {
        return attempt(request.withoutToken(), answer, System.nanoTime());
    }

    private CompletableFuture<Answer> attempt(Request request, Supplier<CompletableFuture<Answer>> answer, long begun) {
        CompletableFuture<Answer> done;
        try {
            done = routing.route(request, answer).toCompletableFuture();
        } catch (KvException e) {
            // The leader has changed just now.
            done = CompletableFuture.failedFuture(e);
        }
        if (request.header(Headers.FORWARDED).isPresent()) {
            return done;
        }
        return done.handle((made, failure) -> {
                    if (isWorthAnotherTry(made, failure)) {
                        return again(request, answer, begun, made, failure);
                    }
                    return failure == null
                            ? CompletableFuture.completedFuture(made)
                            : CompletableFuture.<Answer>failedFuture(failure);
                })
                .thenCompose(end -> end);
    }

    private CompletableFuture<Answer> again(
            Request request, Supplier<CompletableFuture<Answer>> answer, long begun, Answer last, Throwable failure) {
        if (System.nanoTime() - begun > PATIENCE.toNanos()) {
            if (last != null) {
                return CompletableFuture.completedFuture(last);
            }
            boolean leads = kv.status().role() == Role.LEADER;
            return CompletableFuture.failedFuture(leads ? failure : new ConsulFailure(500, NO_LEADER));
        }
        return leaderOrPause(kv).thenCompose(heard -> attempt(request, answer, begun));
    }

    /** Ends when this node hears of another leader, or when it is time to try again. */
    static CompletableFuture<Object> leaderOrPause(KvService kv) {
        CompletableFuture<Void> pause =
                kv.inTime(new CompletableFuture<Void>(), PAUSE).exceptionally(over -> null);
        return CompletableFuture.anyOf(kv.leaderChange(), pause);
    }

    /** A leader's own refusals are told as they are, but for the first one: it asks just then who can read what it is to write. */
    private boolean isWorthAnotherTry(Answer made, Throwable failure) {
        if (failure == null) {
            return made.status() == 307 || made.status() >= 500 && made.has(Headers.RETRY_AFTER);
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof KvException known
                && (known.code() == Code.NOT_LEADER || known.code() == Code.UNAVAILABLE)
                && kv.revision().isPresent()
                && (kv.status().role() != Role.LEADER || kv.reader().logLevel() < OfConsul.LEVEL);
    }
}
