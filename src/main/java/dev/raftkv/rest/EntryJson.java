package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import java.io.IOException;
import java.io.OutputStream;
import java.util.OptionalLong;

/** Keys and entries as JSON, written as bytes because a value is given back as it was sent. */
final class EntryJson {
    private EntryJson() {}

    /** The key as a JSON string. */
    static void write(OutputStream out, Key key) throws IOException {
        out.write('"');
        out.write(Json.escape(key));
        out.write('"');
    }

    /** An object of the key, its value, history and remaining time. */
    static void write(OutputStream out, Entry entry, OptionalLong remainingMillis) throws IOException {
        text(out, "{\"key\":");
        write(out, entry.key());
        members(out, entry, remainingMillis);
        text(out, "}");
    }

    /** The members of such an object behind its key. */
    static void members(OutputStream out, Entry entry, OptionalLong remainingMillis) throws IOException {
        text(out, ",\"value\":");
        out.write(entry.value().utf8());
        history(out, entry.createRevision(), entry.changeRevision(), entry.version());
        if (remainingMillis.isPresent()) {
            text(out, ",\"ttl\":" + Ttl.secondsOf(remainingMillis.getAsLong()));
        }
    }

    static void history(OutputStream out, long createRevision, long changeRevision, long version) throws IOException {
        text(
                out,
                ",\"create_revision\":" + createRevision + ",\"change_revision\":" + changeRevision + ",\"version\":"
                        + version);
    }

    static void text(OutputStream out, String json) throws IOException {
        out.write(json.getBytes(US_ASCII));
    }
}
