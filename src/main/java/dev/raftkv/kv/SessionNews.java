package dev.raftkv.kv;

import dev.raftkv.model.KvException;
import dev.raftkv.store.KvStore;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Wakes the watches that are about sessions when one has begun or ended. Whether that is so is looked up once for all of them,
 * and once for all entries that come before the look. Thread-safe.
 */
final class SessionNews {
    private final Supplier<KvStore> store;
    private final Executor wakes;
    private final Set<Watch> watches = new HashSet<>();
    private boolean due;
    private long seen = -1;

    SessionNews(Supplier<KvStore> store, Executor wakes) {
        this.store = store;
        this.wakes = wakes;
    }

    synchronized void add(Watch watch) {
        if (watch.interest.isInSessions()) {
            watches.add(watch);
        }
    }

    synchronized void remove(Watch watch) {
        watches.remove(watch);
    }

    synchronized void clear() {
        watches.clear();
    }

    /** An entry is in the store. Never blocks. */
    synchronized void committed() {
        if (!watches.isEmpty() && !due) {
            due = true;
            wakes.execute(this::look);
        }
    }

    private void look() {
        synchronized (this) {
            due = false;
        }
        long number;
        try {
            number = store.get().sessionNumber();
        } catch (KvException e) {
            // This node serves nothing now, and all watches are ended.
            return;
        }
        woken(number).forEach(Watch::wake);
    }

    private synchronized List<Watch> woken(long number) {
        if (number == seen) {
            return List.of();
        }
        seen = number;
        return List.copyOf(watches);
    }
}
