package dev.raftkv.store;

import dev.raftkv.model.Code;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The moments that are read now. One begins while no write transaction is open; where one is, when that is closed, as it may
 * have changed rows already. Nobody waits here: neither who reads for who writes, nor the other way round.
 */
final class Moments {
    /** Of all that are read at once by their names. */
    private static final int MOST_KEYS = 20_000;

    /** Each is looked at with each change while it is read. */
    private static final int MOST_RANGES = 500;

    private final Map<Key, List<Moment>> wanted = new ConcurrentHashMap<>();
    private final AtomicInteger keys = new AtomicInteger();
    private final List<MomentOfRange> ranges = new CopyOnWriteArrayList<>();
    private List<Moment> waiting = new ArrayList<>();
    private boolean writing;

    /**
     * A moment from now on, or from the end of the write transaction that is open. To be taken back by {@link #end}, whatever
     * becomes of it.
     *
     * @param revision the store's, if no write transaction is open
     * @throws KvException {@code UNAVAILABLE} if there are too many
     */
    void begin(MomentOfKeys moment, JeEnvironment environment, LongSupplier revision) {
        if (keys.addAndGet(moment.keys().size()) > MOST_KEYS) {
            keys.addAndGet(-moment.keys().size());
            throw tooMany("keys");
        }
        moment.keys().forEach(key -> wanted.merge(key, List.of(moment), Moments::both));
        beginHere(moment, environment, revision);
    }

    /** As the other, of a range. */
    void begin(MomentOfRange moment, JeEnvironment environment, LongSupplier revision) {
        if (ranges.size() >= MOST_RANGES) {
            throw tooMany("lists");
        }
        ranges.add(moment);
        beginHere(moment, environment, revision);
    }

    private static KvException tooMany(String what) {
        return new KvException(
                Code.UNAVAILABLE,
                "too many " + what + " are read on this node at once: try again later, or ask another node");
    }

    private void beginHere(Moment moment, JeEnvironment environment, LongSupplier revision) {
        synchronized (this) {
            if (writing) {
                waiting.add(moment);
                return;
            }
            moment.set(environment, revision.getAsLong());
        }
        moment.begun().complete(null);
    }

    private static List<Moment> both(List<Moment> some, List<Moment> others) {
        List<Moment> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    /** Nobody reads it any more. */
    void end(MomentOfRange moment) {
        ranges.remove(moment);
    }

    /** Nobody reads it any more. */
    void end(MomentOfKeys moment) {
        moment.keys().forEach(key -> wanted.computeIfPresent(key, (same, moments) -> without(moments, moment)));
        keys.addAndGet(-moment.keys().size());
    }

    private static List<Moment> without(List<Moment> moments, Moment gone) {
        List<Moment> left = new ArrayList<>(moments);
        left.remove(gone);
        return left.isEmpty() ? null : left;
    }

    /** A write transaction is open, and has changed nothing yet. */
    synchronized void writes() {
        writing = true;
    }

    /** It is closed, and this is what it has left. Called by who writes. */
    void written(JeEnvironment environment, long revision) {
        List<Moment> begin;
        synchronized (this) {
            writing = false;
            begin = waiting;
            if (!begin.isEmpty()) {
                waiting = new ArrayList<>();
                begin.forEach(moment -> moment.set(environment, revision));
            }
        }
        begin.forEach(moment -> moment.begun().complete(null));
    }

    /**
     * Told by the write transaction before it changes a key.
     *
     * @param row what is there, or null; asked for if somebody wants it
     */
    void changes(Key key, Keyspace keyspace, Supplier<byte[]> row) {
        List<Moment> moments = wanted.isEmpty() ? null : wanted.get(key);
        if (moments == null && ranges.isEmpty()) {
            return;
        }
        List<Moment> concerned = Stream.concat(moments == null ? Stream.empty() : moments.stream(), ranges.stream())
                .filter(moment -> moment.wants(key, keyspace))
                .toList();
        if (!concerned.isEmpty()) {
            byte[] before = row.get();
            concerned.forEach(moment -> moment.keep(key, before));
        }
    }
}
