package dev.raftkv.rest.watch;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.WatchEvent;
import dev.raftkv.model.Change;
import dev.raftkv.model.Entry;
import dev.raftkv.model.EventId;
import dev.raftkv.rest.events.EventLines;
import dev.raftkv.rest.json.EntryJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** What a watch tells, as Server-Sent Events and as JSON. */
final class EventText {
    private static final String PREVIOUS = "prev";

    private final KvService kv;
    private final boolean previous;

    /** @param previous whether changes are told with what their keys were before, as far as that is kept */
    EventText(KvService kv, boolean previous) {
        this.kv = kv;
        this.previous = previous;
    }

    /** One event with its id, name and data. */
    void append(ByteArrayOutputStream out, WatchEvent event) {
        EventLines.event(
                out,
                event.id().map(EventId::toString),
                name(event),
                Json.line(128 + event.size(), json -> write(json, event)));
    }

    /** A mark that says how far a stream has come. */
    static void progress(ByteArrayOutputStream out, EventId place) {
        EventLines.event(
                out,
                Optional.of(place.toString()),
                "progress",
                Json.line(
                        json -> json.writeNumberField("revision", place.cursor().wholeRevision())));
    }

    /** An element of a long poll's answer. */
    void element(JsonGenerator json, WatchEvent event) throws IOException {
        json.writeStartObject();
        json.writeStringField("event", name(event));
        json.writeStringField("id", event.id().orElseThrow().toString());
        write(json, event);
        json.writeEndObject();
    }

    /** What clients call a kind of change. */
    static String name(Change.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static String name(WatchEvent event) {
        if (event instanceof WatchEvent.Changed changed) {
            return name(changed.change().kind());
        }
        return event instanceof WatchEvent.Present ? "initial" : "initial_end";
    }

    private void write(JsonGenerator json, WatchEvent event) throws IOException {
        if (event instanceof WatchEvent.Changed changed) {
            write(json, changed.change());
        } else if (event instanceof WatchEvent.Present present) {
            write(json, present.entry());
        } else if (event instanceof WatchEvent.AllPresent all) {
            json.writeNumberField("revision", all.place().cursor().wholeRevision());
        }
    }

    private void write(JsonGenerator json, Change change) throws IOException {
        Optional<Entry> entry = change.entry();
        if (entry.isPresent()) {
            write(json, entry.get());
        } else {
            json.writeStringField("key", change.key().text());
            json.writeNumberField("change_revision", change.revision());
        }
        if (previous && (change.isCreation() || change.previous().isPresent())) {
            writePrevious(json, change.previous());
        }
    }

    /** As a write with this parameter is answered. */
    private void writePrevious(JsonGenerator json, Optional<Entry> entry) throws IOException {
        json.writeObjectFieldStart(PREVIOUS);
        json.writeBooleanField("exists", entry.isPresent());
        if (entry.isPresent()) {
            EntryJson.members(json, entry.get(), kv.remainingMillis(entry.get()));
        }
        json.writeEndObject();
    }

    private void write(JsonGenerator json, Entry entry) throws IOException {
        json.writeStringField("key", entry.key().text());
        EntryJson.members(json, entry, kv.remainingMillis(entry));
    }
}
