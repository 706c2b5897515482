package dev.raftkv.rest.watch;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.WatchHub.Event;
import dev.raftkv.model.Change;
import dev.raftkv.model.Entry;
import dev.raftkv.model.EventId;
import dev.raftkv.rest.json.EntryJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** Changes as Server-Sent Events (WHATWG HTML, section 9.2) and as JSON. */
final class EventText {
    private final KvService kv;

    EventText(KvService kv) {
        this.kv = kv;
    }

    /** One event with its id, name and data. */
    void append(ByteArrayOutputStream out, Event event) {
        line(out, "id: " + event.id());
        line(out, "event: " + name(event.change()));
        data(out, Json.line(128 + event.change().size(), json -> write(json, event.change())));
    }

    /** An event of the watch itself, which has no id. */
    static void append(ByteArrayOutputStream out, String name, Json.Content members) {
        line(out, "event: " + name);
        data(out, Json.line(members));
    }

    /** Nothing happened up to there: a client that goes on later has not to ask for what came before. */
    static void heartbeat(ByteArrayOutputStream out, EventId position) {
        line(out, ":");
        line(out, "id: " + position);
        line(out, "");
    }

    static void line(ByteArrayOutputStream out, String text) {
        out.writeBytes((text + "\n").getBytes(US_ASCII));
    }

    /** An element of a long poll's answer. */
    void element(JsonGenerator json, Event event) throws IOException {
        json.writeStartObject();
        json.writeStringField("event", name(event.change()));
        json.writeStringField("id", event.id().toString());
        write(json, event.change());
        json.writeEndObject();
    }

    private static String name(Change change) {
        return change.kind().name().toLowerCase(Locale.ROOT);
    }

    private void write(JsonGenerator json, Change change) throws IOException {
        json.writeStringField("key", change.key().text());
        Optional<Entry> entry = change.entry();
        if (entry.isPresent()) {
            EntryJson.members(json, entry.get(), kv.remainingMillis(entry.get()));
        } else {
            json.writeNumberField("change_revision", change.revision());
        }
    }

    /** A value may have line breaks between its parts; each line of it is one of the event. */
    private static void data(ByteArrayOutputStream out, byte[] json) {
        out.writeBytes("data: ".getBytes(US_ASCII));
        int end = json[json.length - 1] == '\n' ? json.length - 1 : json.length;
        int begin = 0;
        for (int i = 0; i < end; i++) {
            if (json[i] == '\n' || json[i] == '\r') {
                out.write(json, begin, i - begin);
                boolean goesOn = json[i] == '\r' && i + 1 < end && json[i + 1] == '\n';
                begin = i + 1;
                if (!goesOn) {
                    out.writeBytes("\ndata: ".getBytes(US_ASCII));
                }
            }
        }
        out.write(json, begin, end - begin);
        out.writeBytes("\n\n".getBytes(US_ASCII));
    }
}
