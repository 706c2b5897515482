package dev.raftkv.kv;

import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.KvException;
import dev.raftkv.store.KvStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Tells watchers what changes. Nothing is queued for a watcher: each has a cursor, and asks for what follows it when its
 * client can take more, from the latest changes in memory or from the store's history. A watcher that has seen all is idle,
 * costs no time, and is woken by the next change that it is interested in. Thread-safe; publishing never waits for a watcher.
 */
public final class WatchHub implements AutoCloseable {
    private static final int PAGE = 256;

    private final Supplier<KvStore> store;
    private final Executor wakes;
    private final int limit;
    private final RecentChanges recent = new RecentChanges();
    private final Interests interests = new Interests();
    private final Set<Watch> open = new HashSet<>();
    private final AtomicLong cutOff = new AtomicLong();
    private long revision;
    private boolean closed;

    /**
     * @param store where older changes are; throws {@code UNAVAILABLE} while the node serves nothing
     * @param wakes runs the watchers' wakes, which do not block
     * @param limit the most watches that may be open
     */
    public WatchHub(Supplier<KvStore> store, Executor wakes, int limit) {
        this.store = store;
        this.wakes = wakes;
        this.limit = limit;
    }

    /** What a watch gets at once: changes, or why it has ended. */
    record Polled(List<Event> events, boolean caughtUp, String end) {}

    /**
     * A change, as one watch sees it.
     *
     * @param last whether the watch is shown no other change of the same revision after this one
     */
    public record Event(Change change, boolean last) {
        /** Names the place behind this event, for {@link Cursor#parse}. */
        public String id() {
            return (last ? Cursor.after(change.revision()) : Cursor.after(change)).id();
        }
    }

    /**
     * The node holds a store that stands at a revision: after a start, with another group's store, or the same group's after
     * a snapshot of the leader was loaded, whose changes were not published one by one.
     *
     * @param sameGroup whether the store's revisions go on from those before
     */
    public void opened(long storeRevision, boolean sameGroup) {
        if (!sameGroup) {
            end("this node has entered another cluster: begin again");
        }
        synchronized (this) {
            // Who had seen all of the old store finds what follows in the history of the new one.
            List<Watch> idle = open.stream().filter(watch -> watch.idle).toList();
            idle.forEach(watch -> watch.resume(Cursor.latest(watch.cursor, Cursor.after(revision))));
            wake(idle);
            revision = storeRevision;
            recent.clear(Cursor.after(storeRevision));
        }
    }

    /** An entry was committed to the store. Called by the thread that applies entries, in their order; never blocks. */
    public void publish(List<Change> changes, long storeRevision) {
        if (changes.isEmpty()) {
            return;
        }
        synchronized (this) {
            revision = storeRevision;
            recent.add(changes);
            if (open.isEmpty()) {
                return;
            }
            List<Watch> woken = new ArrayList<>();
            for (Change change : changes) {
                for (Watch watch : interests.of(change.key())) {
                    // A client may have read this change before it was published, and watch from behind it.
                    if (watch.idle && watch.cursor.isBefore(change)) {
                        watch.resume(Cursor.before(change));
                        woken.add(watch);
                    }
                }
            }
            wake(woken);
        }
    }

    private void wake(Collection<Watch> woken) {
        if (!woken.isEmpty()) {
            List<Watch> now = List.copyOf(woken);
            wakes.execute(() -> now.forEach(Watch::wake));
        }
    }

    /** The node serves nothing any more, for the given reason: all watches end, each with where it can be resumed. */
    public synchronized void end(String reason) {
        List<Watch> ended = List.copyOf(open);
        ended.forEach(watch -> watch.end(reason));
        open.clear();
        interests.clear();
        wake(ended);
    }

    /** Ends all watches and takes no more. */
    @Override
    public synchronized void close() {
        closed = true;
        end("this node is stopping: go on at another node");
    }

    /**
     * A new watch.
     *
     * @param interest the keys that it is about
     * @param from what follows this is shown; null for all from now on
     * @param wake called on a thread of the hub when there may be something to poll; must not block
     * @throws KvException {@code UNAVAILABLE} if the node serves nothing or has too many watches, {@code GONE} if the changes
     *     that follow are not kept
     */
    public Watch watch(Interest interest, Cursor from, Runnable wake) {
        KvStore current = store.get();
        if (from != null) {
            current.changes(from, 1);
        }
        synchronized (this) {
            if (closed || open.size() >= limit) {
                throw new KvException(
                        Code.UNAVAILABLE,
                        closed
                                ? "this node is stopping: watch at another node"
                                : "this node has " + limit + " watches, its limit: watch at another node");
            }
            Watch watch = new Watch(this, interest, from == null ? Cursor.after(revision) : from, wake);
            open.add(watch);
            interests.add(watch);
            return watch;
        }
    }

    synchronized void close(Watch watch) {
        if (open.remove(watch)) {
            interests.remove(watch);
        }
    }

    /** What follows a watch's cursor, up to a limit; the cursor moves behind it. */
    Polled poll(Watch watch, int maxBytes) {
        synchronized (this) {
            if (watch.end != null) {
                return new Polled(List.of(), false, watch.end);
            }
            if (recent.holdsAllAfter(watch.cursor)) {
                Batch batch = new Batch(watch.interest, maxBytes);
                boolean all = batch.take(recent.after(watch.cursor));
                watch.cursor = batch.end(watch.cursor);
                watch.idle = all;
                return new Polled(batch.events(), all, null);
            }
        }
        List<Change> page = store.get().changes(watch.cursor, PAGE);
        if (page.isEmpty()) {
            throw new KvException(Code.UNAVAILABLE, "this node's store has just been replaced: go on at another node");
        }
        Batch batch = new Batch(watch.interest, maxBytes);
        batch.take(page);
        watch.cursor = batch.end(watch.cursor);
        return new Polled(batch.events(), false, null);
    }

    /** Behind all that a watch has been shown, and behind all that there is if it has seen all. */
    synchronized Cursor positionOf(Watch watch) {
        return watch.idle ? Cursor.latest(watch.cursor, Cursor.after(revision)) : watch.cursor;
    }

    /** A watch was ended because its client did not take what it was sent. */
    void countCutOff() {
        cutOff.incrementAndGet();
    }

    /** How many watches are open. */
    public synchronized int watches() {
        return open.size();
    }

    /** How many watches were ended because their clients were too slow. */
    public long cutOffs() {
        return cutOff.get();
    }

    /** Collects what one watch is shown. */
    private static final class Batch {
        private final Interest interest;
        private final int maxBytes;
        private final List<Event> events = new ArrayList<>();
        private Change last;
        private Change shown;
        private int bytes;

        Batch(Interest interest, int maxBytes) {
            this.interest = interest;
            this.maxBytes = maxBytes;
        }

        /** False if not all were taken. All changes of a revision are among those given, or none. */
        boolean take(List<Change> changes) {
            for (Change change : changes) {
                boolean matches = interest.covers(change.key());
                if (matches) {
                    show(shown != null && change.revision() != shown.revision());
                    if (bytes >= maxBytes) {
                        return false;
                    }
                    shown = change;
                    bytes += change.size();
                }
                last = change;
            }
            show(true);
            return true;
        }

        private void show(boolean lastOfRevision) {
            if (shown != null) {
                events.add(new Event(shown, lastOfRevision));
                shown = null;
            }
        }

        List<Event> events() {
            return events;
        }

        Cursor end(Cursor start) {
            return last == null ? start : Cursor.after(last);
        }
    }
}
