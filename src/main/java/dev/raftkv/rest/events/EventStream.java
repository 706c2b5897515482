package dev.raftkv.rest.events;

import dev.raftkv.json.Json;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Live;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Optional;

/** News as a stream of events, a bounded piece at a time. */
public final class EventStream implements Live {
    private final Duration patience;
    private volatile Runnable wake = () -> {};
    private News news;
    private boolean greeted;
    private boolean heartbeatDue;
    private boolean slow;
    private boolean givesWay;
    private boolean lastSaid;

    /** @param patience how long a client may take nothing; after that it is told where to resume */
    public EventStream(Duration patience) {
        this.patience = patience;
    }

    /** Its answer; to be called once, before it is shown to anybody. */
    public Answer open(News opened) {
        news = opened;
        return Answer.of(200, "text/event-stream;charset=UTF-8", this)
                // nginx would hold events back until its buffer is full.
                .header("X-Accel-Buffering", "no");
    }

    /** There may be news; it may be woken before it is open. */
    public void woken() {
        wake.run();
    }

    @Override
    public void begin(Runnable onNews) {
        wake = onNews;
    }

    @Override
    public void heartbeat() {
        heartbeatDue = true;
    }

    @Override
    public void tooSlow() {
        slow = true;
    }

    @Override
    public void giveWay() {
        givesWay = true;
    }

    @Override
    public void cutOff() {
        news.countAsCutOff();
    }

    @Override
    public byte[] next() {
        if (lastSaid) {
            return null;
        }
        ByteArrayOutputStream piece = new ByteArrayOutputStream(256);
        if (!greeted) {
            // Shows the client at once that the stream is open, and how soon to come again when it ends.
            greeted = true;
            EventLines.line(piece, "retry: 1000");
            EventLines.line(piece, "");
            return piece.toByteArray();
        }
        if (slow) {
            news.countAsCutOff();
            last(
                    piece,
                    "slow",
                    "the client took nothing for " + patience.toSeconds() + " seconds: "
                            + (news.position().isPresent() ? "go on from last_event_id" : "begin again"));
            return piece.toByteArray();
        }
        if (givesWay) {
            last(piece, "end", "too many connections are open at this node: go on at another node, or here");
            return piece.toByteArray();
        }
        return events(piece);
    }

    private byte[] events(ByteArrayOutputStream piece) {
        try {
            byte[] events = news.next();
            Optional<String> reason = news.end();
            boolean silent = events.length == 0 && heartbeatDue;
            heartbeatDue = false;
            if (reason.isEmpty() && !silent) {
                return events;
            }
            piece.writeBytes(events);
            if (reason.isPresent()) {
                last(piece, "end", reason.get());
            } else {
                EventLines.heartbeat(piece, news.position());
            }
        } catch (KvException e) {
            end(piece, e);
        }
        return piece.toByteArray();
    }

    private void last(ByteArrayOutputStream piece, String name, String error) {
        say(piece, name, json -> {
            json.writeStringField("error", error);
            Optional<String> position = news.position();
            if (position.isPresent()) {
                json.writeStringField("last_event_id", position.get());
            }
        });
    }

    private void end(ByteArrayOutputStream piece, KvException failure) {
        switch (failure.code()) {
            case GONE -> gone(piece, "oldest_revision", failure);
            case FORGOTTEN -> gone(piece, "oldest_event_id", failure);
            default -> last(piece, "end", failure.getMessage());
        }
    }

    private void gone(ByteArrayOutputStream piece, String oldest, KvException failure) {
        say(piece, failure.isOfRestore() ? "restored" : "gone", json -> {
            json.writeStringField("error", failure.getMessage());
            json.writeNumberField(oldest, failure.revision().orElseThrow());
        });
    }

    private void say(ByteArrayOutputStream piece, String name, Json.Content members) {
        EventLines.event(piece, name, members);
        lastSaid = true;
    }

    @Override
    public void close() {
        news.close();
    }
}
