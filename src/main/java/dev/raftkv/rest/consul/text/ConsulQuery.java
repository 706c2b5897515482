package dev.raftkv.rest.consul.text;

import dev.raftkv.model.KvException;
import dev.raftkv.rest.request.PercentCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The query of a client of Consul: of what it has the first counts, and what nobody knows is not looked at. */
public final class ConsulQuery {
    private static final String TOKEN = "token";

    private final Map<String, List<String>> values;

    private ConsulQuery(Map<String, List<String>> values) {
        this.values = values;
    }

    /**
     * @param raw as the client encoded it, or null
     * @throws ConsulFailure if it cannot be decoded
     */
    public static ConsulQuery of(String raw) {
        Map<String, List<String>> values = new TreeMap<>();
        if (raw != null) {
            for (String pair : raw.split("&")) {
                if (!pair.isEmpty()) {
                    int equals = pair.indexOf('=');
                    values.computeIfAbsent(
                                    decode(equals < 0 ? pair : pair.substring(0, equals)), name -> new ArrayList<>())
                            .add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
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
        return Optional.ofNullable(values.get(name)).map(all -> all.get(0));
    }

    /** All of it in the order of the names, encoded, but for a token: who is told of it may keep that. */
    public String sorted() {
        return values.entrySet().stream()
                .filter(each -> !each.getKey().equals(TOKEN))
                .flatMap(each -> each.getValue().stream()
                        .map(value -> GoText.escape(each.getKey()) + "=" + GoText.escape(value)))
                .collect(Collectors.joining("&"));
    }
}
