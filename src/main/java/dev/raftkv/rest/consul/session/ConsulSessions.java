package dev.raftkv.rest.consul.session;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Session;
import dev.raftkv.model.Write;
import dev.raftkv.rest.consul.ConsulKeys;
import dev.raftkv.rest.consul.ConsulReads;
import dev.raftkv.rest.consul.ConsulRouting;
import dev.raftkv.rest.consul.Shown;
import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.consul.text.ConsulIndex;
import dev.raftkv.rest.consul.text.ConsulQuery;
import dev.raftkv.rest.consul.text.EntryText;
import dev.raftkv.rest.consul.text.GoText;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;

/** {@code /v1/session}. */
public final class ConsulSessions {
    private static final String ROOT = "v1/session/";
    private static final String PRETTY = "pretty";
    private static final int MAX_BODY = 64 * 1024;
    private static final int PAGE = 1000;

    private final KvService kv;
    private final ConsulRouting routing;
    private final ConsulReads reads;
    private final String nodeId;
    private final Duration minTtl;

    /**
     * @param nodeId whose sessions are those that name no node
     * @param minTtl the shortest that a session may have
     */
    public ConsulSessions(KvService kv, ConsulRouting routing, ConsulReads reads, String nodeId, Duration minTtl) {
        this.kv = kv;
        this.routing = routing;
        this.reads = reads;
        this.nodeId = nodeId;
        this.minTtl = minTtl;
    }

    public List<Operation> all() {
        return List.of(
                operation("PUT", "create", Effect.CHANGES, this::create).takingBody(MAX_BODY),
                of("PUT", "renew/", "Missing session", Effect.CHANGES, this::renew),
                of("PUT", "destroy/", "Missing session", Effect.CHANGES, this::destroy),
                of("GET", "info/", "Missing session", Effect.READS, this::info),
                of("GET", "node/", "Missing node name", Effect.READS, this::ofNode),
                operation("GET", "list", Effect.READS, this::list));
    }

    private static Operation operation(
            String method, String route, Effect effect, Function<Request, CompletionStage<Answer>> function) {
        return new Operation(method, ROOT + route, List.of(), effect, function).ofAnotherInterface();
    }

    /** One of something that the path names at its end. */
    private static Operation of(
            String method,
            String route,
            String missing,
            Effect effect,
            BiFunction<Request, String, CompletionStage<Answer>> function) {
        return operation(method, route + "{id}", effect, request -> {
            String name = ConsulKeys.decode(request.path(), ROOT + route);
            if (name.isEmpty()) {
                throw new ConsulFailure(400, missing);
            }
            return function.apply(request, name);
        });
    }

    private static Answer answer(byte[] json) {
        return Answer.of(200, EntryText.JSON, json);
    }

    private static boolean isPretty(Request request) {
        return ConsulQuery.of(request.rawQuery()).flag(PRETTY);
    }

    private CompletionStage<Answer> create(Request request) {
        boolean pretty = isPretty(request);
        String asked = request.header(Headers.FORWARDED).orElse(nodeId);
        OfSession.Create create = SessionBody.session(request.body(), asked, minTtl);
        return routing.route(
                request,
                () -> kv.write(Write.of(create)).thenApply(outcome -> {
                    if (outcome instanceof Outcome.Rejected rejected) {
                        throw new ConsulFailure(500, KvService.failure(rejected).getMessage());
                    }
                    return answer(EntryText.bytes(pretty, json -> {
                        json.writeStartObject();
                        json.writeStringField("ID", create.id().toString());
                        json.writeEndObject();
                    }));
                }));
    }

    /** Only a leader that is proven to lead renews: who has an answer knows that the session lives. */
    private CompletionStage<Answer> renew(Request request, String name) {
        boolean pretty = isPretty(request);
        UUID id = GoText.session(name);
        return routing.route(
                        request,
                        () -> kv.renew(id).thenApply(session -> answer(SessionJson.array(List.of(session), pretty))))
                .exceptionally(failure -> {
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    if (cause instanceof KvException known && known.code() == Code.NOT_FOUND) {
                        throw new ConsulFailure(404, "Session id '" + name + "' not found");
                    }
                    throw failure instanceof CompletionException known ? known : new CompletionException(failure);
                });
    }

    private CompletionStage<Answer> destroy(Request request, String name) {
        byte[] done = EntryText.bytes(isPretty(request), json -> json.writeBoolean(true));
        Write write = Write.of(new OfSession.End(List.of(GoText.session(name)), 0));
        return routing.route(
                request, () -> kv.write(write, Outcome.SessionsEnded.class).thenApply(ended -> answer(done)));
    }

    private CompletionStage<Answer> info(Request request, String name) {
        UUID id = GoText.session(name);
        return read(request, reader -> reader.session(id).stream().toList());
    }

    private CompletionStage<Answer> list(Request request) {
        return read(request, ConsulSessions::sessions);
    }

    private CompletionStage<Answer> ofNode(Request request, String node) {
        return read(
                request,
                reader -> sessions(reader).stream()
                        .filter(session -> node.equals(
                                session.consul().map(consul -> consul.node()).orElse("")))
                        .toList());
    }

    private CompletionStage<Answer> read(Request request, Function<Reader, List<Session>> found) {
        ConsulQuery query = ConsulQuery.of(request.rawQuery());
        // What is shown may be newer than its index, and is then shown once more; never the other way round.
        return reads.ofOthers(
                query,
                reader -> Shown.at(
                        ConsulIndex.of(reader.sessionNumber()),
                        () -> answer(SessionJson.array(found.apply(reader), query.flag(PRETTY)))));
    }

    private static List<Session> sessions(Reader reader) {
        List<Session> all = new ArrayList<>();
        List<Session> page;
        do {
            Optional<UUID> last = all.isEmpty()
                    ? Optional.empty()
                    : Optional.of(all.get(all.size() - 1).id());
            page = reader.sessions(last, PAGE);
            all.addAll(page);
        } while (page.size() == PAGE);
        return all;
    }
}
