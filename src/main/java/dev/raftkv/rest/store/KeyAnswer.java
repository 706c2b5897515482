package dev.raftkv.rest.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.raftkv.json.Json;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.model.Value;
import dev.raftkv.rest.json.EntryJson;
import dev.raftkv.rest.txn.Previous;
import java.util.Optional;

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
    private static final byte[] SESSION = ",\"session\":\"".getBytes(UTF_8);
    private static final byte[] TOKEN = "\",\"token\":".getBytes(UTF_8);
    private static final byte[] END = "}}\n".getBytes(UTF_8);
    private static final byte[] NOTHING = {};

    private final String message;
    private final byte[] start;

    KeyAnswer(String message) {
        this.message = message;
        this.start = ("{\"message\":\"" + message + "\",\"data\":{\"key\":\"").getBytes(UTF_8);
    }

    byte[] body(Key key, JsonText value) {
        return body(key, value.utf8(), NOTHING);
    }

    byte[] body(Key key, JsonText value, Optional<Hold> hold) {
        return body(key, value.utf8(), hold.map(KeyAnswer::members).orElse(NOTHING));
    }

    byte[] body(Key key, Value value, Optional<Hold> hold) {
        return value.isJson()
                ? body(key, value.bytes(), hold.map(KeyAnswer::members).orElse(NOTHING))
                : plain(key, value, hold);
    }

    /** With a value that is no JSON. */
    private byte[] plain(Key key, Value value, Optional<Hold> hold) {
        return Json.line(512 + 2 * value.length(), json -> {
            json.writeStringField("message", message);
            json.writeObjectFieldStart("data");
            json.writeStringField("key", key.text());
            EntryJson.value(json, value);
            if (hold.isPresent()) {
                EntryJson.hold(json, hold.get());
            }
            json.writeEndObject();
        });
    }

    private static byte[] members(Hold hold) {
        byte[] session = hold.session().toString().getBytes(UTF_8);
        byte[] token = Long.toString(hold.token()).getBytes(UTF_8);
        byte[] members = new byte[SESSION.length + session.length + TOKEN.length + token.length];
        append(members, append(members, append(members, append(members, 0, SESSION), session), TOKEN), token);
        return members;
    }

    private byte[] body(Key key, byte[] value, byte[] more) {
        byte[] name = Json.escape(key);
        byte[] body = new byte[start.length + name.length + VALUE.length + value.length + more.length + END.length];
        int end = append(body, 0, start);
        end = append(body, end, name);
        end = append(body, end, VALUE);
        end = append(body, end, value);
        end = append(body, end, more);
        append(body, end, END);
        return body;
    }

    /**
     * With what was there before the change.
     *
     * @param previous what was read of the key
     */
    byte[] body(TxnOp change, Result changed, Result.OfOne previous, KvService kv) {
        Optional<Hold> hold = changed instanceof Result.Taken taken ? Optional.of(taken.hold()) : Optional.empty();
        return Previous.body(message, value(change, changed), hold, previous, kv);
    }

    private static JsonText value(TxnOp change, Result changed) {
        if (change instanceof TxnOp.Put put) {
            return put.value();
        }
        if (change instanceof TxnOp.Take take) {
            return take.value();
        }
        if (change instanceof TxnOp.Release release) {
            return release.value();
        }
        return changed instanceof Result.Added added ? added.value().json() : NULL;
    }

    byte[] body(Key key) {
        return body(key, NULL);
    }

    private static int append(byte[] body, int end, byte[] part) {
        System.arraycopy(part, 0, body, end, part.length);
        return end + part.length;
    }
}
