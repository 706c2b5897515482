package dev.raftkv.consul.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.consul.ConsulCaller.Answer;
import dev.raftkv.consul.compare.ModelState.Impossible;
import java.io.IOException;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A small Consul without a server: what its requests do to a model, and how they are answered. Belongs to one thread. */
final class ModelConsul implements Asked {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MOST_OPERATIONS = 128;

    private final ModelState state;
    private final ModelKeys keys;
    private final ModelSessions sessions;

    /** @param node its name */
    ModelConsul(ModelState state, String node) {
        this.state = state;
        this.keys = new ModelKeys(state);
        this.sessions = new ModelSessions(state, node);
    }

    /** That a request is refused, and how. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final transient Map<String, String> headers;

        Refused(int status, String text) {
            this(status, text, Map.of());
        }

        Refused(int status, String text, Map<String, String> headers) {
            super(text);
            this.status = status;
            this.headers = headers;
        }
    }

    /** @param type empty for none */
    record Made(int status, String type, byte[] body, Map<String, String> headers) {
        static Made json(Object value, Query query) {
            return new Made(
                    200,
                    "application/json",
                    ModelJson.text(value, query.has("pretty")).getBytes(UTF_8),
                    Map.of());
        }

        static Made nothing() {
            return new Made(404, "", new byte[0], Map.of());
        }

        Made with(Map<String, String> more) {
            return new Made(status, type, body, more);
        }

        Made at(long index) {
            Map<String, String> all = new LinkedHashMap<>(headers);
            all.put("X-Consul-Index", Long.toString(index));
            all.putAll(LED);
            return with(all);
        }
    }

    private static final Map<String, String> LED = Map.of("X-Consul-Knownleader", "true", "X-Consul-Lastcontact", "0");

    /** Of a name that is there several times the first counts. */
    record Query(Map<String, String> values) {
        static Query of(String raw) {
            Map<String, String> values = new TreeMap<>();
            for (String pair : raw.split("&")) {
                String[] parts = pair.split("=", 2);
                if (!pair.isEmpty()) {
                    values.putIfAbsent(decoded(parts[0]), parts.length > 1 ? decoded(parts[1]) : "");
                }
            }
            return new Query(values);
        }

        private static String decoded(String text) {
            return URLDecoder.decode(text, UTF_8);
        }

        boolean has(String name) {
            return values.containsKey(name);
        }

        String get(String name) {
            return values.getOrDefault(name, "");
        }
    }

    @Override
    public Both during(Ask waiting, Ask write) {
        Answer written = ask(write);
        return new Both(ask(waiting), written);
    }

    @Override
    public Answer ask(Ask ask) {
        Made made;
        try {
            made = made(ask);
        } catch (Refused e) {
            made = new Made(
                    e.status, "text/plain; charset=utf-8", e.getMessage().getBytes(UTF_8), e.headers);
        } catch (Impossible e) {
            made = new Made(500, "text/plain; charset=utf-8", e.getMessage().getBytes(UTF_8), Map.of());
        }
        StringBuilder head = new StringBuilder("HTTP/1.1 " + made.status + " \r\n");
        made.headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        if (!made.type.isEmpty()) {
            head.append("Content-Type: " + made.type + "\r\n");
        }
        head.append("Content-Length: " + made.body.length + "\r\n\r\n");
        return new Answer(made.status, head.toString(), made.body, Duration.ZERO);
    }

    private Made made(Ask ask) {
        String[] parts = ask.target().split("\\?", 2);
        Query query = Query.of(parts.length > 1 ? parts[1] : "");
        // A plus is one in a path.
        String path = URLDecoder.decode(parts[0].replace("+", "%2B"), UTF_8);
        if (path.startsWith("/v1/kv/")) {
            require(ask, "GET", "PUT", "DELETE");
            return keys.made(ask, path.substring("/v1/kv/".length()), query);
        }
        if (path.startsWith("/v1/session/")) {
            return sessions.made(ask, path.substring("/v1/session/".length()), query);
        }
        if (path.equals("/v1/txn")) {
            require(ask, "PUT");
            return txn(ask.body(), query);
        }
        return Made.nothing();
    }

    static void require(Ask ask, String... methods) {
        if (!List.of(methods).contains(ask.method())) {
            throw new Refused(
                    405,
                    "method " + ask.method() + " not allowed",
                    Map.of("Allow", "OPTIONS," + String.join(",", methods)));
        }
    }

    private Made txn(byte[] body, Query query) {
        List<Map<String, JsonNode>> operations = operations(body);
        if (operations.size() > MOST_OPERATIONS) {
            throw new Refused(
                    413,
                    "Transaction contains too many operations (" + operations.size() + " > " + MOST_OPERATIONS + ")");
        }
        boolean reads = operations.stream().noneMatch(ModelTxn::mayWrite);
        ModelTxn txn = new ModelTxn(state);
        boolean done = txn.run(operations);
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("Results", done ? txn.results : null);
        told.put("Errors", done ? null : errors(txn));
        Made made = Made.json(told, query).with(reads ? LED : Map.of());
        return done ? made : new Made(409, made.type, made.body, made.headers);
    }

    private static List<Object> errors(ModelTxn txn) {
        List<Object> all = new ArrayList<>();
        txn.errors.forEach((place, what) -> {
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("OpIndex", place);
            error.put("What", what);
            all.add(error);
        });
        return all;
    }

    private static List<Map<String, JsonNode>> operations(byte[] body) {
        List<Map<String, JsonNode>> operations = new ArrayList<>();
        JsonNode parsed = parsed(body, "Failed to parse body: ");
        if (!parsed.isArray()) {
            throw new Refused(400, "Failed to parse body: no array");
        }
        for (JsonNode each : parsed) {
            Map<String, JsonNode> operation = each.isObject() ? members(each) : Map.of();
            if (!operation.containsKey("kv") || !operation.get("kv").isObject()) {
                throw new Refused(400, "Failed to parse body: no KV");
            }
            operations.add(requireGood(members(operation.get("kv"))));
        }
        return operations;
    }

    private static Map<String, JsonNode> requireGood(Map<String, JsonNode> operation) {
        for (String name : List.of("verb", "key", "value", "session")) {
            if (operation.containsKey(name) && !operation.get(name).isTextual()) {
                throw new Refused(400, "Failed to parse body: no text");
            }
        }
        String value = operation.containsKey("value") ? operation.get("value").textValue() : "";
        try {
            Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            throw new Refused(400, "Failed to parse body: no base64");
        }
        if (value.length() % 4 != 0) {
            throw new Refused(400, "Failed to parse body: no base64");
        }
        if (operation.containsKey("key") && !operation.get("key").textValue().isEmpty()) {
            ModelKeys.requireGood(
                    operation.get("key").textValue(),
                    operation.get("verb").textValue().endsWith("-tree"));
        }
        return operation;
    }

    static JsonNode parsed(byte[] body, String failure) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new Refused(400, failure + e.getMessage());
        }
    }

    /** By their names in small letters; null is as if it were not there. */
    static Map<String, JsonNode> members(JsonNode object) {
        Map<String, JsonNode> members = new TreeMap<>();
        object.properties().forEach(each -> {
            if (!each.getValue().isNull()) {
                members.put(each.getKey().toLowerCase(Locale.ROOT), each.getValue());
            }
        });
        return members;
    }
}
