package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.raftkv.kv.KvService;
import dev.raftkv.kv.WatchHub.Event;
import dev.raftkv.model.Change;
import dev.raftkv.model.Entry;
import dev.raftkv.model.EventId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
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
        data(out, json(event.change(), "{"));
    }

    /** An event of the watch itself, which has no id. */
    static void append(ByteArrayOutputStream out, String name, Map<String, Object> members) {
        line(out, "event: " + name);
        data(out, Json.line(json -> {
            for (Map.Entry<String, Object> member : members.entrySet()) {
                if (member.getValue() instanceof Long number) {
                    json.writeNumberField(member.getKey(), number);
                } else {
                    json.writeStringField(member.getKey(), member.getValue().toString());
                }
            }
        }));
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
    byte[] element(Event event) {
        return json(event.change(), "{\"event\":\"" + name(event.change()) + "\",\"id\":\"" + event.id() + "\",");
    }

    private static String name(Change change) {
        return change.kind().name().toLowerCase(Locale.ROOT);
    }

    private byte[] json(Change change, String start) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(128 + change.size());
        try {
            EntryJson.text(out, start + "\"key\":");
            EntryJson.write(out, change.key());
            Optional<Entry> entry = change.entry();
            if (entry.isPresent()) {
                EntryJson.members(out, entry.get(), kv.remainingMillis(entry.get()));
            } else {
                EntryJson.text(out, ",\"change_revision\":" + change.revision());
            }
            EntryJson.text(out, "}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A value may have line breaks between its parts; each line of it is one of the event. */
    private static void data(ByteArrayOutputStream out, byte[] json) {
        out.writeBytes("data: ".getBytes(US_ASCII));
        int end = json[json.length - 1] == '\n' ? json.length - 1 : json.length;
        for (int i = 0; i < end; i++) {
            if (json[i] == '\r' && i + 1 < end && json[i + 1] == '\n') {
                continue;
            }
            if (json[i] == '\n' || json[i] == '\r') {
                out.writeBytes("\ndata: ".getBytes(US_ASCII));
            } else {
                out.write(json[i]);
            }
        }
        out.writeBytes("\n\n".getBytes(US_ASCII));
    }
}
