package dev.raftkv.rest.consul.text;

import dev.raftkv.model.KvException;
import dev.raftkv.rest.request.PercentCode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The query of a client of Consul: of what it has the first counts, and what nobody knows is not looked at. */
public final class ConsulQuery {
    private final Map<String, String> values;

    private ConsulQuery(Map<String, String> values) {
        this.values = values;
    }

    /**
     * @param raw as the client encoded it, or null
     * @throws ConsulFailure if it cannot be decoded
     */
    public static ConsulQuery of(String raw) {
        Map<String, String> values = new TreeMap<>();
        if (raw != null) {
            for (String pair : raw.split("&")) {
                if (!pair.isEmpty()) {
                    int equals = pair.indexOf('=');
                    values.putIfAbsent(
                            decode(equals < 0 ? pair : pair.substring(0, equals)),
                            equals < 0 ? "" : decode(pair.substring(equals + 1)));
                }
            }
        }
        return new ConsulQuery(values);
    }

    private static String decode(String raw) {
        try {
            return PercentCode.decodeQuery(raw);
        } catch (KvException e) {
            throw new ConsulFailure(400, e.getMessage());
        }
    }

    /** Whether a name is there, with whatever value. */
    public boolean flag(String name) {
        return values.containsKey(name);
    }

    /** Empty if the name is not there. */
    public Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name));
    }
}
