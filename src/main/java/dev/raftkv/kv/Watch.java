package dev.raftkv.kv;

import dev.raftkv.kv.WatchHub.Event;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.EventId;
import java.util.List;
import java.util.Optional;

/** One open watch. Polled by one thread at a time. */
public final class Watch implements AutoCloseable {
    final Interest interest;
    private final WatchHub hub;
    private final String cluster;
    private final long openedAt;
    private final Runnable wake;

    // Under the lock of the hub, but for the cursor of a watch that is not idle, which is its poller's.
    Cursor cursor;
    boolean idle;
    String end;
    private String polledEnd;

    /** @param openedAt the revision that the store stands at */
    Watch(WatchHub hub, Interest interest, String cluster, long openedAt, Runnable wake) {
        this.hub = hub;
        this.interest = interest;
        this.cluster = cluster;
        this.openedAt = openedAt;
        this.wake = wake;
    }

    /** The store's revision when the watch was opened. */
    public long openedAt() {
        return openedAt;
    }

    /**
     * The changes that follow, in order; none if there are none now, and then the watch is woken by the next, or if it has
     * ended.
     *
     * @param maxBytes about how many bytes of changes to return at most; one change at least
     * @throws dev.raftkv.model.KvException {@code GONE} if the next change is not kept any more, {@code UNAVAILABLE} if the
     *     node serves nothing now
     */
    public List<Event> poll(int maxBytes) {
        while (true) {
            WatchHub.Polled polled = hub.poll(this, maxBytes);
            polledEnd = polled.end();
            if (!polled.events().isEmpty() || polled.caughtUp() || polledEnd != null) {
                return polled.events();
            }
            // A page of the history without a change of interest: the next one may have some.
        }
    }

    /** Why the watch has ended, if the last poll found it so. */
    public Optional<String> end() {
        return Optional.ofNullable(polledEnd);
    }

    /** Up to where the watch has shown all, which a client can resume from. */
    public EventId position() {
        return id(hub.positionOf(this));
    }

    EventId id(Cursor place) {
        return new EventId(place, cluster);
    }

    /** The watch is ended because its client does not take what it is sent. */
    public void countAsCutOff() {
        hub.countCutOff();
    }

    /** Shows what follows a place; there is nothing yet behind the store's revision. */
    void begin(Cursor from) {
        cursor = from;
        idle = from.compareTo(Cursor.after(openedAt)) >= 0;
    }

    void resume(Cursor from) {
        cursor = from;
        idle = false;
    }

    void end(String reason) {
        end = reason;
    }

    void wake() {
        wake.run();
    }

    @Override
    public void close() {
        hub.close(this);
    }
}
