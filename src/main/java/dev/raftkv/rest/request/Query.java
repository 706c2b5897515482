package dev.raftkv.rest.request;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** The query of a request: parameters that its route knows, each at most once. */
public final class Query {
    static final Query NONE = new Query(Map.of());

    private final Map<String, String> values;

    private Query(Map<String, String> values) {
        this.values = values;
    }

    /**
     * @param query as the client encoded it, or null
     * @param known the parameters of the operation
     * @throws KvException {@link Code#INVALID} if there are others, or one occurs twice; {@link Code#UNREADABLE} if the
     *     encoding is broken
     */
    public static Query of(String query, List<String> known) {
        return query == null ? NONE : parse(query, known);
    }

    private static Query parse(String query, List<String> known) {
        Map<String, String> values = new HashMap<>();
        for (String pair : query.split("&")) {
            if (!pair.isEmpty()) {
                String name = name(pair);
                requireKnown(name, known);
                int equals = pair.indexOf('=');
                String value = PercentCode.decodeQuery(equals < 0 ? "" : pair.substring(equals + 1));
                if (values.put(name, value) != null) {
                    throw new KvException(
                            Code.INVALID, "query parameter \"" + name + "\" is given more than once: give it once");
                }
            }
        }
        return new Query(values);
    }

    /** Whether a query, as the client encoded it, or null, has a parameter: for who has to choose an operation by it. */
    public static boolean names(String query, String name) {
        return query != null && Arrays.stream(query.split("&")).map(Query::name).anyMatch(name::equals);
    }

    /** The first value of a parameter of a query, as the client encoded it, or null; empty if it cannot be decoded. */
    static Optional<String> first(String query, String name) {
        if (query == null) {
            return Optional.empty();
        }
        for (String pair : query.split("&")) {
            try {
                if (name(pair).equals(name)) {
                    int equals = pair.indexOf('=');
                    return Optional.of(PercentCode.decodeQuery(equals < 0 ? "" : pair.substring(equals + 1)));
                }
            } catch (KvException e) {
                // Who looks at all of the query says so.
            }
        }
        return Optional.empty();
    }

    /** A query, as the client encoded it, without a parameter; null if nothing is left. */
    static String without(String query, String name) {
        String left = Arrays.stream(query.split("&"))
                .filter(pair -> !name(pair).equals(name))
                .collect(Collectors.joining("&"));
        return left.isEmpty() ? null : left;
    }

    private static String name(String pair) {
        int equals = pair.indexOf('=');
        return PercentCode.decodeQuery(equals < 0 ? pair : pair.substring(0, equals));
    }

    private static void requireKnown(String name, List<String> known) {
        if (!known.contains(name)) {
            String choice = known.isEmpty() ? "none" : String.join(", ", known);
            throw new KvException(
                    Code.INVALID, "unknown query parameter \"" + name + "\": this request knows " + choice);
        }
    }

    public Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name));
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** A parameter that stands for yes by being there. */
    public boolean flag(String name) {
        String value = values.getOrDefault(name, "false");
        return switch (value) {
            case "", "true" -> true;
            case "false" -> false;
            default -> throw new KvException(Code.INVALID, name + " is neither true nor false: " + value);
        };
    }

    /** A whole number in a range; empty if it is not given. */
    public OptionalLong number(String name, long min, long max) {
        String value = values.get(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        long number = value.matches("[0-9]{1,18}") ? Long.parseLong(value) : -1;
        if (number < min || number > max) {
            throw new KvException(
                    Code.INVALID, name + " is " + value + ": give a whole number from " + min + " to " + max);
        }
        return OptionalLong.of(number);
    }

    /** Refuses two parameters that contradict each other. */
    public void requireOneOf(String one, String other) {
        if (has(one) && has(other)) {
            throw new KvException(Code.INVALID, one + " and " + other + " exclude each other: give one of them");
        }
    }
}
