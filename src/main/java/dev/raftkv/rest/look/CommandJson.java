package dev.raftkv.rest.look;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.Counter;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Precondition.Match;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Value;
import dev.raftkv.model.Write;
import dev.raftkv.rest.json.RawJson;
import dev.raftkv.rest.json.ValueContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Writes commands of the log for people: what each does to which keys, and of values no more than their beginning. The name that a
 * client has given its request is left out: whoever has it could ask for its answer.
 */
final class CommandJson implements Command.Visitor<Json.Content> {
    /** The longest part of a value that is shown, in characters. */
    private static final int MOST_CHARACTERS = 200;

    private static final int BYTES_PER_CHARACTER = 4;

    /** The longest part of bytes that are no text. */
    private static final int MOST_BYTES = 150;

    private static final int COMMAND_BYTES = 64;

    private int bytes;

    /** Writes one, and returns about how many bytes it has become. */
    int write(JsonGenerator json, Write write) throws IOException {
        bytes = COMMAND_BYTES;
        json.writeStartObject();
        write.command().accept(this).writeTo(json);
        match(json, "if_match", write.precondition().ifMatch());
        match(json, "if_none_match", write.precondition().ifNoneMatch());
        if (write.requestId().isPresent()) {
            json.writeBooleanField("idempotency_key", true);
        }
        json.writeEndObject();
        return bytes;
    }

    /** The revisions, or a star for any. */
    private void match(JsonGenerator json, String name, Optional<Match> match) throws IOException {
        if (match.isPresent() && match.get().any()) {
            json.writeStringField(name, "*");
        } else if (match.isPresent()) {
            json.writeArrayFieldStart(name);
            for (long revision : match.get().revisions()) {
                json.writeNumber(revision);
                bytes += Long.BYTES;
            }
            json.writeEndArray();
        }
    }

    @Override
    public Json.Content put(Command.Put put) {
        return json -> put(json, put.key(), put.value(), put.ttlMillis());
    }

    @Override
    public Json.Content delete(Command.Delete delete) {
        return json -> {
            json.writeStringField("op", "delete");
            key(json, delete.key());
        };
    }

    @Override
    public Json.Content add(Command.Add add) {
        return json -> add(json, add.key(), add.by());
    }

    @Override
    public Json.Content append(Command.Append append) {
        return json -> {
            json.writeStringField("op", "append");
            prefix(json, append.prefix());
            stored(json, append.value(), append.ttlMillis());
        };
    }

    @Override
    public Json.Content deleteRange(Command.DeleteRange range) {
        return json -> {
            json.writeStringField("op", "delete_range");
            prefix(json, range.prefix());
        };
    }

    @Override
    public Json.Content txn(Command.Txn txn) {
        return json -> {
            json.writeStringField("op", "txn");
            json.writeArrayFieldStart("if");
            for (Compare compare : txn.compares()) {
                json.writeStartObject();
                compare(json, compare);
                json.writeEndObject();
            }
            json.writeEndArray();
            operations(json, "then", txn.then());
            operations(json, "else", txn.otherwise());
        };
    }

    @Override
    public Json.Content expire(Command.Expire expire) {
        return json -> json.writeStringField("op", "expire");
    }

    @Override
    public Json.Content barrier(Command.Barrier barrier) {
        return json -> json.writeStringField("op", "barrier");
    }

    @Override
    public Json.Content consul(Command.OfConsul step) {
        return json -> new ConsulJson(this).write(json, step);
    }

    @Override
    public Json.Content announce(Command.Announce announce) {
        return json -> {
            json.writeStringField("op", "announce");
            json.writeStringField("node_id", announce.nodeId());
            json.writeStringField("http_address", announce.httpAddress());
            bytes += announce.nodeId().length() + announce.httpAddress().length();
        };
    }

    @Override
    public Json.Content settings(Command.Settings settings) {
        return json -> {
            json.writeStringField("op", "settings");
            json.writeNumberField("history_changes", settings.history().changes());
            json.writeNumberField("history_bytes", settings.history().bytes());
            json.writeBooleanField("history_prev", settings.history().previous());
        };
    }

