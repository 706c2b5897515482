package dev.raftkv.rest.json;

import dev.raftkv.json.Json;
import dev.raftkv.model.Value;
import java.util.Locale;

/** What a value is, by which it is told how to show it. */
public enum ValueContent {
    JSON("application/json;charset=UTF-8"),
    /** Text in UTF-8 that is no JSON. */
    TEXT("text/plain;charset=UTF-8"),
    /** Bytes that are no text. */
    BASE64("application/octet-stream");

    /** The member that tells of it beside a value that is no JSON. */
    public static final String NAME = "content";

    private final String mediaType;

    ValueContent(String mediaType) {
        this.mediaType = mediaType;
    }

    public static ValueContent of(Value value) {
        if (value.isJson()) {
            return JSON;
        }
        return Json.isText(value.bytes()) ? TEXT : BASE64;
    }

    /** Of the bare bytes. */
    public String mediaType() {
        return mediaType;
    }

    /** As clients know it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
