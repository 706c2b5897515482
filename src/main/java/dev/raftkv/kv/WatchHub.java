package dev.raftkv.kv;

import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.EventId;
import dev.raftkv.model.KvException;
import dev.raftkv.store.ChangePage;
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
 * costs no time, stands at the store's revision however far that goes, and is woken by the next change that it is interested
 * in. Thread-safe; publishing never waits for a watcher.
 */
public final class WatchHub implements AutoCloseable {
    private final Supplier<KvStore> store;
    private final Executor wakes;
    private final int limit;
    private final RecentChanges recent = new RecentChanges();
    private final Interests interests = new Interests();
    private final SessionNews sessions;
    private final Set<Watch> open = new HashSet<>();
    private final AtomicLong cutOff = new AtomicLong();
    private String cluster = "";
    private long revision;
    private boolean closed;

    /**
     * @param store where older changes are; throws {@code UNAVAILABLE} while the node serves nothing
     * @param wakes runs the watchers' wakes, which wait for the disk at most
     * @param limit the most watches that may be open
     */
    public WatchHub(Supplier<KvStore> store, Executor wakes, int limit) {
        this.store = store;
        this.wakes = wakes;
        this.limit = limit;
        this.sessions = new SessionNews(store, wakes);
    }

    /** What a watch gets at once: changes, or why it has ended. */
    record Polled(List<WatchEvent> events, boolean caughtUp, String end) {}

    /**
     * The node holds a store that stands at a revision: after a start, or because it has entered another cluster.
     *
     * @param ofCluster see {@link EventId#clusterOf}
     */
    public synchronized void opened(long storeRevision, String ofCluster) {
        end("this node has entered another cluster: begin again");
        cluster = ofCluster;
        revision = storeRevision;
        recent.clear(Cursor.after(storeRevision));
    }