    @Override
    public Json.Content restore(Command.Restore restore) {
        return json -> {
            if (restore instanceof Command.Restore.Begin begin) {
                json.writeStringField("op", "restore_begin");
                prefix(json, begin.prefix());
                json.writeNumberField("revision", begin.revision());
                json.writeBooleanField("replace", begin.replace());
            } else if (restore instanceof Command.Restore.Chunk chunk) {
                json.writeStringField("op", "restore_keys");
                json.writeNumberField("keys", chunk.keys().size());
            } else if (restore instanceof Command.Restore.Switch last) {
                json.writeStringField("op", "restore_switch");
                json.writeNumberField("keys", last.keys());
            } else {
                json.writeStringField("op", "restore_abort");
            }
            json.writeStringField("restore", restore.id());
            bytes += restore.id().length();
        };
    }

    @Override
    public Json.Content session(Command.OfSession step) {
        return json -> {
            if (step instanceof Command.OfSession.Create create) {
                json.writeStringField("op", "session_create");
                json.writeStringField("session", create.id().toString());
                json.writeStringField("name", create.name());
                json.writeNumberField("ttl_ms", create.ttlMillis());
                json.writeStringField("behavior", create.behavior().text());
                json.writeNumberField("lock_delay_ms", create.lockDelayMillis());
                bytes += create.name().length();
            } else if (step instanceof Command.OfSession.Put put) {
                put(json, put.key(), put.value(), 0);
                json.writeStringField("session", put.session().toString());
            } else if (step instanceof Command.OfSession.Slot slot) {
                json.writeStringField("op", "slot");
                json.writeStringField("prefix", slot.prefix().text());
                bytes += slot.prefix().utf8().length;
                json.writeNumberField("slots", slot.slots());
                stored(json, slot.value(), 0);
                json.writeStringField("session", slot.session().toString());
            } else if (step instanceof Command.OfSession.Release release) {
                put(json, release.key(), release.value(), 0);
                json.writeStringField("release", release.session().toString());
            } else if (step instanceof Command.OfSession.Delete delete) {
                json.writeStringField("op", "delete");
                key(json, delete.key());
                json.writeStringField("session", delete.session().toString());
            } else if (step instanceof Command.OfSession.End end) {
                json.writeStringField("op", "session_end");
                json.writeArrayFieldStart("sessions");
                for (UUID id : end.ids()) {
                    json.writeString(id.toString());
                    bytes += COMMAND_BYTES;
                }
                json.writeEndArray();
                if (end.term() != 0) {
                    json.writeNumberField("term", end.term());
                }
            }
        };
    }

    private void put(JsonGenerator json, Key key, JsonText value, long ttlMillis) throws IOException {
        json.writeStringField("op", "put");
        key(json, key);
        stored(json, value, ttlMillis);
    }

    private void add(JsonGenerator json, Key key, Counter by) throws IOException {
        json.writeStringField("op", "add");
        key(json, key);
        value(json, by.json());
    }

    private void stored(JsonGenerator json, JsonText value, long ttlMillis) throws IOException {
        json.writeNumberField("value_bytes", value.length());
        value(json, value);
        if (ttlMillis > 0) {
            json.writeNumberField("ttl_ms", ttlMillis);
        }
    }

    /** A value that may be no JSON. */
    void stored(JsonGenerator json, Value value) throws IOException {
        if (value.isJson()) {
            stored(json, value.json().orElseThrow(), 0);
            return;
        }
        json.writeNumberField("value_bytes", value.length());
        ValueContent content = ValueContent.of(value);
        json.writeStringField(ValueContent.NAME, content.label());
        String begin = begin(value.bytes());
        if (content == ValueContent.BASE64) {
            json.writeBinaryField("value_begins", Arrays.copyOf(value.bytes(), Math.min(value.length(), MOST_BYTES)));
            bytes += MOST_BYTES;
        } else if (begin.length() <= MOST_CHARACTERS) {
            json.writeStringField("value", begin);
            bytes += value.length();
        } else {
            begins(json, begin);
        }
    }

    /** One more of a list. */
    void another() {
        bytes += COMMAND_BYTES;
    }

    void key(JsonGenerator json, Key key) throws IOException {
        json.writeStringField("key", key.text());
        bytes += key.utf8().length;
    }

    void prefix(JsonGenerator json, Prefix prefix) throws IOException {
        json.writeStringField("prefix", prefix.text());
        bytes += prefix.utf8().length;
    }

