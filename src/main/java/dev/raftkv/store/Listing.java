package dev.raftkv.store;

import dev.raftkv.codec.RowCodec;
import dev.raftkv.model.Counted;
import dev.raftkv.model.Created;
import dev.raftkv.model.Key;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.store.MomentOfRange.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/** Finds keys in an order. */
final class Listing {
    private static final int NO_STEP = -1;

    private final KeyCursor cursor;
    private final Range range;
    private final byte[] prefix;

    private Listing(KeyCursor cursor, Range range) {
        this.cursor = cursor;
        this.range = range;
        this.prefix = range.prefix().utf8();
    }

    /** The first of a range. Cost: a step for each that is found, whatever it stands for. */
    static List<Listed> of(Keyspace keyspace, Range range, int limit) {
        List<Listed> found = new ArrayList<>();
        try (KeyCursor cursor = keyspace.rows().cursor(0)) {
            Listing listing = new Listing(cursor, range);
            byte[] key = limit == 0 ? null : listing.first();
            while (key != null && range.prefix().covers(key)) {
                int step = listing.step(key);
                byte[] name = step == NO_STEP ? key : Arrays.copyOf(key, step);
                found.add(new Listed(Key.ofUtf8(name), step != NO_STEP));
                key = found.size() == limit ? null : listing.following(name, step != NO_STEP);
            }
        }
        return found;
    }

    /**
     * Where the first keys of a range are, which shows no levels. Cost: a step for each of them.
     */
    static Span span(Keyspace keyspace, Range range, MomentOfRange.Wanted wanted) {
        try (KeyCursor cursor = keyspace.rows().cursor(wanted.part().headBytes())) {
            Listing listing = new Listing(cursor, range);
            int found = 0;
            long bytes = 0;
            byte[] last = null;
            for (byte[] key = listing.first();
                    key != null && range.prefix().covers(key);
                    key = listing.following(key, false)) {
                bytes += wanted.part() == Part.ROW ? RowCodec.valueLength(cursor.head()) : 0;
                if (found == wanted.limit() || bytes > wanted.mostBytes() && found > 0) {
                    return listing.until(last);
                }
                last = key;
                found++;
            }
            return listing.all();
        }
    }

    private Span until(byte[] last) {
        Span all = all();
        return range.reverse() ? new Span(last, all.to(), true) : new Span(all.from(), behind(last, false), true);
    }

    private Span all() {
        byte[] end = end(prefix);
        Optional<byte[]> after = range.after().map(Key::utf8);
        return range.reverse()
                ? new Span(
                        prefix,
                        after.filter(key -> Arrays.compareUnsigned(key, end) < 0)
                                .orElse(end),
                        false)
                : new Span(
                        after.filter(key -> Arrays.compareUnsigned(key, prefix) >= 0)
                                .map(key -> behind(key, false))
                                .orElse(prefix),
                        end,
                        false);
    }

    /** How many there are, up to a limit. Cost: a step for each. */
    static Counted count(Keyspace keyspace, Prefix prefix, Optional<Key> after, int limit) {
        int counted = 0;
        byte[] last = null;
        try (KeyCursor cursor = keyspace.rows().cursor(0)) {
            byte[] key = new Listing(cursor, new Range(prefix, Optional.empty(), after, false)).first();
            while (key != null && prefix.covers(key)) {
                if (counted == limit) {
                    return new Counted(counted, Optional.of(Key.ofUtf8(last)));
                }
                counted++;
                last = key;
                key = cursor.next();
            }
        }
        return new Counted(counted, Optional.empty());
    }

    /**
     * The greatest revision of changes of the keys that start with a prefix, 0 if there are none. Cost: reads the beginning of each
     * row.
     *
     * @param upTo later ones do not count
     */
    static long lastChange(Keyspace keyspace, Prefix prefix, long upTo) {
        long last = 0;
        try (KeyCursor cursor = keyspace.rows().cursor(RowCodec.HEAD_BYTES)) {
            for (byte[] key = cursor.from(prefix.utf8()); key != null && prefix.covers(key); key = cursor.next()) {
                long revision = keyspace.history(cursor.head()).changeRevision();
                if (revision <= upTo) {
                    last = Math.max(last, revision);
                }
            }
        }
        return last;
    }

    private byte[] first() {
        Optional<byte[]> after = range.after().map(Key::utf8).map(key -> {
            int step = range.prefix().covers(key) ? step(key) : NO_STEP;
            return step == NO_STEP ? key : Arrays.copyOf(key, step);
        });
        if (range.reverse()) {
            byte[] end = end(prefix);
            return cursor.before(
                    after.filter(key -> Arrays.compareUnsigned(key, end) < 0).orElse(end));
        }
        return after.isPresent() && Arrays.compareUnsigned(after.get(), prefix) >= 0
                ? cursor.from(behind(after.get(), step(after.get()) != NO_STEP))
                : cursor.from(prefix);
    }

    private byte[] following(byte[] name, boolean isPrefix) {
        if (!isPrefix) {
            return range.reverse() ? cursor.previous() : cursor.next();
        }
        return range.reverse() ? cursor.before(name) : cursor.from(end(name));
    }

    /** Where the separator ends that follows first behind the prefix of a key; -1 if none does. */
    private int step(byte[] key) {
        if (range.separator().isEmpty()) {
            return NO_STEP;
        }
        byte[] separator = range.separator().get().utf8();
        for (int at = prefix.length; at + separator.length <= key.length; at++) {
            if (Arrays.equals(key, at, at + separator.length, separator, 0, separator.length)) {
                return at + separator.length;
            }
        }
        return NO_STEP;
    }

    private static byte[] behind(byte[] name, boolean isPrefix) {
        return isPrefix ? end(name) : Arrays.copyOf(name, name.length + 1);
    }

    /** What all that starts with a prefix is before, and nothing else behind it. UTF-8 has no byte of all ones. */
    static byte[] end(byte[] prefix) {
        if (prefix.length == 0) {
            return new byte[] {(byte) 0xFF};
        }
        byte[] end = prefix.clone();
        end[end.length - 1]++;
        return end;
    }

    /**
     * The first in the order of creation. Cost: reads all that start with the prefix; holds a page of them.
     *
     * @param most so many may be read; empty if there are more
     */
    static Optional<List<Created>> byCreation(
            Keyspace keyspace, Prefix prefix, Optional<Created> after, boolean reverse, int limit, int most) {
        Comparator<Created> order = reverse ? Comparator.reverseOrder() : Comparator.naturalOrder();
        // The one that goes when there is a better one stands first.
        PriorityQueue<Created> page = new PriorityQueue<>(order.reversed());
        int read = 0;
        try (KeyCursor cursor = keyspace.rows().cursor(RowCodec.HEAD_BYTES)) {
            for (byte[] key = cursor.from(prefix.utf8()); key != null && prefix.covers(key); key = cursor.next()) {
                if (++read > most) {
                    return Optional.empty();
                }
                Created created = new Created(keyspace.history(cursor.head()).createRevision(), Key.ofUtf8(key));
                if (after.isEmpty() || order.compare(created, after.get()) > 0) {
                    page.add(created);
                    if (page.size() > limit) {
                        page.poll();
                    }
                }
            }
        }
        List<Created> found = new ArrayList<>(page);
        Collections.sort(found, order);
        return Optional.of(found);
    }
}
