package dev.raftkv.rest.http;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The exchanges that wait for their clients, the one that has waited longest first, and how much memory they hold meanwhile.
 * When that is too much, the first one gives way: a client that reads and sends is never it. Thread-safe.
 */
final class Crowd {
    private final long mostBytes;
    private final Runnable onTooMuch;
    private final Map<Exchange, Integer> waiting = new LinkedHashMap<>();
    private long bytes;

    /** @param onTooMuch told, under no lock of an exchange, that {@link #first} should give way */
    Crowd(long mostBytes, Runnable onTooMuch) {
        this.mostBytes = mostBytes;
        this.onTooMuch = onTooMuch;
    }

    /** @param held what it holds now */
    void waits(Exchange exchange, int held) {
        boolean tooMuch;
        synchronized (this) {
            Integer before = waiting.put(exchange, held);
            bytes += held - (before == null ? 0 : before);
            tooMuch = bytes > mostBytes;
        }
        if (tooMuch) {
            onTooMuch.run();
        }
    }

    synchronized void leaves(Exchange exchange) {
        Integer held = waiting.remove(exchange);
        bytes -= held == null ? 0 : held;
    }

    /** Who has to give way; null if nobody has. */
    synchronized Exchange first() {
        return bytes > mostBytes ? waiting.keySet().iterator().next() : null;
    }

    synchronized Exchange[] all() {
        return waiting.keySet().toArray(Exchange[]::new);
    }
}
