package dev.raftkv.rest;

import dev.raftkv.kv.Watch;
import dev.raftkv.kv.WatchHub.Event;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch as a stream of events. Written only when the client's connection takes more, a bounded piece at a time, by
 * whoever finds that there is something to write: the container, the hub or the heartbeat. No thread ever waits for it.
 */
final class WatchStream implements WriteListener {
    private static final Logger LOG = LoggerFactory.getLogger(WatchStream.class);
    private static final int PIECE_BYTES = 64 * 1024;

    private final AsyncContext exchange;
    private final ServletOutputStream out;
    private final EventText text;
    private final Duration patience;
    private final Consumer<WatchStream> onEnd;
    private Watch watch;
    private boolean begun;
    private boolean greeted;
    private boolean flushDue;
    private boolean heartbeatDue;
    private boolean lastWritten;
    private boolean ended;
    private boolean blocked;
    private long blockedSince;

    /**
     * @param patience how long the client may take nothing; after that it is told where to resume, after twice that time the
     *     connection is cut
     * @param onEnd called once, when the stream is over
     */
    WatchStream(AsyncContext exchange, EventText text, Duration patience, Consumer<WatchStream> onEnd)
            throws IOException {
        this.exchange = exchange;
        this.out = exchange.getResponse().getOutputStream();
        this.text = text;
        this.patience = patience;
        this.onEnd = onEnd;
    }

    /** Begins to write; the watch may have been woken before. */
    synchronized void begin(Watch opened) {
        watch = opened;
        out.setWriteListener(this);
    }

    /** Something may have come for the watch. */
    synchronized void wake() {
        if (begun) {
            pump();
        }
    }

    /** Tells a client without news that the stream lives, and looks after one that takes nothing; called regularly. */
    synchronized void heartbeat() {
        if (!begun || ended) {
            return;
        }
        heartbeatDue = true;
        if (blocked && System.nanoTime() - blockedSince > 2 * patience.toNanos()) {
            watch.countAsCutOff();
            end();
        } else if (!blocked) {
            pump();
        }
    }

    @Override
    public synchronized void onWritePossible() {
        begun = true;
        pump();
    }

    @Override
    public synchronized void onError(Throwable failure) {
        LOG.debug("the client of a watch has gone", failure);
        end();
    }

    private void pump() {
        try {
            while (!ended && out.isReady()) {
                if (flushDue) {
                    flushDue = false;
                    out.flush();
                } else if (lastWritten) {
                    end();
                } else {
                    byte[] piece = next();
                    blocked = false;
                    if (piece.length == 0) {
                        return;
                    }
                    out.write(piece);
                    flushDue = true;
                }
            }
            if (!ended && !blocked) {
                blocked = true;
                blockedSince = System.nanoTime();
            }
        } catch (IOException | RuntimeException | Error e) {
            LOG.debug("a watch is over", e);
            end();
        }
    }

    private byte[] next() {
        ByteArrayOutputStream piece = new ByteArrayOutputStream(256);
        if (!greeted) {
            // Shows the client at once that the stream is open, and how soon to come again when it ends.
            greeted = true;
            EventText.line(piece, "retry: 1000");
            EventText.line(piece, "");
            return piece.toByteArray();
        }
        if (blocked && System.nanoTime() - blockedSince > patience.toNanos()) {
            watch.countAsCutOff();
            last(
                    piece,
                    "slow",
                    "the client took nothing for " + patience.toSeconds() + " seconds: go on from last_event_id");
            return piece.toByteArray();
        }
        try {
            List<Event> events = watch.poll(PIECE_BYTES);
            events.forEach(event -> text.append(piece, event));
            Optional<String> reason = watch.end();
            if (reason.isPresent()) {
                last(piece, "end", reason.get());
            } else if (events.isEmpty() && heartbeatDue) {
                EventText.heartbeat(piece, watch.position());
            }
            heartbeatDue = false;
        } catch (KvException e) {
            gone(piece, e);
        }
        return piece.toByteArray();
    }

    private void last(ByteArrayOutputStream piece, String name, String error) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("error", error);
        members.put("last_event_id", watch.position());
        EventText.append(piece, name, members);
        lastWritten = true;
    }

    private void gone(ByteArrayOutputStream piece, KvException failure) {
        if (failure.code() != Code.GONE) {
            last(piece, "end", failure.getMessage());
            return;
        }
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("error", failure.getMessage());
        members.put("oldest_revision", failure.revision().orElseThrow());
        EventText.append(piece, "gone", members);
        lastWritten = true;
    }

    private void end() {
        if (!ended) {
            ended = true;
            watch.close();
            onEnd.accept(this);
            try {
                exchange.complete();
            } catch (IllegalStateException e) {
                LOG.debug("the container has ended the exchange of a watch already", e);
            }
        }
    }
}
