package dev.raftkv.rest.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.raftkv.json.Json;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;

/**
 * The successes of {@code /store}. Put together from bytes, because reads are frequent and a value is given back as it was
 * written.
 */
enum KeyAnswer {
    PERSISTED("success persisting data"),
    FETCHED("success fetching data"),
    REMOVED("success removing data");

    private static final JsonText NULL = new JsonText("null".getBytes(UTF_8));
    private static final byte[] VALUE = "\",\"value\":".getBytes(UTF_8);
    private static final byte[] END = "}}\n".getBytes(UTF_8);

    private final byte[] start;

    KeyAnswer(String message) {
        this.start = ("{\"message\":\"" + message + "\",\"data\":{\"key\":\"").getBytes(UTF_8);
    }

    byte[] body(Key key, JsonText value) {
        byte[] name = Json.escape(key);
        byte[] body = new byte[start.length + name.length + VALUE.length + value.length() + END.length];
        int end = append(body, 0, start);
        end = append(body, end, name);
        end = append(body, end, VALUE);
        end = append(body, end, value.utf8());
        append(body, end, END);
        return body;
    }

    byte[] body(Key key) {
        return body(key, NULL);
    }

    private static int append(byte[] body, int end, byte[] part) {
        System.arraycopy(part, 0, body, end, part.length);
        return end + part.length;
    }
}
