package dev.raftkv.rest.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Exchanges that wait, the one that has waited longest first, and how much memory they hold meanwhile. When they are too many,
 * or hold too much, those give way that have waited too long for that: clients that keep up wait too, but never for long, as
 * each step of theirs takes them out. Thread-safe.
 */
final class Crowd {
    /** What a moment is of what is long. */
    private static final int MOMENT = 5;

    private final int mostMembers;
    private final long mostBytes;
    private final Duration longTime;
    private final Runnable onTooMuch;
    private final Map<Exchange, Place> waiting = new LinkedHashMap<>();
    private long bytes;

    private record Place(long since, int held) {}

    /**
     * @param mostBytes above it who has waited long gives way; above twice of it, who has waited for a moment; above three
     *     times, whoever is first
     * @param longTime what is long
     * @param onTooMuch told, by who may hold an exchange, that {@link #removeFirst} may have something to remove
     */
    Crowd(int mostMembers, long mostBytes, Duration longTime, Runnable onTooMuch) {
        this.mostMembers = mostMembers;
        this.mostBytes = mostBytes;
        this.longTime = longTime;
        this.onTooMuch = onTooMuch;
    }

    /** @param held what it holds now */
    void waits(Exchange exchange, int held) {
        boolean tooMuch;
        synchronized (this) {
            Place before = waiting.get(exchange);
            waiting.put(exchange, new Place(before == null ? System.nanoTime() : before.since, held));
            bytes += held - (before == null ? 0 : before.held);
            tooMuch = isTooMuch();
        }
        if (tooMuch) {
            onTooMuch.run();
        }
    }

    synchronized boolean isTooMuch() {
        return waiting.size() > mostMembers || bytes > mostBytes;
    }

    synchronized void leaves(Exchange exchange) {
        Place place = waiting.remove(exchange);
        bytes -= place == null ? 0 : place.held;
    }

    /** Who has to give way now; null if nobody has, or has waited long enough. */
    synchronized Exchange removeFirst() {
        if (!isTooMuch()) {
            return null;
        }
        Map.Entry<Exchange, Place> first = waiting.entrySet().iterator().next();
        if (System.nanoTime() - first.getValue().since < enough().toNanos()) {
            return null;
        }
        leaves(first.getKey());
        return first.getKey();
    }

    private Duration enough() {
        if (bytes > 3 * mostBytes || waiting.size() > mostMembers && bytes == 0) {
            return Duration.ZERO;
        }
        return bytes > 2 * mostBytes || waiting.size() > mostMembers ? longTime.dividedBy(MOMENT) : longTime;
    }

    synchronized Exchange[] all() {
        return waiting.keySet().toArray(Exchange[]::new);
    }
}
