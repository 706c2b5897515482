package dev.raftkv.rest.store;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.rest.cluster.LeaderRouting;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.json.SessionId;
import dev.raftkv.rest.json.Ttl;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Query;
import dev.raftkv.rest.request.Request;
import dev.raftkv.rest.request.RequestedKey;
import dev.raftkv.rest.txn.Previous;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Writes by which a session gets a key, or lets it go. */
public final class LockOperations {
    /** For so long may a request wait until its session can have the key. */
    public static final Duration MOST_WAIT = Duration.ofSeconds(60);

    static final String SLOTS = "slots";
    static final String RELEASE = "release";
    static final String WAIT = "wait";

    private final KvService kv;
    private final LeaderRouting routing;
    private final LeaderRouting waiting;
    private final PreviousWrites previous;

    /** @param waiting takes requests to the leader that it may answer as late as {@link #MOST_WAIT} */
    public LockOperations(KvService kv, LeaderRouting routing, LeaderRouting waiting) {
        this.kv = kv;
        this.routing = routing;
        this.waiting = waiting;
        this.previous = new PreviousWrites(kv, routing);
    }

    /** Whether a write is about a session. */
    static boolean areMeant(Query query) {
        return query.has(SessionRequest.NAME) || query.has(RELEASE) || query.has(WAIT);
    }

    CompletionStage<Answer> put(Request request) {
        Query query = request.query();
        query.requireOneOf(SessionRequest.NAME, RELEASE);
        query.requireOneOf(WAIT, RELEASE);
        Optional<Duration> wait = wait(query);
        String name = query.has(RELEASE) ? RELEASE : SessionRequest.NAME;
        query.requireOneOf(Ttl.NAME, name);
        query.requireOneOf(Previous.PARAMETER, WAIT);
        UUID session = session(query, name);
        StoreRequest store = StoreRequest.parse(RequestedKey.of(request), request.body());
        if (PreviousWrites.isAsked(request)) {
            TxnOp.OfKey change = name.equals(RELEASE)
                    ? new TxnOp.Release(store.key(), store.value(), session)
                    : new TxnOp.Take(store.key(), store.value(), session);
            return previous.change(request, change, KeyAnswer.PERSISTED);
        }
        return name.equals(RELEASE) ? release(request, store, session) : take(request, store, session, wait);
    }

    private static Optional<Duration> wait(Query query) {
        return query.number(WAIT, 1, MOST_WAIT.toSeconds()).stream()
                .mapToObj(Duration::ofSeconds)
                .findFirst();
    }

    private static UUID session(Query query, String name) {
        return session(query, name, "wait is for a session: say with ?session= who is to have the key");
    }

    private static UUID session(Query query, String name, String missing) {
        return query.get(name).map(SessionId::of).orElseThrow(() -> new KvException(Code.INVALID, missing));
    }

    private CompletionStage<Answer> take(Request request, StoreRequest store, UUID session, Optional<Duration> wait) {
        OfSession.Take take = new OfSession.Put(store.key(), store.value(), session);
        return held(
                request,
                take,
                wait,
                held -> stored(
                        KeyAnswer.PERSISTED.body(store.key(), store.value(), Optional.of(held.hold())),
                        held.revision()));
    }

    /** A slot of a semaphore, whichever is free. */
    CompletionStage<Answer> slot(Request request) {
        Conditions.requireNone(request, "a semaphore gives a key, whatever there is");
        Query query = request.query();
        int slots = (int) query.number(SLOTS, 1, OfSession.Slot.MOST).orElseThrow();
        UUID session =
                session(query, SessionRequest.NAME, "slots are for sessions: say with ?session= who is to have one");
        JsonText value = StoreRequest.value(request.body());
        Prefix prefix = Prefix.of(query.get(StoreList.PREFIX).orElse(""));
        OfSession.Slot slot = new OfSession.Slot(prefix, slots, value, session);
        return held(
                request,
                slot,
                wait(query),
                held -> stored(
                        KeyAnswer.PERSISTED.body(held.slot().orElseThrow(), value, Optional.of(held.hold())),
                        held.revision()));
    }

    private CompletionStage<Answer> held(
            Request request, OfSession.Take take, Optional<Duration> wait, Function<Outcome.Held, Answer> answer) {
        if (wait.isEmpty()) {
            Write write = write(request, take);
            return routing.route(
                    request, () -> kv.write(write, Outcome.Held.class).thenApply(answer));
        }
        Conditions.requireNone(
                request,
                "what waits gets the key whatever it holds, and whoever asks again would find what it has done itself;"
                        + " compare in a transaction, or ask without wait");
        // A refusal would be remembered, and be the answer to each further try; who asks again has the same hold
        // anyway.
        return waiting.route(request, () -> kv.take(Write.of(take), wait.get()).thenApply(answer));
    }

    private CompletionStage<Answer> release(Request request, StoreRequest store, UUID session) {
        Key key = store.key();
        JsonText value = store.value();
        Write write = write(request, new OfSession.Release(key, value, session));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.Stored.class)
                        .thenApply(stored -> stored(KeyAnswer.PERSISTED.body(key, value), stored.revision())));
    }

    private static Answer stored(byte[] body, long revision) {
        return Answers.ok(body).header(Headers.REVISION, revision).header(Headers.ETAG, Headers.tag(revision));
    }

    CompletionStage<Answer> delete(Request request) {
        Key key = RequestedKey.of(request);
        UUID session = session(request.query(), SessionRequest.NAME);
        if (PreviousWrites.isAsked(request)) {
            return previous.change(request, new TxnOp.DeleteHeld(key, session), KeyAnswer.REMOVED);
        }
        Write write = write(request, new OfSession.Delete(key, session));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.Removed.class)
                        .thenApply(removed ->
                                Answers.ok(KeyAnswer.REMOVED.body(key)).header(Headers.REVISION, removed.revision())));
    }

    private static Write write(Request request, OfSession step) {
        return new Write(step, Conditions.of(request), RequestName.of(request));
    }
}
