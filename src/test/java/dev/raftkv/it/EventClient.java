package dev.raftkv.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Reads Server-Sent Events as a browser does: remembers the last id, and shows each event that has data. */
final class EventClient {
    /** @param id the last event id when it was sent */
    record Event(String id, String name, String data) {}

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final AtomicReference<String> lastId = new AtomicReference<>("");

    String lastId() {
        return lastId.get();
    }

    /**
     * Connects once and reads until the stream ends, or enough was seen.
     *
     * @return the status of the answer
     * @throws IOException if nobody answers, or the connection breaks
     */
    int read(String url, BooleanSupplier enough, Consumer<Event> events) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10));
        if (!lastId.get().isEmpty()) {
            request.header("Last-Event-ID", lastId.get());
        }
        try {
            HttpResponse<Stream<String>> answer = client.send(request.build(), BodyHandlers.ofLines());
            try (Stream<String> lines = answer.body()) {
                if (answer.statusCode() == 200) {
                    read(lines.iterator(), enough, events);
                }
            }
            return answer.statusCode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void read(Iterator<String> lines, BooleanSupplier enough, Consumer<Event> events) {
        String name = "";
        String data = "";
        String id = lastId.get();
        while (!enough.getAsBoolean() && lines.hasNext()) {
            String line = lines.next();
            if (line.isEmpty()) {
                lastId.set(id);
                if (!data.isEmpty()) {
                    events.accept(new Event(id, name, data));
                }
                name = "";
                data = "";
            } else if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("event: ")) {
                name = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data += line.substring(6);
            }
        }
    }
}
