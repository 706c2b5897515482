package dev.raftkv.rest.watch;

import dev.raftkv.json.JsonObject;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import dev.raftkv.rest.cluster.LeaderRouting;
import dev.raftkv.rest.cluster.Reads;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** {@code /raft/settings}: what all nodes have agreed on by the log. */
public final class SettingsOperations {
    private static final String ROUTE = "raft/settings";
    private static final String HISTORY = "history";
    private static final String CHANGES = "changes";
    private static final String BYTES = "bytes";
    private static final String PREVIOUS = "prev";
    private static final int MAX_BODY = 8 * 1024;

    private final KvService kv;
    private final LeaderRouting routing;
    private final Reads reads;

    public SettingsOperations(KvService kv, LeaderRouting routing, Reads reads) {
        this.kv = kv;
        this.routing = routing;
        this.reads = reads;
    }

    public List<Operation> all() {
        return List.of(
                new Operation("GET", ROUTE, List.of(Reads.CONSISTENCY), Effect.READS, this::get),
                new Operation("PUT", ROUTE, List.of(), Effect.MEMBERS, this::put).takingBody(MAX_BODY));
    }

    private CompletionStage<Answer> get(Request request) {
        Reads.Demand demand = reads.demand(request.query());
        return reads.read(
                request,
                demand,
                reader -> answer("Here are the settings", reader.historyLimits())
                        .header(Headers.CONSISTENCY, demand.level().label()));
    }

    private CompletionStage<Answer> put(Request request) {
        HistoryLimits limits = limits(request.body());
        Write write = Write.of(new Command.Settings(limits));
        return routing.route(
                request,
                () -> kv.write(write, Outcome.Passed.class)
                        .thenApply(passed -> answer("the settings count now", limits)));
    }

    /**
     * All of them: what is left out would be what somebody else has chosen, or not. But for {@value #PREVIOUS}, which is false then:
     * there were limits before there was it.
     */
    private static HistoryLimits limits(byte[] body) {
        HistoryLimits limits = null;
        try (JsonObject object = JsonObject.read(body, HISTORY)) {
            while (object.next()) {
                limits = history(object.verbatim().utf8());
            }
        }
        if (limits == null) {
            throw missing(HISTORY, "{\"changes\": 10000, \"bytes\": 16777216}");
        }
        return limits;
    }

    private static HistoryLimits history(byte[] json) {
        long changes = 0;
        long bytes = 0;
        boolean previous = false;
        try (JsonObject object = JsonObject.read(json, CHANGES, BYTES, PREVIOUS)) {
            while (object.next()) {
                switch (object.name()) {
                    case CHANGES -> changes = object.number(HistoryLimits.LEAST_CHANGES, HistoryLimits.MOST_CHANGES);
                    case BYTES -> bytes = object.number(HistoryLimits.LEAST_BYTES, HistoryLimits.MOST_BYTES);
                    default -> previous = object.flag();
                }
            }
        }
        if (changes == 0) {
            throw missing(CHANGES, "how many changes are kept for watchers");
        }
        if (bytes == 0) {
            throw missing(BYTES, "how many bytes of changes are kept for watchers");
        }
        return new HistoryLimits(changes, bytes, previous);
    }

    private static KvException missing(String name, String wanted) {
        return new KvException(Code.INVALID, name + " is missing: give " + wanted);
    }

    private static Answer answer(String message, HistoryLimits limits) {
        return Answers.ok(json -> {
            json.writeStringField("message", message);
            json.writeObjectFieldStart("data");
            json.writeObjectFieldStart(HISTORY);
            json.writeNumberField(CHANGES, limits.changes());
            json.writeNumberField(BYTES, limits.bytes());
            json.writeBooleanField(PREVIOUS, limits.previous());
            json.writeEndObject();
            json.writeEndObject();
        });
    }
}
