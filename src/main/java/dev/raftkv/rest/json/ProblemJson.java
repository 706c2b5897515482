package dev.raftkv.rest.json;

import dev.raftkv.json.Json;
import java.util.Map;

/**
 * The body of an error: a problem document of RFC 9457 with one member more, {@code error}, which users of raft-sample
 * read. UTF-8, with a new line at its end.
 */
public final class ProblemJson {
    /** The content type that belongs to it. */
    public static final String CONTENT_TYPE = "application/problem+json";

    private ProblemJson() {}

    /**
     * @param status the HTTP status
     * @param title the reason phrase of the status
     * @param detail a sentence for the user that says what to do
     */
    public static byte[] bytes(int status, String title, String detail) {
        return bytes(status, title, detail, Map.of());
    }

    /** @param extensions further members, in their order: numbers or texts */
    public static byte[] bytes(int status, String title, String detail, Map<String, ?> extensions) {
        return bytes(status, title, detail, json -> {
            for (Map.Entry<String, ?> extension : extensions.entrySet()) {
                if (extension.getValue() instanceof Long number) {
                    json.writeNumberField(extension.getKey(), number);
                } else {
                    json.writeStringField(
                            extension.getKey(), extension.getValue().toString());
                }
            }
        });
    }

    /** @param extensions writes further members */
    public static byte[] bytes(int status, String title, String detail, Json.Content extensions) {
        return Json.line(json -> {
            json.writeStringField("type", "about:blank");
            json.writeStringField("title", title);
            json.writeNumberField("status", status);
            json.writeStringField("detail", detail);
            json.writeStringField("error", detail);
            extensions.writeTo(json);
        });
    }
}
