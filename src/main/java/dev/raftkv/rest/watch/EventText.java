package dev.raftkv.rest.watch;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.WatchHub.Event;
import dev.raftkv.model.Change;
import dev.raftkv.model.Entry;
import dev.raftkv.rest.events.EventLines;
import dev.raftkv.rest.json.EntryJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** Changes as Server-Sent Events and as JSON. */
final class EventText {
    private final KvService kv;

    EventText(KvService kv) {
        this.kv = kv;
    }

    /** One event with its id, name and data. */
    void append(ByteArrayOutputStream out, Event event) {
        EventLines.event(
                out,
                event.id().toString(),
                name(event.change().kind()),
                Json.line(128 + event.change().size(), json -> write(json, event.change())));
    }

    /** An element of a long poll's answer. */
    void element(JsonGenerator json, Event event) throws IOException {
        json.writeStartObject();
        json.writeStringField("event", name(event.change().kind()));
        json.writeStringField("id", event.id().toString());
        write(json, event.change());
        json.writeEndObject();
    }

    /** What clients call a kind of change. */
    static String name(Change.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
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
}
