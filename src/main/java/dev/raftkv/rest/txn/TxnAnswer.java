package dev.raftkv.rest.txn;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.rest.json.EntryJson;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** What a transaction did. */
public final class TxnAnswer {
    private TxnAnswer() {}

    /** @param previous the places of the results that are what was there before the next one */
    public static byte[] body(Outcome.TxnDone done, Set<Integer> previous, KvService kv) {
        return Json.line(sizeOf(done), json -> {
            json.writeStringField("message", "success running transaction");
            json.writeObjectFieldStart("data");
            json.writeBooleanField("succeeded", done.succeeded());
            json.writeArrayFieldStart("results");
            List<Result> results = done.results();
            for (int place = 0; place < results.size(); place++) {
                Result before = previous.contains(place) ? results.get(place++) : null;
                json.writeStartObject();
                write(json, results.get(place), kv);
                if (before != null) {
                    Previous.write(json, before, kv);
                }
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
            size += sizeOf(result);
        }
        return size;
    }

    private static int sizeOf(Result result) {
        if (result instanceof Result.RangeFetched range) {
            return range.found().stream()
                    .mapToInt(TxnAnswer::sizeOf)
                    .reduce(range.prefix().utf8().length, Integer::sum);
        }
        return Previous.sizeOf(result) + (result instanceof Result.Added ? Counter.MAX_BYTES : 0);
    }

    private static void write(JsonGenerator json, Result result, KvService kv) throws IOException {
        if (result instanceof Result.RangeFetched range) {
            json.writeStringField(OperationRequest.GET_PREFIX, range.prefix().text());
            json.writeArrayFieldStart("keys");
            for (Result.OfOne found : range.found()) {
                json.writeStartObject();
                json.writeStringField("key", found.key().text());
                Previous.found(json, found, kv);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeBooleanField("more", range.more());
        } else if (result instanceof Result.RangeRemoved range) {
            json.writeStringField(OperationRequest.DELETE_PREFIX, range.prefix().text());
            json.writeNumberField("removed", range.count());
        } else {
            write(json, (Result.OfOne) result, kv);
        }
    }

    private static void write(JsonGenerator json, Result.OfOne result, KvService kv) throws IOException {
        String key = result.key().text();
        if (result instanceof Result.Stored stored) {
            json.writeStringField("put", key);
            EntryJson.history(json, stored.createRevision(), stored.changeRevision(), stored.version());
        } else if (result instanceof Result.Taken taken) {
            json.writeStringField("put", key);
            EntryJson.history(json, taken.createRevision(), taken.changeRevision(), taken.version());
            EntryJson.hold(json, taken.hold());
        } else if (result instanceof Result.Removed removed) {
            json.writeStringField("delete", key);
            json.writeBooleanField("existed", removed.existed());
        } else if (result instanceof Result.Added added) {
            json.writeStringField("add", key);
            json.writeNumberField("value", added.value().number());
            EntryJson.history(json, added.createRevision(), added.changeRevision(), added.version());
        } else {
            json.writeStringField("get", key);
            Previous.members(json, result, kv);
        }
    }
}
