package dev.raftkv.rest.store;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import dev.raftkv.rest.cluster.LeaderRouting;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.json.Ttl;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Query;
import dev.raftkv.rest.request.Request;
import dev.raftkv.rest.request.RequestedKey;
import dev.raftkv.rest.txn.Previous;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** Writes by which a session gets a key, or lets it go. */
final class LockOperations {
    static final String RELEASE = "release";

    private final KvService kv;
    private final LeaderRouting routing;

    LockOperations(KvService kv, LeaderRouting routing) {
        this.kv = kv;
        this.routing = routing;
    }

    /** Whether a write names a session. */
    static boolean areMeant(Query query) {
        return query.has(SessionRequest.NAME) || query.has(RELEASE);
    }

    CompletionStage<Answer> put(Request request) {
        Query query = request.query();
        query.requireOneOf(SessionRequest.NAME, RELEASE);
        String name = query.has(RELEASE) ? RELEASE : SessionRequest.NAME;
        query.requireOneOf(Ttl.NAME, name);
        query.requireOneOf(Previous.PARAMETER, name);
        UUID session = session(query, name);
        StoreRequest store = StoreRequest.parse(RequestedKey.of(request), request.body());
        return name.equals(RELEASE) ? release(request, store, session) : take(request, store, session);
    }

    private static UUID session(Query query, String name) {
        return SessionRequest.id(query.get(name).orElseThrow());
    }

    private CompletionStage<Answer> take(Request request, StoreRequest store, UUID session) {
        Write write = write(request, new OfSession.Put(store.key(), store.value(), session));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.Held.class)
                        .thenApply(held -> stored(
                                KeyAnswer.PERSISTED.body(store.key(), store.value(), Optional.of(held.hold())),
                                held.revision())));
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
        request.query().requireOneOf(Previous.PARAMETER, SessionRequest.NAME);
        Key key = RequestedKey.of(request);
        Write write = write(request, new OfSession.Delete(key, session(request.query(), SessionRequest.NAME)));
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
