package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Seen;
import dev.raftkv.model.Write;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads and writes of keys. */
final class StoreResource {
    /** A key of the full length, each of its characters written as an escape, fits ten times. */
    private static final int ALL_BUT_THE_VALUE = 64 * 1024;

    private static final String RAW = "raw";
    private static final String NOSNIFF = "X-Content-Type-Options";
    private static final String POLICY = "Content-Security-Policy";

    private final KvService kv;
    private final LeaderRouting routing;
    private final Reads reads;
    private final RequestBody body;

    StoreResource(KvService kv, LeaderRouting routing, Reads reads) {
        this.kv = kv;
        this.routing = routing;
        this.reads = reads;
        this.body = new RequestBody(kv.maxValueBytes() + ALL_BUT_THE_VALUE);
    }

    // --- writes ---

    CompletionStage<Response> post(ContainerRequestContext request) {
        QueryParameters.of(request.getUriInfo());
        return post(ClientRequest.of(request, body.read(request)));
    }

    private CompletionStage<Response> post(ClientRequest request) {
        return answer(request, StoreRequest.parse(request.body()));
    }

    /** The request to {@code POST /store}, with its body. */
    ClientRequest read(HttpServletRequest request) {
        return ClientRequest.of(request, "/store", body.read(request));
    }

    CompletionStage<Response> put(ContainerRequestContext request) {
        QueryParameters query = QueryParameters.of(request.getUriInfo(), RequestedKey.PARAMETER, Ttl.NAME);
        Key key = RequestedKey.of(request.getUriInfo(), query);
        ClientRequest copy = ClientRequest.of(request, body.read(request));
        return answer(copy, StoreRequest.parse(key, query.number(Ttl.NAME, 1, Ttl.MAX_SECONDS), copy.body()));
    }

    private CompletionStage<Response> answer(ClientRequest request, StoreRequest store) {
        return routing.route(
                request,
                store(request, store)
                        .thenApply(stored -> StoreHeaders.written(
                                        Answers.success(KeyAnswer.PERSISTED.body(store.key(), store.value())),
                                        stored.revision())
                                .header(HttpHeaders.ETAG, StoreHeaders.tag(stored.revision()))
                                .build()));
    }

    /** Stores as a request says; ends as {@link KvService#write} does. */
    CompletableFuture<Outcome.Stored> store(ClientRequest request, StoreRequest store) {
        Command put = new Command.Put(store.key(), store.value(), Ttl.millisOf(store.ttl()));
        Write write = new Write(put, Conditions.of(request), RequestName.of(request));
        return kv.write(write, Outcome.Stored.class);
    }

    /** The answer to a write that ended with a failure, perhaps of another node. */
    CompletionStage<Response> elsewhere(ClientRequest request, Throwable failure) {
        return routing.route(request, CompletableFuture.failedFuture(failure));
    }

    CompletionStage<Response> delete(ContainerRequestContext request) {
        QueryParameters query = QueryParameters.of(request.getUriInfo(), RequestedKey.PARAMETER, StoreList.PREFIX);
        ClientRequest copy = ClientRequest.of(request);
        if (query.has(StoreList.PREFIX)) {
            requireNoKey(request);
            return deleteRange(copy, StoreList.rangeToRemove(query));
        }
        Key key = RequestedKey.of(request.getUriInfo(), query);
        Write write = new Write(new Command.Delete(key), Conditions.of(copy), RequestName.of(copy));
        return routing.route(
                copy,
                kv.write(write, Outcome.Removed.class)
                        .thenApply(removed -> StoreHeaders.written(
                                        Answers.success(KeyAnswer.REMOVED.body(key)), removed.revision())
                                .build()));
    }

    private CompletionStage<Response> deleteRange(ClientRequest request, Prefix prefix) {
        Conditions.requireNone(request, "compare keys in a transaction, POST /txn");
        Write write = new Write(new Command.DeleteRange(prefix), Precondition.NONE, RequestName.of(request));
        return routing.route(
                request,
                kv.write(write, Outcome.RangeRemoved.class)
                        .thenApply(removed -> StoreHeaders.written(
                                        Answers.success(Json.line(json -> {
                                            json.writeStringField("message", "success removing data");
                                            json.writeObjectFieldStart("data");
                                            json.writeStringField("prefix", prefix.text());
                                            json.writeNumberField("removed", removed.count());
                                            json.writeEndObject();
                                        })),
                                        removed.revision())
                                .build()));
    }

