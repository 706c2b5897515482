package dev.raftkv.rest;

import dev.raftkv.model.Code;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;

/** The body of {@code POST /store}. */
record StoreRequest(Key key, JsonText value) {
    /** @throws KvException if the body does not have a key and a value, and nothing else */
    static StoreRequest parse(byte[] body) {
        String key = null;
        JsonText value = null;
        try (JsonObject object = JsonObject.read(body, "key", "value")) {
            while (object.next()) {
                if (object.name().equals("key")) {
                    key = object.string();
                } else {
                    value = object.verbatim();
                }
            }
        }
        Key checked = Key.of(key);
        if (value == null) {
            throw new KvException(Code.INVALID, "value is missing: give any JSON value, or null");
        }
        return new StoreRequest(checked, value);
    }
}
