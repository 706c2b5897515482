package dev.raftkv.kv;

import dev.raftkv.model.Change;
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

    /** Null from when all that there was is told, which is said under the lock of the hub, by the poller. */
    volatile PresentKeys present;

    // Under the lock of the hub, but for the cursor of a watch that is not idle, which is its poller's.
    Cursor cursor;
    boolean idle;
    String end;
    private String polledEnd;

    /**
     * @param openedAt the revision that the store stands at
     * @param present what is told before changes alone; null if nothing is
     */
    Watch(WatchHub hub, Interest interest, String cluster, long openedAt, Runnable wake, PresentKeys present) {
        this.hub = hub;
        this.interest = interest;
        this.cluster = cluster;
        this.openedAt = openedAt;
        this.wake = wake;
        this.present = present;
    }

    /** The store's revision when the watch was opened. */
    public long openedAt() {
        return openedAt;
    }

    /**
     * What follows, in order; nothing if there is nothing now, and then the watch is woken by the next, or if it has ended.
     *
     * @param maxBytes about how many bytes of events to return at most; one event at least
     * @throws dev.raftkv.model.KvException {@code GONE} if the next change is not kept any more, {@code UNAVAILABLE} if the
     *     node serves nothing now
     */
    public List<WatchEvent> poll(int maxBytes) {
        while (true) {
            List<WatchEvent> there = tellsOfPresent() && !hub.hasEnded(this) ? present(maxBytes) : List.of();
            if (!there.isEmpty()) {
                return there;
            }
            WatchHub.Polled polled = hub.poll(this, maxBytes);
            polledEnd = polled.end();
            if (!polled.events().isEmpty() || polledEnd != null || polled.caughtUp() && !presentGoesOn()) {
                return polled.events();
            }
            // A page of the history, or of the keys, without anything of interest: the next one may have some.
        }
    }

    private List<WatchEvent> present(int maxBytes) {
        Cursor place = hub.positionOf(this);
        if (present.isOver(place)) {
            hub.allPresent(this);
            return List.of(new WatchEvent.AllPresent(id(place)));
        }
        return present.wantsPage(place) ? hub.page(present, place, maxBytes) : List.of();
    }

    /** False also if a state was told that the hub has not been told of yet: then the watch is woken when it is. */
    private boolean presentGoesOn() {
        Cursor place = hub.positionOf(this);
        return tellsOfPresent() && (present.isOver(place) || present.wantsPage(place));
    }

    /** Whether the keys that are there have not all been told: nobody can go on from {@link #position} then. */
    public boolean tellsOfPresent() {
        return present != null;
    }

    /** Whether a change ends the wait of a watch that has seen all. */
    boolean waitsFor(Change change) {
        return tellsOfPresent() || interest.covers(change);
    }

    boolean shows(Change change) {
        return interest.covers(change) && (!tellsOfPresent() || present.misses(change));
    }

    WatchEvent changed(Change change, Cursor behind) {
        return new WatchEvent.Changed(change, tellsOfPresent() ? Optional.empty() : Optional.of(id(behind)));
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
