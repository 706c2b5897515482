package dev.raftkv.rest.store;

import dev.raftkv.json.JsonObject;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.rest.json.Ttl;
import java.util.OptionalLong;

/**
 * What a write stores.
 *
 * @param ttl seconds after which the key expires; empty for never
 */
record StoreRequest(Key key, JsonText value, OptionalLong ttl) {
    /**
     * From the body of {@code POST /store}.
     *
     * @throws KvException if the body does not have a key and a value, and nothing else but a ttl
     */
    static StoreRequest parse(byte[] body) {
        String key = null;
        JsonText value = null;
        OptionalLong ttl = OptionalLong.empty();
        try (JsonObject object = JsonObject.read(body, "key", "value", Ttl.NAME)) {
            while (object.next()) {
                switch (object.name()) {
                    case "key" -> key = object.string();
                    case "value" -> value = object.verbatim();
                    default -> ttl = OptionalLong.of(object.number(1, Ttl.MAX_SECONDS));
                }
            }
        }
        return new StoreRequest(Key.of(key), present(value), ttl);
    }

    /**
     * From the body of {@code POST /store?sequence}, which leaves the key to the store.
     *
     * @throws KvException if the body does not have a value, and nothing else but a ttl, or no sequence can have the prefix
     */
    static Command.Append parse(Prefix prefix, byte[] body) {
        JsonText value = null;
        OptionalLong ttl = OptionalLong.empty();
        try (JsonObject object = JsonObject.read(body, "value", Ttl.NAME)) {
            while (object.next()) {
                if (object.name().equals("value")) {
                    value = object.verbatim();
                } else {
                    ttl = OptionalLong.of(object.number(1, Ttl.MAX_SECONDS));
                }
            }
        }
        return new Command.Append(prefix, present(value), Ttl.millisOf(ttl));
    }

    /**
     * From the body of {@code POST /store?slots=}, which leaves the key to the store.
     *
     * @throws KvException if the body does not have a value, and nothing else
     */
    static JsonText value(byte[] body) {
        JsonText value = null;
        try (JsonObject object = JsonObject.read(body, "value")) {
            while (object.next()) {
                value = object.verbatim();
            }
        }
        return present(value);
    }

    private static JsonText present(JsonText value) {
        if (value == null) {
            throw new KvException(Code.INVALID, "value is missing: give any JSON value, or null");
        }
        return value;
    }

    /**
     * From the body of {@code PUT /store/{key}}, which is the bare value.
     *
     * @throws KvException if the body is not one JSON value
     */
    static StoreRequest parse(Key key, OptionalLong ttl, byte[] body) {
        return new StoreRequest(key, JsonObject.bare(body), ttl);
    }

    /** The same without a ttl. */
    static StoreRequest parse(Key key, byte[] body) {
        return parse(key, OptionalLong.empty(), body);
    }
}
