package dev.raftkv.rest.store;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Reader;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Session;
import dev.raftkv.model.Write;
import dev.raftkv.rest.cluster.LeaderRouting;
import dev.raftkv.rest.cluster.Reads;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.json.SessionId;
import dev.raftkv.rest.json.Ttl;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Query;
import dev.raftkv.rest.request.Request;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** Sessions: begun, renewed, shown and ended. */
public final class SessionOperations {
    private static final int MAX_BODY = 8 * 1024;
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1000;
    private static final int MILLIS = 1000;

    private static final String SESSIONS = "session";
    private static final String SESSION = SESSIONS + "/{id}";
    private static final String LIMIT = "limit";
    private static final String AFTER = "after";
    private static final List<String> DEMAND = List.of(Reads.CONSISTENCY, Reads.MIN_REVISION);

    private final KvService kv;
    private final LeaderRouting routing;
    private final Reads reads;

    public SessionOperations(KvService kv, LeaderRouting routing, Reads reads) {
        this.kv = kv;
        this.routing = routing;
        this.reads = reads;
    }

    public List<Operation> all() {
        List<String> list = List.of(LIMIT, AFTER, Reads.CONSISTENCY, Reads.MIN_REVISION);
        return List.of(
                new Operation("POST", SESSIONS, List.of(), Effect.CHANGES, this::create).takingBody(MAX_BODY),
                new Operation("GET", SESSIONS, list, Effect.READS, this::list),
                new Operation("PUT", SESSION, List.of(), Effect.CHANGES, this::renew),
                new Operation("GET", SESSION, DEMAND, Effect.READS, this::get),
                new Operation("DELETE", SESSION, List.of(), Effect.CHANGES, this::end));
    }

    private static UUID id(Request request) {
        return SessionId.of(request.path().substring(SESSIONS.length() + 1));
    }

    private CompletionStage<Answer> create(Request request) {
        Conditions.requireNone(request, "a session has none");
        OfSession.Create create = SessionRequest.create(request.body());
        Write write = new Write(create, Precondition.NONE, RequestName.of(request));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.SessionMade.class).thenApply(made -> {
                    byte[] body = Json.line(json -> {
                        json.writeStringField("message", "success beginning session");
                        json.writeObjectFieldStart("data");
                        // Repeated by its Idempotency-Key it has the id that it had the first time.
                        members(json, made.id(), create);
                        json.writeEndObject();
                    });
                    return Answer.of(201, Answers.JSON, body)
                            .header(Headers.LOCATION, SESSIONS + "/" + made.id())
                            .header(Headers.REVISION, made.revision());
                }));
    }

    /** Wherever it is answered the leader knows of it: see {@link KvService#renew}. */
    private CompletionStage<Answer> renew(Request request) {
        UUID id = id(request);
        return routing.route(
                request, () -> kv.renew(id).thenApply(session -> answer("success renewing session", session)));
    }

    private CompletionStage<Answer> end(Request request) {
        Conditions.requireNone(request, "a session has none");
        UUID id = id(request);
        Write write = new Write(new OfSession.End(List.of(id), 0), Precondition.NONE, RequestName.of(request));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.SessionsEnded.class)
                        .thenApply(ended -> Answers.ok(json -> {
                                    json.writeStringField("message", "success ending session");
                                    json.writeObjectFieldStart("data");
                                    json.writeStringField("id", id.toString());
                                    json.writeEndObject();
                                })
                                .header(Headers.REVISION, ended.revision())));
    }

    private CompletionStage<Answer> get(Request request) {
        UUID id = id(request);
        Reads.Demand demand = reads.demand(request.query());
        return reads.read(
                request,
                demand,
                reader -> shown(answer("success fetching session", KvService.session(reader, id)), reader, demand));
    }

    private CompletionStage<Answer> list(Request request) {
        Query query = request.query();
        int limit = (int) query.number(LIMIT, 1, MAX_LIMIT).orElse(DEFAULT_LIMIT);
        Optional<UUID> after = query.get(AFTER).map(SessionId::of);
        Reads.Demand demand = reads.demand(query);
        return reads.read(request, demand, reader -> {
            List<Session> found = reader.sessions(after, limit + 1);
            List<Session> page = found.size() > limit ? found.subList(0, limit) : found;
            Answer answer = Answers.ok(json -> {
                json.writeStringField("message", "success fetching sessions");
                json.writeArrayFieldStart("data");
                for (Session session : page) {
                    json.writeStartObject();
                    write(json, session);
                    json.writeEndObject();
                }
                json.writeEndArray();
            });
            if (found.size() > limit) {
                answer.header(
                        Headers.LINK,
                        "<?limit=" + limit + "&after=" + page.get(limit - 1).id()
                                + StoreList.parameter(query, Reads.CONSISTENCY)
                                + StoreList.parameter(query, Reads.MIN_REVISION) + ">; rel=\"next\"");
            }
            return shown(answer, reader, demand);
        });
    }

    private static Answer shown(Answer answer, Reader reader, Reads.Demand demand) {
        return answer.header(Headers.REVISION, reader.revision())
                .header(Headers.CONSISTENCY, demand.level().label());
    }

    private static Answer answer(String message, Session session) {
        return Answers.ok(json -> {
            json.writeStringField("message", message);
            json.writeObjectFieldStart("data");
            write(json, session);
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, Session session) throws IOException {
        members(
                json,
                session.id(),
                new OfSession.Create(
                        session.id(),
                        session.name(),
                        session.ttlMillis(),
                        session.behavior(),
                        session.lockDelayMillis()));
        json.writeNumberField("keys", session.keys());
    }

    private static void members(JsonGenerator json, UUID id, OfSession.Create session) throws IOException {
        json.writeStringField("id", id.toString());
        json.writeStringField("name", session.name());
        json.writeNumberField(Ttl.NAME, session.ttlMillis() / MILLIS);
        json.writeStringField("behavior", session.behavior().text());
        json.writeNumberField("lock_delay", (session.lockDelayMillis() + MILLIS - 1) / MILLIS);
    }
}
