package dev.raftkv.consul.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.consul.compare.ModelConsul.Made;
import dev.raftkv.consul.compare.ModelConsul.Query;
import dev.raftkv.consul.compare.ModelConsul.Refused;
import dev.raftkv.consul.compare.ModelState.Session;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Requests for sessions of a model. */
final class ModelSessions {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|ms|s|m|h)");
    private static final Map<String, Long> NANOS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);
    private static final long SECOND = 1_000_000_000;
    private static final long LEAST_TTL = 10 * SECOND;
    private static final long MOST_TTL = 86_400 * SECOND;
    private static final int LEAST_DELAY = 1_000;

    private final ModelState state;
    private final String node;

    ModelSessions(ModelState state, String node) {
        this.state = state;
        this.node = node;
    }

    Made made(Ask ask, String path, Query query) {
        int slash = path.indexOf('/');
        String route = slash < 0 ? path : path.substring(0, slash);
        String rest = slash < 0 ? "" : path.substring(slash + 1);
        boolean whole = List.of("create", "list").contains(route);
        if (whole != slash < 0
                || !List.of("create", "list", "renew", "destroy", "info", "node")
                        .contains(route)) {
            return Made.nothing();
        }
        boolean writes = List.of("create", "renew", "destroy").contains(route);
        ModelConsul.require(ask, writes ? "PUT" : "GET");
        if (!whole && rest.isEmpty()) {
            throw new Refused(400, route.equals("node") ? "Missing node name" : "Missing session");
        }
        return switch (route) {
            case "create" -> create(ask.body(), query);
            case "renew" -> renew(rest, query);
            case "destroy" -> {
                state.end(rest);
                yield Made.json(true, query);
            }
            case "info" -> list(each -> each.shown().get("ID").equals(rest), query);
            case "node" -> list(each -> each.node().equals(rest), query);
            default -> list(each -> true, query);
        };
    }

    private Made renew(String id, Query query) {
        Session session = Optional.ofNullable(state.sessions.get(id))
                .orElseThrow(() -> new Refused(404, "Session id '" + id + "' not found"));
        return Made.json(List.of(shown(session)), query);
    }

    private Made list(Predicate<Session> which, Query query) {
        ModelKeys.seen(query);
        return Made.json(
                        state.sessions.values().stream()
                                .filter(which)
                                .<Object>map(ModelSessions::shown)
                                .toList(),
                        query)
                .at(state.sessionIndex);
    }

    private static Map<String, Object> shown(Session session) {
        Map<String, Object> shown = new LinkedHashMap<>(session.shown());
        shown.put("CreateIndex", session.index());
        shown.put("ModifyIndex", session.index());
        return shown;
    }

    private Made create(byte[] body, Query query) {
        Map<String, JsonNode> asked = body.length == 0 ? Map.of() : members(body);
        String id = UUID.randomUUID().toString();
        String ttl = text(asked, "ttl", "");
        long delay = delay(asked);
        String behavior = text(asked, "behavior", "release");
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("ID", id);
        shown.put("Name", text(asked, "name", ""));
        shown.put("Node", text(asked, "node", node));
        shown.put("LockDelay", delay);
        shown.put("Behavior", behavior);
        shown.put("TTL", ttl);
        shown.put("NodeChecks", checks(asked));
        shown.put("ServiceChecks", list(asked, "servicechecks").orElse(null));
        if (!List.of("release", "delete").contains(behavior)) {
            throw new Refused(500, "Invalid Behavior setting '" + behavior + "'");
        }
        requireTtl(ttl);
        state.begin(
                id,
                new Session(
                        shown.get("Node").toString(),
                        behavior.equals("delete"),
                        delay > 0,
                        shown,
                        state.sessionIndex + 1));
        return Made.json(Map.of("ID", id), query);
    }

    private static Map<String, JsonNode> members(byte[] body) {
        JsonNode parsed = ModelConsul.parsed(body, "Request decode failed: ");
        if (!parsed.isObject()) {
            throw new Refused(400, "Request decode failed: no object");
        }
        return ModelConsul.members(parsed);
    }

    private static String text(Map<String, JsonNode> asked, String name, String absent) {
        JsonNode member = asked.get(name);
        if (member != null && !member.isTextual()) {
            throw new Refused(400, "Request decode failed: no text");
        }
        return member == null ? absent : member.textValue();
    }

    private static List<?> checks(Map<String, JsonNode> asked) {
        return list(asked, "nodechecks").or(() -> list(asked, "checks")).orElse(List.of("serfHealth"));
    }

    private static Optional<List<?>> list(Map<String, JsonNode> asked, String name) {
        return Optional.ofNullable(asked.get(name)).map(node -> JSON.convertValue(node, List.class));
    }

    private static long delay(Map<String, JsonNode> asked) {
        JsonNode given = asked.get("lockdelay");
        if (given == null) {
            return 15 * SECOND;
        }
        long nanos = given.isTextual()
                ? duration(given.textValue()).orElseThrow(() -> new Refused(400, "Request decode failed: no duration"))
                : given.longValue();
        return nanos < LEAST_DELAY ? nanos * SECOND : nanos;
    }

    private static void requireTtl(String text) {
        if (text.isEmpty()) {
            return;
        }
        long ttl = duration(text)
                .orElseThrow(() -> new Refused(
                        500, "Session TTL '" + text + "' invalid: time: invalid duration " + ModelJson.quoted(text)));
        if (ttl != 0 && (ttl < LEAST_TTL || ttl > MOST_TTL)) {
            throw new Refused(500, "Invalid Session TTL '" + ttl + "', must be between [10s=24h0m0s]");
        }
    }

    /** In nanoseconds; empty if it is none. */
    private static Optional<Long> duration(String text) {
        if (text.equals("0")) {
            return Optional.of(0L);
        }
        BigDecimal all = BigDecimal.ZERO;
        Matcher part = PART.matcher(text);
        int end = 0;
        while (end < text.length() && part.find(end) && part.start() == end) {
            all = all.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(NANOS.get(part.group(2)))));
            end = part.end();
        }
        return end == text.length() && end > 0 ? Optional.of(all.longValue()) : Optional.empty();
    }
}
