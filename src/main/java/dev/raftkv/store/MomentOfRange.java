package dev.raftkv.store;

import dev.raftkv.codec.RowCodec;
import dev.raftkv.model.Key;
import dev.raftkv.model.Page;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * The first keys of a range, at one moment. The span of them was found shortly before: so what later transactions leave here is
 * about as much as is read, whatever they do to the rest of the range.
 */
final class MomentOfRange extends Moment {
    private static final byte[] NO_ROW = {};

    /**
     * What is read.
     *
     * @param limit the most keys
     * @param mostBytes of values; one of any length may be
     * @param values whether they are read, too
     */
    record Wanted(boolean reverse, int limit, long mostBytes, boolean values) {
        /** So many rows are held at most: some were made since, and are not shown. */
        private int mostRows() {
            return 2 * limit + 100;
        }

        private long mostBytesHeld() {
            return 2 * mostBytes;
        }
    }

    private final Span span;
    private final Wanted wanted;

    MomentOfRange(Span span, Wanted wanted) {
        super(wanted.mostRows(), wanted.mostBytesHeld());
        this.span = span;
        this.wanted = wanted;
    }

    @Override
    boolean covers(Key key) {
        return span.covers(key.utf8());
    }

    @Override
    void keep(Key key, byte[] row) {
        if (wanted.values()) {
            super.keep(key, row);
        } else {
            keep(key, row == null ? null : NO_ROW, 0);
        }
    }

    /**
     * What was there.
     *
     * @param element made of a key and its row
     * @return empty if so much was changed since that not all of it was left or read: at another moment it may be
     */
    <T> Optional<Page<T>> read(BiFunction<Key, byte[], T> element) {
        NavigableMap<byte[], byte[]> rows = new TreeMap<>(Arrays::compareUnsigned);
        if (!scan(rows) || isOver()) {
            return Optional.empty();
        }
        before().forEach((key, row) ->
                row.ifPresentOrElse(was -> rows.put(key.utf8(), was), () -> rows.remove(key.utf8())));
        // Nobody could go on behind nothing.
        return rows.isEmpty() && span.more()
                ? Optional.empty()
                : Optional.of(page(wanted.reverse() ? rows.descendingMap() : rows, element));
    }

    /** False if there are more than may be held. */
    private boolean scan(NavigableMap<byte[], byte[]> rows) {
        long[] bytes = {0};
        boolean[] fits = {true};
        if (wanted.values()) {
            keyspace().rows().scan(span.from(), (key, row) -> {
                if (!span.covers(key)) {
                    return false;
                }
                rows.put(key, row);
                bytes[0] += RowCodec.valueLength(row);
                fits[0] = rows.size() <= wanted.mostRows() && (bytes[0] <= wanted.mostBytesHeld() || rows.size() == 1);
                return fits[0];
            });
        } else {
            keyspace().rows().scanKeys(span.from(), key -> {
                if (!span.covers(key)) {
                    return false;
                }
                rows.put(key, NO_ROW);
                fits[0] = rows.size() <= wanted.mostRows();
                return fits[0];
            });
        }
        return fits[0];
    }

    private <T> Page<T> page(NavigableMap<byte[], byte[]> rows, BiFunction<Key, byte[], T> element) {
        List<T> found = new ArrayList<>(Math.min(rows.size(), wanted.limit()));
        long bytes = 0;
        for (Map.Entry<byte[], byte[]> row : rows.entrySet()) {
            bytes += wanted.values() ? RowCodec.valueLength(row.getValue()) : 0;
            if (found.size() == wanted.limit() || bytes > wanted.mostBytes() && !found.isEmpty()) {
                return new Page<>(found, revision(), true);
            }
            found.add(element.apply(Key.ofUtf8(row.getKey()), row.getValue()));
        }
        return new Page<>(found, revision(), span.more());
    }
}
