package dev.raftkv.rest;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import jakarta.ws.rs.core.UriInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The query of a request: parameters that its route knows, each at most once. */
final class QueryParameters {
    private static final QueryParameters NONE = new QueryParameters(Map.of());

    private final Map<String, String> values;

    private QueryParameters(Map<String, String> values) {
        this.values = values;
    }

    /**
     * @param known the parameters of the route
     * @throws KvException {@link Code#INVALID} if there are others, or one occurs twice; {@link Code#UNREADABLE} if the
     *     encoding is broken
     */
    static QueryParameters of(UriInfo uri, String... known) {
        String query = uri.getRequestUri().getRawQuery();
        return query == null ? NONE : parse(query, List.of(known));
    }

    private static QueryParameters parse(String query, List<String> known) {
        Map<String, String> values = new HashMap<>();
        for (String pair : query.split("&")) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = PercentCode.decodeQuery(equals < 0 ? pair : pair.substring(0, equals));
                requireKnown(name, known);
                String value = PercentCode.decodeQuery(equals < 0 ? "" : pair.substring(equals + 1));
                if (values.put(name, value) != null) {
                    throw new KvException(
                            Code.INVALID, "query parameter \"" + name + "\" is given more than once: give it once");
                }
            }
        }
        return new QueryParameters(values);
    }

    private static void requireKnown(String name, List<String> known) {
        if (!known.contains(name)) {
            String choice = known.isEmpty() ? "none" : String.join(", ", known);
            throw new KvException(
                    Code.INVALID, "unknown query parameter \"" + name + "\": this request knows " + choice);
        }
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name));
    }
}