    /** As it is, or if it is long its beginning as a text. */
    private void value(JsonGenerator json, JsonText value) throws IOException {
        String begin = begin(value.utf8());
        if (begin.length() <= MOST_CHARACTERS) {
            json.writeFieldName("value");
            json.writeRawValue(new RawJson(value));
            bytes += value.length();
        } else {
            begins(json, begin);
        }
    }

    /** All of a text in UTF-8, or more than is shown of it. */
    private static String begin(byte[] utf8) {
        return new String(
                utf8, 0, Math.min(utf8.length, BYTES_PER_CHARACTER * (MOST_CHARACTERS + 1)), StandardCharsets.UTF_8);
    }

    private void begins(JsonGenerator json, String begin) throws IOException {
        boolean splits = Character.isHighSurrogate(begin.charAt(MOST_CHARACTERS - 1));
        String shown = begin.substring(0, splits ? MOST_CHARACTERS - 1 : MOST_CHARACTERS);
        json.writeStringField("value_begins", shown);
        bytes += shown.length();
    }

    private void compare(JsonGenerator json, Compare compare) throws IOException {
        bytes += COMMAND_BYTES;
        if (compare instanceof Compare.OfKey one) {
            key(json, one.key());
        } else if (compare instanceof Compare.OfRange range) {
            prefix(json, range.prefix());
        }
        if (compare instanceof Compare.Value wanted) {
            json.writeStringField("op", wanted.equal() ? "=" : "!=");
            value(json, wanted.value());
        } else if (compare instanceof Compare.Existence wanted) {
            json.writeBooleanField("exists", wanted.exists());
        } else if (compare instanceof Compare.Revision wanted) {
            json.writeStringField("op", wanted.operator().sign());
            json.writeNumberField("revision", wanted.revision());
        } else if (compare instanceof Compare.Version wanted) {
            json.writeStringField("op", wanted.operator().sign());
            json.writeNumberField("version", wanted.version());
        } else if (compare instanceof Compare.Holder wanted) {
            json.writeStringField("op", wanted.equal() ? "=" : "!=");
            json.writeStringField(
                    "session", wanted.session().map(UUID::toString).orElse(null));
        } else if (compare instanceof Compare.Token wanted) {
            json.writeStringField("op", wanted.operator().sign());
            json.writeNumberField("token", wanted.token());
        } else if (compare instanceof Compare.Count wanted) {
            json.writeStringField("op", wanted.operator().sign());
            json.writeNumberField("count", wanted.count());
        } else if (compare instanceof Compare.Revisions wanted) {
            json.writeStringField("op", wanted.operator().sign());
            json.writeNumberField("revision", wanted.revision());
        }
    }

    private void operations(JsonGenerator json, String name, List<TxnOp> operations) throws IOException {
        json.writeArrayFieldStart(name);
        for (TxnOp operation : operations) {
            bytes += COMMAND_BYTES;
            json.writeStartObject();
            if (operation instanceof TxnOp.Put put) {
                put(json, put.key(), put.value(), put.ttlMillis());
            } else if (operation instanceof TxnOp.Add add) {
                add(json, add.key(), add.by());
            } else if (operation instanceof TxnOp.Take take) {
                put(json, take.key(), take.value(), 0);
                json.writeStringField("session", take.session().toString());
            } else if (operation instanceof TxnOp.Release release) {
                put(json, release.key(), release.value(), 0);
                json.writeStringField("release", release.session().toString());
            } else if (operation instanceof TxnOp.DeleteHeld delete) {
                json.writeStringField("op", "delete");
                key(json, delete.key());
                json.writeStringField("session", delete.session().toString());
            } else if (operation instanceof TxnOp.OfKey one) {
                json.writeStringField("op", one instanceof TxnOp.Get ? "get" : "delete");
                key(json, one.key());
            } else if (operation instanceof TxnOp.OfRange range) {
                json.writeStringField("op", range instanceof TxnOp.GetRange ? "get_range" : "delete_range");
                prefix(json, range.prefix());
                if (range instanceof TxnOp.GetRange get && get.limit() != TxnOp.GetRange.ALL) {
                    json.writeNumberField("limit", get.limit());
                }
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
