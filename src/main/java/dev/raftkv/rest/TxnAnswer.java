package dev.raftkv.rest;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.TxnOp.Result;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** What a transaction did. */
final class TxnAnswer {
    private TxnAnswer() {}

    static byte[] body(Outcome.TxnDone done, KvService kv) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(sizeOf(done));
        try {
            EntryJson.text(
                    out,
                    "{\"message\":\"success running transaction\",\"data\":{\"succeeded\":" + done.succeeded()
                            + ",\"results\":[");
            String separator = "";
            for (Result result : done.results()) {
                EntryJson.text(out, separator);
                write(out, result, kv);
                separator = ",";
            }
            EntryJson.text(out, "]}}\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** About its length: the values may be megabytes, and a buffer that grows takes three times their size. */
    private static int sizeOf(Outcome.TxnDone done) {
        int size = 512;
        for (Result result : done.results()) {
            size += 256 + result.key().utf8().length;
            if (result instanceof Result.Fetched fetched) {
                size += fetched.entry().map(entry -> entry.value().length()).orElse(0);
            }
        }
        return size;
    }

    private static void write(OutputStream out, Result result, KvService kv) throws IOException {
        if (result instanceof Result.Stored stored) {
            begin(out, "put", result);
            EntryJson.history(out, stored.createRevision(), stored.changeRevision(), stored.version());
        } else if (result instanceof Result.Removed removed) {
            begin(out, "delete", result);
            EntryJson.text(out, ",\"existed\":" + removed.existed());
        } else if (result instanceof Result.Fetched fetched) {
            begin(out, "get", result);
            EntryJson.text(out, ",\"exists\":" + fetched.entry().isPresent());
            if (fetched.entry().isPresent()) {
                Entry entry = fetched.entry().get();
                EntryJson.members(out, entry, kv.remainingMillis(entry));
            }
        } else if (result instanceof Result.Seen seen) {
            begin(out, "get", result);
            EntryJson.text(out, ",\"exists\":true,\"value_forgotten\":true");
            EntryJson.history(out, seen.createRevision(), seen.changeRevision(), seen.version());
        }
        EntryJson.text(out, "}");
    }

    private static void begin(OutputStream out, String operation, Result result) throws IOException {
        EntryJson.text(out, "{\"" + operation + "\":");
        EntryJson.write(out, result.key());
    }
}
