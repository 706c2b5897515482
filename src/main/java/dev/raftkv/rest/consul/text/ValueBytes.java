package dev.raftkv.rest.consul.text;

import dev.raftkv.json.JsonObject;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Value;

/** Finds out what the bytes of a value are, before they go into the log. */
public final class ValueBytes {
    private ValueBytes() {}

    /** Bytes that are one JSON text are that for all interfaces. */
    public static Value of(byte[] bytes) {
        try {
            JsonObject.bare(bytes);
            return Value.of(new JsonText(bytes));
        } catch (KvException e) {
            return Value.ofBytes(bytes);
        }
    }
}
