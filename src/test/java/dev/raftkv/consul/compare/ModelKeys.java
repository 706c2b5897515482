package dev.raftkv.consul.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.raftkv.consul.compare.ModelConsul.Made;
import dev.raftkv.consul.compare.ModelConsul.Query;
import dev.raftkv.consul.compare.ModelConsul.Refused;
import dev.raftkv.consul.compare.ModelState.Row;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Requests for keys of a model. */
final class ModelKeys {
    private static final BigInteger MOST = BigInteger.TWO.pow(64);
    private static final int MOST_BYTES = 1024;

    private final ModelState state;

    ModelKeys(ModelState state) {
        this.state = state;
    }

    Made made(Ask ask, String name, Query query) {
        boolean tree = query.has("recurse") || ask.method().equals("GET") && query.has("keys");
        if (name.isEmpty() && (ask.method().equals("PUT") || !tree)) {
            throw new Refused(400, "Missing key name");
        }
        requireGood(name, tree && !ask.method().equals("PUT"));
        return switch (ask.method()) {
            case "GET" -> get(name, query);
            case "PUT" -> Made.json(put(name, ask.body(), query), query);
            default -> Made.json(delete(name, query), query);
        };
    }

    static void requireGood(String name, boolean prefix) {
        if (Stream.of(name.split("/", -1)).anyMatch(part -> part.equals(".") || part.equals(".."))) {
            throw new Refused(400, "key contains a . or .. segment");
        }
        if (name.startsWith("/")) {
            throw new Refused(400, "key must not begin with a '/'");
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw new Refused(400, "key contains a control character");
        }
        if (!prefix && !name.strip().equals(name)) {
            throw new Refused(400, "key begins or ends with white space");
        }
        int length = name.getBytes(UTF_8).length;
        if (length > MOST_BYTES) {
            throw new Refused(400, "key is too long: " + length + " bytes, the limit is 1024");
        }
    }

    private Made get(String name, Query query) {
        requireOneLevel(query);
        long seen = seen(query);
        if (query.has("keys") || query.has("recurse")) {
            List<Row> rows = state.list(name);
            long touched = name.isEmpty() ? state.index() : state.touchedBelow(name);
            Made made = query.has("keys")
                    ? names(name, rows, query)
                    : rows.isEmpty() ? Made.nothing() : Made.json(entries(rows), query);
            return made.at(index(touched, rows.isEmpty(), seen));
        }
        Optional<Row> row = state.get(name);
        return row.map(there -> one(there, query))
                .orElseGet(Made::nothing)
                .at(index(state.touched(name), row.isEmpty(), seen));
    }

    /** @param seen what a client that waits has seen: of what is not there that stays its index until something happens to it */
    private long index(long touched, boolean nothing, long seen) {
        boolean inVain = nothing && touched <= seen && seen <= state.index() && seen > 0;
        return inVain ? seen : touched > 0 ? touched : state.index();
    }

    private static void requireOneLevel(Query query) {
        if (query.has("stale") && query.has("consistent")) {
            throw new Refused(400, "Cannot specify ?stale with ?consistent, conflicting semantics.");
        }
    }

    /** Nobody waits here: time is over, or there is news. */
    static long seen(Query query) {
        String wait = query.get("wait");
        if (!wait.isEmpty() && !wait.matches("([0-9]+(ms|s))+")) {
            throw new Refused(400, "Invalid wait time");
        }
        String index = query.get("index");
        if (!index.isEmpty() && !isNumber(index)) {
            throw new Refused(400, "Invalid index");
        }
        BigInteger number = index.isEmpty() ? BigInteger.ZERO : new BigInteger(index);
        return number.bitLength() < Long.SIZE ? number.longValue() : Long.MAX_VALUE;
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]+") && new BigInteger(text).compareTo(MOST) < 0;
    }

    private static List<Object> entries(List<Row> rows) {
        return rows.stream().<Object>map(row -> ModelJson.entry(row, true)).toList();
    }

    private static Made names(String prefix, List<Row> rows, Query query) {
        String separator = query.has("separator") ? query.get("separator") : query.get("seperator");
        List<String> names = rows.stream()
                .map(row -> cut(row.key(), prefix.length(), separator))
                .distinct()
                .toList();
        return names.isEmpty() && !prefix.isEmpty() ? Made.nothing() : Made.json(names, query);
    }

    private static String cut(String key, int from, String separator) {
        int at = separator.isEmpty() ? -1 : key.indexOf(separator, from);
        return at < 0 ? key : key.substring(0, at + separator.length());
    }

    private static Made one(Row row, Query query) {
        return query.has("raw")
                ? new Made(200, "text/plain", row.value(), Map.of("Content-Security-Policy", "sandbox"))
                : Made.json(entries(List.of(row)), query);
    }

    private boolean put(String key, byte[] value, Query query) {
        requireNoConflict(query, "acquire", "cas", "release");
        BigInteger flags = query.has("flags") ? number(query.get("flags")) : BigInteger.ZERO;
        long at = state.next();
        if (query.has("cas")) {
            return state.cas(at, key, value, flags, number(query.get("cas"))).isPresent();
        }
        if (query.has("acquire")) {
            return state.acquire(at, key, value, flags, query.get("acquire")).isPresent();
        }
        if (query.has("release")) {
            return state.release(at, key, value, flags, query.get("release")).isPresent();
        }
        state.put(at, key, value, flags);
        return true;
    }

    private boolean delete(String name, Query query) {
        requireNoConflict(query, "cas", "recurse");
        long at = state.next();
        if (query.has("recurse")) {
            state.deleteTree(at, name);
            return true;
        }
        if (query.has("cas")) {
            return state.delete(at, name, number(query.get("cas")));
        }
        state.delete(at, name);
        return true;
    }

    private static void requireNoConflict(Query query, String... names) {
        List<String> there = Arrays.stream(names).filter(query::has).toList();
        if (there.size() > 1) {
            List<String> all = query.values().entrySet().stream()
                    .map(each -> each.getKey() + "=" + each.getValue())
                    .toList();
            throw new Refused(400, "Conflicting flags: " + String.join("&", all) + "\n");
        }
    }

    private static BigInteger number(String text) {
        if (!isNumber(text)) {
            throw new Refused(500, "strconv.ParseUint: parsing " + ModelJson.quoted(text) + ": invalid syntax");
        }
        return new BigInteger(text);
    }
}