    CompletionStage<Response> txn(ContainerRequestContext request) {
        QueryParameters.of(request.getUriInfo());
        ClientRequest copy = ClientRequest.of(request, body.read(request));
        Conditions.requireNone(copy, "write compares into the list \"if\"");
        Write write = new Write(TxnRequest.parse(copy.body()), Precondition.NONE, RequestName.of(copy));
        return routing.route(
                copy,
                kv.write(write, Outcome.TxnDone.class)
                        .thenApply(
                                done -> StoreHeaders.written(Answers.success(TxnAnswer.body(done, kv)), done.revision())
                                        .build()));
    }

    // --- reads ---

    /** One key, or a list. */
    CompletionStage<Response> get(ContainerRequestContext request) {
        boolean named = RequestedKey.isNamed(request.getUriInfo());
        ClientRequest copy = ClientRequest.of(request);
        if (!named) {
            QueryParameters query = QueryParameters.of(request.getUriInfo(), StoreList.PARAMETERS);
            StoreList list = StoreList.of(query);
            boolean unmodified = Conditions.isUnmodifiedList(copy);
            Reads.Demand demand = reads.demand(query);
            return reads.read(copy, demand, reader -> {
                Response.ResponseBuilder answer = unmodified ? Response.notModified() : list.answer(reader, kv);
                return StoreHeaders.read(answer, reader.revision(), demand.level())
                        .build();
            });
        }
        QueryParameters query = QueryParameters.of(
                request.getUriInfo(), RequestedKey.PARAMETER, RAW, Reads.CONSISTENCY, Reads.MIN_REVISION);
        Key key = RequestedKey.of(request.getUriInfo(), query);
        boolean raw = query.flag(RAW);
        Precondition precondition = Conditions.of(copy);
        Reads.Demand demand = reads.demand(query);
        return reads.read(copy, demand, reader -> {
            Seen seen = seen(reader, key);
            Entry entry = seen.entry().orElseThrow();
            Response.ResponseBuilder answer = conditional(precondition, entry, seen.revision())
                    .orElseGet(() -> raw ? raw(entry) : Answers.success(KeyAnswer.FETCHED.body(key, entry.value())));
            StoreHeaders.entry(answer, entry, kv.remainingMillis(entry));
            return StoreHeaders.read(answer, seen.revision(), demand.level()).build();
        });
    }

    /** The key, which is there. */
    static Seen seen(Reader reader, Key key) {
        Seen seen = reader.see(key);
        if (seen.entry().isEmpty()) {
            throw new KvException(Code.NOT_FOUND, "error getting key " + key + " from storage: Key not found")
                    .at(seen.revision());
        }
        return seen;
    }

    /** What a precondition answers in the place of the entry: RFC 9110, section 13.2.2. */
    private static Optional<Response.ResponseBuilder> conditional(
            Precondition precondition, Entry entry, long revision) {
        if (precondition.holds(entry.changeRevision())) {
            return Optional.empty();
        }
        boolean matches = new Precondition(precondition.ifMatch(), Optional.empty()).holds(entry.changeRevision());
        if (!matches) {
            throw KvException.preconditionFailed(entry.changeRevision()).at(revision);
        }
        return Optional.of(Response.notModified());
    }

    /** The bare value. Whoever stores it is not who shows it: a browser must not take it for a page of this site. */
    private static Response.ResponseBuilder raw(Entry entry) {
        return Answers.with(Response.ok(), Answers.JSON, entry.value().utf8())
                .header(NOSNIFF, "nosniff")
                .header(POLICY, "default-src 'none'; sandbox");
    }

    private static void requireNoKey(ContainerRequestContext request) {
        if (RequestedKey.isNamed(request.getUriInfo())) {
            throw new KvException(
                    Code.INVALID, "a key and a prefix are given: remove one key, or the range that has the prefix");
        }
    }

    /** A follower's question, see {@link FollowerBarrier}. It is not passed on: a node that does not lead says so. */
    CompletionStage<Response> barrier(ContainerRequestContext request) {
        QueryParameters.of(request.getUriInfo());
        return kv.barrier()
                .thenApply(index -> Answers.ok(Json.line(json -> {
                    json.writeStringField("message", "barrier passed");
                    json.writeObjectFieldStart("data");
                    json.writeNumberField("index", index);
                    json.writeEndObject();
                })));
    }
}
