package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletionStage;

/** Reads and writes of keys. */
final class StoreResource {
    /** A key of the full length, each of its characters written as an escape, fits ten times. */
    private static final int ALL_BUT_THE_VALUE = 64 * 1024;

    private static final byte[] NO_BODY = {};

    private final KvService kv;
    private final WriteRouting routing;
    private final RequestBody body;

    StoreResource(KvService kv, WriteRouting routing) {
        this.kv = kv;
        this.routing = routing;
        this.body = new RequestBody(kv.maxValueBytes() + ALL_BUT_THE_VALUE);
    }

    CompletionStage<Response> store(ContainerRequestContext request) {
        QueryParameters.of(request.getUriInfo());
        return store(WriteRequest.of(request, body.read(request)));
    }

    CompletionStage<Response> store(HttpServletRequest request) {
        return store(WriteRequest.of(request, "/store", body.read(request)));
    }

    private CompletionStage<Response> store(WriteRequest request) {
        StoreRequest store = StoreRequest.parse(request.body());
        return routing.route(
                request,
                kv.write(Write.of(new Command.Put(store.key(), store.value())), Outcome.Stored.class)
                        .thenApply(outcome -> KeyAnswer.PERSISTED.of(store.key(), store.value())));
    }

    Response get(ContainerRequestContext request) {
        Key key = RequestedKey.of(request.getUriInfo());
        Entry entry = kv.get(key)
                .orElseThrow(() ->
                        new KvException(Code.NOT_FOUND, "error getting key " + key + " from storage: Key not found"));
        return KeyAnswer.FETCHED.of(key, entry.value());
    }

    CompletionStage<Response> delete(ContainerRequestContext request) {
        Key key = RequestedKey.of(request.getUriInfo());
        return routing.route(
                WriteRequest.of(request, NO_BODY),
                kv.write(Write.of(new Command.Delete(key)), Outcome.Removed.class)
                        .thenApply(outcome -> KeyAnswer.REMOVED.of(key)));
    }
}
