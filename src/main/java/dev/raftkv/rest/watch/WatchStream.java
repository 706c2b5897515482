package dev.raftkv.rest.watch;

import dev.raftkv.json.Json;
import dev.raftkv.kv.Watch;
import dev.raftkv.kv.WatchHub.Event;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.http.Live;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One watch as a stream of events, a bounded piece at a time. */
final class WatchStream implements Live {
    private static final int PIECE_BYTES = 64 * 1024;

    private final EventText text;
    private final Duration patience;
    private volatile Runnable wake = () -> {};
    private Watch watch;
    private boolean greeted;
    private boolean heartbeatDue;
    private boolean slow;
    private boolean givesWay;
    private boolean lastSaid;

    /** @param patience how long a client may take nothing; after that it is told where to resume */
    WatchStream(EventText text, Duration patience) {
        this.text = text;
        this.patience = patience;
    }

    /** Before it is shown to anybody. */
    void open(Watch opened) {
        watch = opened;
    }

    /** Something may have come for the watch; it may be woken before it is open. */
    void woken() {
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
        watch.countAsCutOff();
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
            EventText.line(piece, "retry: 1000");
            EventText.line(piece, "");
            return piece.toByteArray();
        }
        if (slow) {
            watch.countAsCutOff();
            last(
                    piece,
                    "slow",
                    "the client took nothing for " + patience.toSeconds() + " seconds: go on from last_event_id");
            return piece.toByteArray();
        }
        if (givesWay) {
            last(piece, "end", "too many connections are open at this node: go on at another node, or here");
            return piece.toByteArray();
        }
        return changes();
    }

    private byte[] changes() {
        try {
            List<Event> events = watch.poll(PIECE_BYTES);
            // One change may be a megabyte, and a buffer that grows takes three times that.
            int size = 256
                    + events.stream()
                            .mapToInt(event -> 128 + event.change().size())
                            .sum();
            ByteArrayOutputStream piece = new ByteArrayOutputStream(size);
            events.forEach(event -> text.append(piece, event));
            Optional<String> reason = watch.end();
            if (reason.isPresent()) {
                last(piece, "end", reason.get());
            } else if (events.isEmpty() && heartbeatDue) {
                EventText.heartbeat(piece, watch.position());
            }
            heartbeatDue = false;
            return piece.toByteArray();
        } catch (KvException e) {
            ByteArrayOutputStream piece = new ByteArrayOutputStream(256);
            gone(piece, e);
            return piece.toByteArray();
        }
    }

    private void last(ByteArrayOutputStream piece, String name, String error) {
        say(piece, name, json -> {
            json.writeStringField("error", error);
            json.writeStringField("last_event_id", watch.position().toString());
        });
    }

    private void gone(ByteArrayOutputStream piece, KvException failure) {
        if (failure.code() != Code.GONE) {
            last(piece, "end", failure.getMessage());
            return;
        }
        say(piece, failure.isOfRestore() ? "restored" : "gone", json -> {
            json.writeStringField("error", failure.getMessage());
            json.writeNumberField("oldest_revision", failure.revision().orElseThrow());
        });
    }

    private void say(ByteArrayOutputStream piece, String name, Json.Content members) {
        EventText.append(piece, name, members);
        lastSaid = true;
    }

    @Override
    public void close() {
        watch.close();
    }
}
