package dev.raftkv.rest;

import dev.raftkv.kv.Watch;
import dev.raftkv.kv.WatchHub.Event;
import dev.raftkv.model.Code;
import dev.raftkv.model.EventId;
import dev.raftkv.model.KvException;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One answer with the next changes of a watch, or with none when the time is over. */
final class WatchPoll {
    private static final int ANSWER_BYTES = 1 << 20;

    private final EventText text;
    private final CompletableFuture<Response> answer = new CompletableFuture<>();
    private Watch watch;
    private boolean over;

    WatchPoll(EventText text) {
        this.text = text;
    }

    CompletableFuture<Response> begin(Watch opened) {
        synchronized (this) {
            watch = opened;
        }
        look();
        return answer;
    }

    /** Something may have come for the watch. */
    void wake() {
        look();
    }

    void timeIsOver() {
        synchronized (this) {
            over = true;
        }
        look();
    }

    private synchronized void look() {
        if (watch == null || answer.isDone()) {
            return;
        }
        try {
            List<Event> events = watch.poll(ANSWER_BYTES);
            if (watch.end().isPresent() && events.isEmpty()) {
                throw new KvException(Code.UNAVAILABLE, watch.end().get());
            }
            if (!events.isEmpty() || over) {
                answer.complete(answer(events, watch.position()));
                watch.close();
            }
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
            watch.close();
        }
    }

    private Response answer(List<Event> events, EventId position) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try {
            EntryJson.text(out, "{\"message\":\"success watching data\",\"data\":[");
            String separator = "";
            for (Event event : events) {
                EntryJson.text(out, separator);
                out.write(text.element(event));
                separator = ",";
            }
            out.write(("],\"last_event_id\":\"" + position + "\"}\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return StoreHeaders.written(
                        Answers.success(out.toByteArray()), position.cursor().wholeRevision())
                .build();
    }
}
