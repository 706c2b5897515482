package dev.raftkv.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a key holds: one JSON text, or bytes that are none. Which of both was found out before it went into the log, and stays so,
 * whatever a later parser would say.
 */
public final class Value {
    /** No bytes, which are no JSON text. */
    public static final Value NOTHING = ofBytes(new byte[0]);

    private final byte[] bytes;
    private final boolean json;

    private Value(byte[] bytes, boolean json) {
        this.bytes = bytes;
        this.json = json;
    }

    public static Value of(JsonText json) {
        return new Value(json.utf8(), true);
    }

    /** Takes the array as it is: bytes that are not one JSON text, not changed afterwards. */
    public static Value ofBytes(byte[] bytes) {
        return new Value(bytes, false);
    }

    public boolean isJson() {
        return json;
    }

    /** The JSON text; empty if it is none. */
    public Optional<JsonText> json() {
        return json ? Optional.of(new JsonText(bytes)) : Optional.empty();
    }

    /** All of it, whatever it is; not to be changed by the caller. */
    public byte[] bytes() {
        return bytes;
    }

    public int length() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Value value && json == value.json && Arrays.equals(bytes, value.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
