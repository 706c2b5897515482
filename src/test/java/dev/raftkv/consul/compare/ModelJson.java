package dev.raftkv.consul.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.consul.compare.ModelState.Row;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** JSON as a model of Consul writes it. */
final class ModelJson {
    private static final JsonMapper JSON = new JsonMapper();

    private ModelJson() {}

    /** @param value whether it is shown */
    static Map<String, Object> entry(Row row, boolean value) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("LockIndex", row.lockIndex());
        shown.put("Key", row.key());
        shown.put("Flags", row.flags());
        shown.put("Value", value && row.value().length > 0 ? Base64.getEncoder().encodeToString(row.value()) : null);
        if (!row.session().isEmpty()) {
            shown.put("Session", row.session());
        }
        shown.put("CreateIndex", row.created());
        shown.put("ModifyIndex", row.changed());
        return shown;
    }

    /** @param value of maps, lists and what is simple */
    static String text(Object value, boolean pretty) {
        return pretty ? text(value, "\n") + "\n" : text(value, "");
    }

    /** @param line how a line begins at this depth; empty if all is in one line */
    private static String text(Object value, String line) {
        if (value instanceof Map<?, ?> map) {
            String colon = line.isEmpty() ? ":" : ": ";
            return within(
                    "{",
                    map.entrySet().stream(),
                    each -> quoted(each.getKey()) + colon + text(each.getValue(), deeper(line)),
                    line,
                    "}");
        }
        if (value instanceof List<?> list) {
            return within("[", list.stream(), each -> text(each, deeper(line)), line, "]");
        }
        return quoted(value);
    }

    private static String deeper(String line) {
        return line.isEmpty() ? "" : line + "    ";
    }

    private static <T> String within(
            String open, Stream<T> parts, Function<T, String> text, String line, String close) {
        String all = parts.map(part -> deeper(line) + text.apply(part)).collect(Collectors.joining(","));
        return open + all + (all.isEmpty() ? "" : line) + close;
    }

    /** What has no parts. Go's quotes are the same where nothing unusual stands in them. */
    static String quoted(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