    /** A snapshot of the leader was loaded, whose changes were not published one by one. */
    public synchronized void restored(long storeRevision) {
        // Who had seen all of the old store finds what follows in the history of the new one.
        List<Watch> idle = open.stream().filter(watch -> watch.idle).toList();
        idle.forEach(watch -> watch.resume(Cursor.latest(watch.cursor, Cursor.after(revision))));
        wake(idle);
        revision = storeRevision;
        recent.clear(Cursor.after(storeRevision));
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
                    if (watch.idle && watch.cursor.isBefore(change) && watch.waitsFor(change)) {
                        watch.resume(Cursor.before(change));
                        woken.add(watch);
                    }
                }
            }
            wake(woken);
        }
    }

    /** As {@link #publish}, of an entry that may have begun or ended sessions. */
    void committed() {
        sessions.committed();
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
        sessions.clear();
        wake(ended);
    }

    /** Ends all watches and takes no more. */
    @Override
    public synchronized void close() {
        closed = true;
        end("this node is stopping: go on at another node");
    }

    /** See {@link EventId#clusterOf}; empty before the node has held a store. */
    public synchronized String cluster() {
        return cluster;
    }

    /** @throws KvException {@code GONE} if an id names another cluster than this */
    public synchronized void requireOwn(EventId id) {
        if (id != null && !id.cluster().isEmpty() && !id.cluster().equals(cluster)) {
            throw KvException.ofAnotherCluster(id, cluster, store.get().oldestRevision());
        }
    }

    /**
     * A new watch.
     *
     * @param interest the keys that it is about
     * @param from what follows this is shown, which this node must have come to; null for all from now on
     * @param wake called on a thread of the hub when there may be something to poll; may poll, and wait for
     *     nothing else
     * @throws KvException {@code UNAVAILABLE} if the node serves nothing or has too many watches, {@code GONE} if the changes
     *     that follow are not kept, or {@code from} is of another cluster
     */
    public Watch watch(Interest interest, EventId from, Runnable wake) {
        return watch(interest, from, wake, null);
    }

    /**
     * A new watch that tells of the keys that are there first, with what happens to them meanwhile, and then of all changes from
     * there on.
     *
     * @see #watch(Interest, EventId, Runnable)
     */
    public Watch watchFromPresent(Interest interest, Runnable wake) {
        return watch(interest, null, wake, new PresentKeys(interest));
    }

    private Watch watch(Interest interest, EventId from, Runnable wake, PresentKeys present) {
        KvStore current = store.get();
        if (from != null) {
            current.changes(from.cursor(), 1);
        }
        synchronized (this) {
            requireOwn(from);
            if (closed || open.size() >= limit) {
                throw new KvException(
                        Code.UNAVAILABLE,
                        closed
                                ? "this node is stopping: watch at another node"
                                : "this node has " + limit + " watches, its limit: watch at another node");
            }
            Watch watch = new Watch(this, interest, cluster, revision, wake, present);
            watch.begin(from == null ? Cursor.after(revision) : from.cursor());
            open.add(watch);
            interests.add(watch);
            sessions.add(watch);
            return watch;
        }
    }

    synchronized void close(Watch watch) {
        if (open.remove(watch)) {
            interests.remove(watch);
            sessions.remove(watch);
        }
    }

    /** What follows a watch's cursor, up to a limit; the cursor moves behind it. */
    Polled poll(Watch watch, int maxBytes) {
        synchronized (this) {
            if (watch.end != null) {
                return new Polled(List.of(), false, watch.end);
            }
            if (watch.idle) {
                // Nothing of interest has come since it has seen all, or it would have been resumed.
                watch.cursor = Cursor.latest(watch.cursor, Cursor.after(revision));
                return new Polled(List.of(), true, null);
            }
            if (recent.holdsAllAfter(watch.cursor)) {
                Batch batch = new Batch(watch, maxBytes);
                boolean all = batch.take(recent.after(watch.cursor), true);
                watch.cursor = batch.end(watch.cursor);
                watch.idle = all;
                return new Polled(batch.events(), all, null);
            }
        }
        ChangePage page = store.get().changesUpTo(watch.cursor, maxBytes);
        if (page.changes().isEmpty()) {
            throw new KvException(Code.UNAVAILABLE, "this node's store has just been replaced: go on at another node");
        }
        Batch batch = new Batch(watch, maxBytes);
        batch.take(page.changes(), page.endsRevision());
        watch.cursor = batch.end(watch.cursor);
        return new Polled(batch.events(), false, null);
    }

    /** Behind all that a watch has been shown, and behind all that there is if it has seen all. */
    synchronized Cursor positionOf(Watch watch) {
        return watch.idle ? Cursor.latest(watch.cursor, Cursor.after(revision)) : watch.cursor;
    }

    /** The next keys that are there, for a watch that is at a place. */
    List<WatchEvent> page(PresentKeys present, Cursor place, int maxBytes) {
        long published;
        synchronized (this) {
            published = revision;
        }
        return present.page(store.get(), place, published, maxBytes);
    }

    /** Whether a watch is of a store that the node has left. */
    synchronized boolean hasEnded(Watch watch) {
        return watch.end != null;
    }

    /** From here on a watch is about changes alone. */
    synchronized void allPresent(Watch watch) {
        watch.present = null;
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
        private final Watch watch;
        private final int maxBytes;
        private final List<WatchEvent> events = new ArrayList<>();
        private Change last;
        private Change shown;
        private boolean all;
        private int bytes;

        Batch(Watch watch, int maxBytes) {
            this.watch = watch;
            this.maxBytes = maxBytes;
        }

        /**
         * False if not all were taken.
         *
         * @param endsRevision whether no other changes of the last revision follow those given
         */
        boolean take(List<Change> changes, boolean endsRevision) {
            for (Change change : changes) {
                if (watch.shows(change)) {
                    show(shown != null && change.revision() != shown.revision());
                    if (bytes >= maxBytes) {
                        return false;
                    }
                    shown = change;
                    bytes += change.size();
                }
                last = change;
            }
            show(endsRevision);
            all = endsRevision;
            return true;
        }

        private void show(boolean lastOfRevision) {
            if (shown != null) {
                Cursor behind = lastOfRevision ? Cursor.after(shown.revision()) : Cursor.after(shown);
                events.add(watch.changed(shown, behind));
                shown = null;
            }
        }

        List<WatchEvent> events() {
            return events;
        }

        Cursor end(Cursor start) {
            if (last == null) {
                return start;
            }
            return all ? Cursor.after(last.revision()) : Cursor.after(last);
        }
    }
}
