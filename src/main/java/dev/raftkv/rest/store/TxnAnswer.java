package dev.raftkv.rest.store;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.rest.json.EntryJson;
import java.io.IOException;

/** What a transaction did. */
final class TxnAnswer {
    private TxnAnswer() {}

    static byte[] body(Outcome.TxnDone done, KvService kv) {
        return Json.line(sizeOf(done), json -> {
            json.writeStringField("message", "success running transaction");
            json.writeObjectFieldStart("data");
            json.writeBooleanField("succeeded", done.succeeded());
            json.writeArrayFieldStart("results");
            for (Result result : done.results()) {
                json.writeStartObject();
                write(json, result, kv);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** About its length: the values may be megabytes, and a buffer that grows takes three times their size. */
    private static int sizeOf(Outcome.TxnDone done) {
        int size = 512;
        for (Result result : done.results()) {
            size += 256 + result.key().utf8().length;
            if (result instanceof Result.Fetched fetched) {
                size += fetched.entry().map(entry -> entry.value().length()).orElse(0);
            } else if (result instanceof Result.Added) {
                size += Counter.MAX_BYTES;
            }
        }
        return size;
    }

    private static void write(JsonGenerator json, Result result, KvService kv) throws IOException {
        String key = result.key().text();
        if (result instanceof Result.Stored stored) {
            json.writeStringField("put", key);
            EntryJson.history(json, stored.createRevision(), stored.changeRevision(), stored.version());
        } else if (result instanceof Result.Removed removed) {
            json.writeStringField("delete", key);
            json.writeBooleanField("existed", removed.existed());
        } else if (result instanceof Result.Added added) {
            json.writeStringField("add", key);
            json.writeNumberField("value", added.value().number());
            EntryJson.history(json, added.createRevision(), added.changeRevision(), added.version());
        } else if (result instanceof Result.Fetched fetched) {
            json.writeStringField("get", key);
            json.writeBooleanField("exists", fetched.entry().isPresent());
            if (fetched.entry().isPresent()) {
                Entry entry = fetched.entry().get();
                EntryJson.members(json, entry, kv.remainingMillis(entry));
            }
        } else if (result instanceof Result.Seen seen) {
            json.writeStringField("get", key);
            json.writeBooleanField("exists", true);
            json.writeBooleanField("value_forgotten", true);
            EntryJson.history(json, seen.createRevision(), seen.changeRevision(), seen.version());
        }
    }
}
