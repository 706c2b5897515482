package dev.raftkv.rest.store;

import dev.raftkv.json.Json;
import dev.raftkv.json.JsonObject;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Together;
import dev.raftkv.rest.json.EntryJson;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Keys that are read at once: the body of {@code POST /read}, and its answer. */
record ManyKeys(List<Key> keys) {
    private static final int MAX_KEYS = 1000;

    /** @throws KvException if the body has no list of keys, each once */
    static ManyKeys parse(byte[] body) {
        List<String> names = List.of();
        try (JsonObject object = JsonObject.read(body, "keys")) {
            while (object.next()) {
                names = object.strings(MAX_KEYS);
            }
        }
        if (names.isEmpty()) {
            throw new KvException(Code.INVALID, "keys is missing: give a list of the keys to read");
        }
        Set<Key> keys = new LinkedHashSet<>();
        for (String name : names) {
            Key key = Key.of(name);
            if (!keys.add(key)) {
                throw new KvException(Code.INVALID, "keys has the key " + key + " twice: give it once");
            }
        }
        return new ManyKeys(List.copyOf(keys));
    }

    static KvException tooLarge(int mostBytes) {
        return new KvException(
                Code.INVALID,
                "the values of these keys have more than " + mostBytes
                        + " bytes together, which is the most that one value may have: read fewer keys at once");
    }

    byte[] answer(Together together, KvService kv) {
        return Json.line(sizeOf(together), json -> {
            json.writeStringField("message", "success fetching data");
            json.writeObjectFieldStart("data");
            json.writeNumberField("revision", together.revision());
            json.writeArrayFieldStart("keys");
            for (int i = 0; i < keys.size(); i++) {
                Optional<Entry> entry = together.entries().get(i);
                json.writeStartObject();
                json.writeStringField("key", keys.get(i).text());
                json.writeBooleanField("exists", entry.isPresent());
                if (entry.isPresent()) {
                    EntryJson.members(json, entry.get(), kv.remainingMillis(entry.get()));
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private int sizeOf(Together together) {
        int size = 512;
        for (int i = 0; i < keys.size(); i++) {
            size += 192 + keys.get(i).utf8().length;
            size += together.entries()
                    .get(i)
                    .map(entry -> entry.value().length())
                    .orElse(0);
        }
        return size;
    }
}
