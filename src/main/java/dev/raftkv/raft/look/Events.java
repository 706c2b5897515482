package dev.raftkv.raft.look;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The latest things that have happened to this node. Whoever tells of one never waits. Of commits the newest is kept alone,
 * as it says all that those before it said; so a busy node does not forget its elections. Thread-safe.
 */
public final class Events {
    /** How many are kept, without commits. */
    public static final int KEPT = 1000;

    /** A stream has a connection and a few kilobytes. */
    public static final int MOST_FEEDS = 100;

    /** Room for so many in a millisecond: whoever started later has larger numbers. */
    private static final long PER_MILLI = 1000;

    private final Clock clock;
    private final Executor wakes;
    private final Deque<Event> kept = new ArrayDeque<>();
    private final Set<EventFeed> feeds = new HashSet<>();
    private final long first;
    private long last;
    private long forgotten;
    private Event commit;
    private boolean wakeDue;
    private long cutOffs;
    private Optional<String> end = Optional.empty();

    /**
     * @param clock which tells one start of the node from an earlier one, too
     * @param wakes runs what wakes the feeds, one such task at a time
     */
    public Events(Clock clock, Executor wakes) {
        this.clock = clock;
        this.wakes = wakes;
        this.first = clock.millis() * PER_MILLI;
        this.last = first - 1;
        this.forgotten = last;
    }

    /** Never waits; to be called in the order in which it happens. */
    public synchronized void happened(Happening what) {
        last++;
        Event event = new Event(last, clock.instant(), what);
        if (what instanceof Happening.Commit) {
            commit = event;
        } else {
            kept.addLast(event);
            if (kept.size() > KEPT) {
                forgotten = kept.removeFirst().id();
            }
        }
        wake();
    }

    private void wake() {
        if (feeds.isEmpty() || wakeDue) {
            return;
        }
        wakeDue = true;
        try {
            wakes.execute(this::wakeAll);
        } catch (RejectedExecutionException e) {
            // The node stops, and the feeds have been told.
            wakeDue = false;
        }
    }

    private void wakeAll() {
        List<EventFeed> woken;
        synchronized (this) {
            wakeDue = false;
            woken = List.copyOf(feeds);
        }
        woken.forEach(EventFeed::wake);
    }

    /**
     * A new feed.
     *
     * @param after the id of an event whose followers are shown
     * @param latest how many of the events that are kept it begins with; counts if {@code after} is empty
     * @param wake called when there may be something to poll; waits for nobody
     * @throws KvException {@code FORGOTTEN} if events in between are not kept, {@code UNAVAILABLE} if there are too many feeds
     *     or the node stops
     */
    public synchronized EventFeed feed(OptionalLong after, int latest, Runnable wake) {
        if (end.isPresent()) {
            throw new KvException(Code.UNAVAILABLE, end.get());
        }
        if (feeds.size() >= MOST_FEEDS) {
            throw new KvException(
                    Code.UNAVAILABLE,
                    "this node has " + MOST_FEEDS + " streams of events, its limit: end one, or try again");
        }
        long begin = after.orElseGet(() -> beforeLatest(latest));
        requireKept(begin);
        EventFeed feed = new EventFeed(this, begin, wake);
        feeds.add(feed);
        return feed;
    }

    private long beforeLatest(int count) {
        List<Event> all = after(forgotten, Integer.MAX_VALUE);
        return count == 0 || all.isEmpty()
                ? last
                : all.get(Math.max(0, all.size() - count)).id() - 1;
    }

    private void requireKept(long id) {
        if (id > last) {
            throw KvException.eventsForgotten("this node has had no event " + id + ", its latest is " + last, oldest());
        }
        if (id < first - 1) {
            throw KvException.eventsForgotten("event " + id + " was before this node's last start", oldest());
        }
        if (id < forgotten) {
            throw KvException.eventsForgotten("not all events after " + id + " are kept any more", oldest());
        }
    }

    private long oldest() {
        return after(forgotten, 1).stream().mapToLong(Event::id).findFirst().orElse(last + 1);
    }

    /**
     * The events that follow one.
     *
     * @throws KvException {@code FORGOTTEN} if some are not kept any more
     */
    synchronized List<Event> poll(long after, int most) {
        requireKept(after);
        return after(after, most);
    }

    /** Those that are kept, in their order. */
    private List<Event> after(long id, int most) {
        List<Event> found = new ArrayList<>();
        Event news = commit != null && commit.id() > id ? commit : null;
        // Most want the latest only.
        Deque<Event> newer = new ArrayDeque<>();
        for (Iterator<Event> back = kept.descendingIterator(); back.hasNext(); ) {
            Event event = back.next();
            if (event.id() <= id) {
                break;
            }
            newer.addFirst(event);
        }
        for (Event event : newer) {
            if (news != null && news.id() < event.id()) {
                found.add(news);
                news = null;
            }
            found.add(event);
        }
        if (news != null) {
            found.add(news);
        }
        return found.size() > most ? List.copyOf(found.subList(0, most)) : found;
    }

    synchronized Optional<String> end() {
        return end;
    }

    synchronized void countCutOff() {
        cutOffs++;
    }

    /** How many feeds were ended because their clients were too slow. */
    public synchronized long cutOffs() {
        return cutOffs;
    }

    synchronized void close(EventFeed feed) {
        feeds.remove(feed);
    }

    /** How many feeds are open. */
    public synchronized int feeds() {
        return feeds.size();
    }

    /** Ends all feeds, each with where it can be resumed, and begins no more. */
    public synchronized void close() {
        end = Optional.of("this node is stopping: ask another node, or this one when it is there again");
        wake();
    }
}
