package dev.raftkv.lab.work;

import java.io.BufferedReader;
import java.io.IOException;

/** The events of a stream of Server-Sent Events (WHATWG HTML, section 9.2). */
final class EventStream {
    /**
     * One event.
     *
     * @param id the last id so far
     * @param name empty for one that only tells an id
     */
    record Event(String id, String name, String data) {}

    private final BufferedReader in;
    private String id;

    /** @param lastId what is taken for the last id until there is one */
    EventStream(BufferedReader in, String lastId) {
        this.in = in;
        this.id = lastId;
    }

    /** Reads the next event, or a sign of life with an id; null at the end. An event without its empty line is none. */
    Event next() throws IOException {
        String name = "";
        StringBuilder data = new StringBuilder();
        String next = id;
        boolean told = false;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.isEmpty()) {
                id = next;
                if (told || data.length() > 0) {
                    return new Event(id, name, data.toString());
                }
            } else if (line.startsWith("id: ")) {
                next = line.substring(4);
                told = true;
            } else if (line.startsWith("event: ")) {
                name = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data.append(line, 6, line.length());
            }
        }
        return null;
    }
}
