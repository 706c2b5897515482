package dev.raftkv.rest.events;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.raftkv.json.Json;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/** The lines of a stream. */
public final class EventLines {
    private EventLines() {}

    /**
     * One event.
     *
     * @param id empty if nobody can go on behind it
     * @param data a JSON object, with a line feed behind it or without
     */
    public static void event(ByteArrayOutputStream out, Optional<String> id, String name, byte[] data) {
        id.ifPresent(place -> line(out, "id: " + place));
        line(out, "event: " + name);
        data(out, data);
    }

    /** An event of the stream itself, which has no id. */
    static void event(ByteArrayOutputStream out, String name, Json.Content members) {
        line(out, "event: " + name);
        data(out, Json.line(members));
    }

    /** Nothing happened up to there: a client that goes on later has not to ask for what came before. */
    static void heartbeat(ByteArrayOutputStream out, Optional<String> position) {
        line(out, ":");
        position.ifPresent(place -> line(out, "id: " + place));
        line(out, "");
    }

    static void line(ByteArrayOutputStream out, String text) {
        out.writeBytes((text + "\n").getBytes(US_ASCII));
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
