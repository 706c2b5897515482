package dev.raftkv.rest.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Those that wait, the one that has waited longest first, and how much memory they hold meanwhile. When they are too many, or
 * hold too much, those give way that have waited too long for that: clients that keep up wait too, but never for long, as each
 * step of theirs takes them out. Where memory is wanted, those that hold little go last, when no others wait. Thread-safe.
 *
 * @param <T> who waits
 */
final class Crowd<T> {
    /** What a moment is of what is long. */
    private static final int MOMENT = 5;

    /** Bytes that are much for one. */
    private static final int HEAVY = 64 * 1024;

    private final int mostMembers;
    private final long mostBytes;
    private final long longNanos;
    private final LongSupplier nanoTime;
    private final Runnable onTooMuch;
    private final Map<T, Place> light = new LinkedHashMap<>();
    private final Map<T, Place> heavy = new LinkedHashMap<>();
    private long bytes;
    private volatile boolean tooMuch;
    private volatile boolean farTooMuch;

    private record Place(long since, int held) {}

    /**
     * @param mostBytes above it who has waited long gives way; above twice of it, who has waited for a moment; above three
     *     times, whoever is first
     * @param longTime what is long
     * @param onTooMuch told, by who may hold an exchange, that {@link #removeFirst} may have something to remove
     */
    Crowd(int mostMembers, long mostBytes, Duration longTime, LongSupplier nanoTime, Runnable onTooMuch) {
        this.mostMembers = mostMembers;
        this.mostBytes = mostBytes;
        this.longNanos = longTime.toNanos();
        this.nanoTime = nanoTime;
        this.onTooMuch = onTooMuch;
    }

    /** @param held what it holds now */
    void waits(T who, int held) {
        boolean tell;
        synchronized (this) {
            Map<T, Place> kind = held < HEAVY ? light : heavy;
            Place before = (kind == light ? heavy : light).remove(who);
            before = before == null ? kind.get(who) : before;
            // One that is there keeps its place.
            kind.put(who, new Place(before == null ? nanoTime.getAsLong() : before.since, held));
            add(held - (before == null ? 0 : before.held));
            tell = isTooMuch();
        }
        if (tell) {
            onTooMuch.run();
        }
    }

    synchronized boolean isTooMuch() {
        return areTooMany() || bytes > mostBytes;
    }

    private boolean areTooMany() {
        return light.size() + heavy.size() > mostMembers;
    }

    synchronized void leaves(T who) {
        Place place = light.remove(who);
        place = place == null ? heavy.remove(who) : place;
        add(place == null ? 0 : -place.held);
    }

    private void add(long more) {
        bytes += more;
        tooMuch = bytes > mostBytes;
        farTooMuch = bytes > 3 * mostBytes;
    }

    /** Whether they hold too much. */
    boolean holdsTooMuch() {
        return tooMuch;
    }

    /** Whether whoever is first gives way, however short it has waited. */
    boolean isFarTooMuch() {
        return farTooMuch;
    }

    /** Who has to give way now; null if nobody has, or has waited long enough. */
    synchronized T removeFirst() {
        T first = null;
        if (bytes > mostBytes) {
            first = firstOf(
                    heavy.isEmpty() ? light : heavy, farTooMuch ? 0 : bytes > 2 * mostBytes ? moment() : longNanos);
        }
        if (first == null && areTooMany()) {
            // Those for whom nothing is held have nothing to lose.
            long enough = bytes == 0 ? 0 : moment();
            first = firstOf(since(light) < since(heavy) ? light : heavy, enough);
        }
        if (first != null) {
            leaves(first);
        }
        return first;
    }

    private long moment() {
        return longNanos / MOMENT;
    }

    /** How long the first has waited, negative; the largest number if there is none. */
    private long since(Map<T, Place> some) {
        Iterator<Place> places = some.values().iterator();
        return places.hasNext() ? places.next().since - nanoTime.getAsLong() : Long.MAX_VALUE;
    }

    private T firstOf(Map<T, Place> some, long enough) {
        return -since(some) >= enough && !some.isEmpty()
                ? some.keySet().iterator().next()
                : null;
    }

    synchronized List<T> all() {
        List<T> all = new ArrayList<>(light.keySet());
        all.addAll(heavy.keySet());
        return all;
    }
}
