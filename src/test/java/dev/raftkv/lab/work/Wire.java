package dev.raftkv.lab.work;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.Request;
import dev.raftkv.lab.history.Txn;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Requests and answers as they go over HTTP. The same request is always written in the same way. */
final class Wire {
    private static final JsonMapper JSON = new JsonMapper();

    private Wire() {}

    /** The path and query of a request. */
    static String target(Request request) {
        return switch (request.kind()) {
            case READ ->
                "/store/" + request.key() + "?consistency=" + request.level().label()
                        + (request.minRevision() > 0 ? "&min_revision=" + request.minRevision() : "");
            case PUT ->
                isPosted(request)
                        ? "/store"
                        : "/store/" + request.key() + (request.ttlSeconds() > 0 ? "?ttl=" + request.ttlSeconds() : "");
            case DELETE -> "/store/" + request.key();
            case TXN -> "/txn";
        };
    }

    /** Half of the values are stored by POST, the others by PUT. */
    private static boolean isPosted(Request request) {
        return request.value().hashCode() % 2 == 0;
    }

    /** The request, from the beginning of one that has its URL. */
    static HttpRequest write(Request request, HttpRequest.Builder http) {
        switch (request.kind()) {
            case READ -> http.GET();
            case DELETE -> http.DELETE();
            case PUT -> {
                http.header("Content-Type", "application/json");
                if (isPosted(request)) {
                    http.POST(BodyPublishers.ofString(posted(request)));
                } else {
                    http.PUT(BodyPublishers.ofString("\"" + request.value() + "\""));
                }
            }
            case TXN -> {
                http.header("Content-Type", "application/json");
                http.POST(BodyPublishers.ofString(txn(request.txn())));
            }
        }
        if (request.ifRevision() == Request.ABSENT) {
            http.header("If-None-Match", "*");
        } else if (request.ifRevision() > 0) {
            http.header("If-Match", "\"" + request.ifRevision() + "\"");
        }
        if (request.name() != null) {
            http.header("Idempotency-Key", "\"" + request.name() + "\"");
        }
        return http.build();
    }

    private static String posted(Request request) {
        ObjectNode body = JSON.createObjectNode().put("key", request.key()).put("value", request.value());
        if (request.ttlSeconds() > 0) {
            body.put("ttl", request.ttlSeconds());
        }
        return body.toString();
    }

    private static String txn(Txn txn) {
        ObjectNode body = JSON.createObjectNode();
        ArrayNode compares = body.putArray("if");
        for (Txn.Compare compare : txn.compares()) {
            ObjectNode element = compares.addObject().put("key", compare.key());
            if (compare.value() != null) {
                element.put("value", compare.value());
            } else if (compare.revision() != null) {
                element.put("revision", compare.revision());
            } else {
                element.put("exists", compare.exists());
            }
        }
        add(body.putArray("then"), txn.then());
        add(body.putArray("else"), txn.otherwise());
        return body.toString();
    }

    private static void add(ArrayNode list, List<Txn.Op> ops) {
        for (Txn.Op op : ops) {
            ObjectNode element = list.addObject().put(name(op.action()), op.key());
            if (op.value() != null) {
                element.put("value", op.value());
            }
        }
    }

    private static String name(Txn.Do action) {
        return action.name().toLowerCase(Locale.ROOT);
    }

    /** @throws IOException if the body is not what it should be */
    static Answer read(Request request, HttpResponse<String> response) throws IOException {
        String node = response.headers().firstValue("Raft-Node").orElse(null);
        long revision = response.headers().firstValueAsLong("Store-Revision").orElse(Answer.UNTOLD);
        String consistency = response.headers().firstValue("Raft-Consistency").orElse(null);
        int status = response.statusCode();
        if (status == 412) {
            long current =
                    JSON.readTree(response.body()).path("current_revision").asLong(Answer.UNTOLD);
            return new Answer(412, null, current, revision, node, consistency, false, List.of());
        }
        if (status != 200) {
            return new Answer(
                    status, null, request.isRead() ? 0 : Answer.UNTOLD, revision, node, consistency, false, List.of());
        }
        JsonNode data = JSON.readTree(response.body()).path("data");
        if (request.txn() != null) {
            boolean succeeded = data.path("succeeded").asBoolean();
            return new Answer(200, null, Answer.UNTOLD, revision, node, consistency, succeeded, results(data));
        }
        String value = request.isRead() ? data.path("value").asText() : null;
        long tag = response.headers()
                .firstValue("ETag")
                .map(text -> Long.parseLong(text.replaceAll("[^0-9]", "")))
                .orElse(Answer.UNTOLD);
        return new Answer(200, value, tag, revision, node, consistency, false, List.of());
    }

    private static List<Txn.Result> results(JsonNode data) {
        List<Txn.Result> results = new ArrayList<>();
        for (JsonNode result : data.path("results")) {
            for (Txn.Do action : Txn.Do.values()) {
                if (result.has(name(action))) {
                    boolean existed = action == Txn.Do.PUT
                            || result.path("exists").asBoolean()
                            || result.path("existed").asBoolean();
                    String value = result.has("value") ? result.path("value").asText() : null;
                    results.add(new Txn.Result(
                            action,
                            result.path(name(action)).asText(),
                            existed,
                            value,
                            result.path("change_revision").asLong()));
                }
            }
        }
        return results;
    }
}
