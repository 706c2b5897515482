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
import java.util.function.BiPredicate;

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
     * @param part of what is there
     */
    record Wanted(boolean reverse, int limit, long mostBytes, Part part) {
        /** So many rows are held at most: some were made since, and are not shown. */
        private int mostRows() {
            return 2 * limit + 100;
        }

        private long mostBytesHeld() {
            return 2 * mostBytes;
        }
    }

    /** What is read beside a key. */
    enum Part {
        NOTHING,
        /** The beginning of its row, which tells of its revisions. */
        HEAD,
        ROW;

        /** How many first bytes of a row are enough to read it, or to know how long it is. */
        int headBytes() {
            return this == NOTHING ? 0 : RowCodec.HEAD_BYTES;
        }

        /** Of a row that is held, what counts. */
        private int length(byte[] row) {
            return this == ROW ? RowCodec.valueLength(row) : 0;
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
        if (wanted.part() == Part.ROW) {
            super.keep(key, row);
        } else {
            keep(key, row == null ? null : head(row), 0);
        }
    }

    private byte[] head(byte[] row) {
        return wanted.part() == Part.NOTHING
                ? NO_ROW
                : Arrays.copyOf(row, Math.min(row.length, wanted.part().headBytes()));
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
        BiPredicate<byte[], byte[]> visitor = (key, row) -> {
            if (!span.covers(key)) {
                return false;
            }
            rows.put(key, row);
            bytes[0] += wanted.part().length(row);
            fits[0] = rows.size() <= wanted.mostRows() && (bytes[0] <= wanted.mostBytesHeld() || rows.size() == 1);
            return fits[0];
        };
        if (wanted.part() == Part.ROW) {
            keyspace().rows().scan(span.from(), visitor);
        } else {
            keyspace().rows().scanHeads(span.from(), wanted.part().headBytes(), visitor);
        }
        return fits[0];
    }

    private <T> Page<T> page(NavigableMap<byte[], byte[]> rows, BiFunction<Key, byte[], T> element) {
        List<T> found = new ArrayList<>(Math.min(rows.size(), wanted.limit()));
        long bytes = 0;
        for (Map.Entry<byte[], byte[]> row : rows.entrySet()) {
            bytes += wanted.part().length(row.getValue());
            if (found.size() == wanted.limit() || bytes > wanted.mostBytes() && !found.isEmpty()) {
                return new Page<>(found, revision(), true);
            }
            found.add(element.apply(Key.ofUtf8(row.getKey()), row.getValue()));
        }
        return new Page<>(found, revision(), span.more());
    }
}
