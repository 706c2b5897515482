package dev.raftkv.store;

import dev.raftkv.codec.ChangeReader;
import dev.raftkv.model.Change;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.KvException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the kept changes of a store. Reads without locks: what the write transaction has added is kept out by the revision, and
 * what it has dropped shows as a gap, because every revision has a change and no place in it is left out.
 */
final class HistoryReader {
    private final Cursor from;
    private final int limit;
    private final long maxBytes;
    private final List<Change> found = new ArrayList<>();
    private long bytes;
    private boolean endsRevision = true;

    /** The last change that was seen, shown or not; at first the place that the first row must not begin behind. */
    private long revision;

    private int ordinal;
    private boolean kept;

    private HistoryReader(Cursor from, int limit, long maxBytes) {
        this.from = from;
        this.limit = limit;
        this.maxBytes = maxBytes;
        boolean endOfRevision = from.ordinal() == Integer.MAX_VALUE;
        this.revision = endOfRevision ? from.revision() + 1 : from.revision();
        this.ordinal = endOfRevision ? 0 : from.ordinal();
    }

    /**
     * Committed changes behind a cursor, in order.
     *
     * @param last the last committed revision
     * @param limit the most changes
     * @param maxBytes about how many bytes of changes at most; one change at least
     * @throws KvException {@code GONE} if the change that follows the cursor is not kept any more
     */
    static ChangePage read(JeEnvironment environment, Cursor from, long last, long floor, int limit, long maxBytes) {
        HistoryReader reader = new HistoryReader(from, limit, maxBytes);
        long wanted = reader.revision;
        if (wanted > last) {
            return new ChangePage(List.of(), true);
        }
        Table history = environment.history();
        history.scan(reader.start(history), (key, row) -> Keys.number(key) <= last && reader.take(row));
        if (!reader.kept) {
            long restored = environment.live().since();
            if (restored >= wanted) {
                throw KvException.restored(restored);
            }
            throw KvException.gone(Math.max(floor, wanted) + 1);
        }
        return new ChangePage(reader.found, reader.endsRevision);
    }

    /** The key at or before which the row with the wanted place is: pieces of a revision that come before it are passed over. */
    private byte[] start(Table history) {
        byte[] whole = Keys.number(revision);
        boolean[] inPieces = {false};
        history.scanKeys(whole, first -> {
            inPieces[0] = Keys.isPart(first) && Keys.number(first) == revision;
            return false;
        });
        return inPieces[0] ? Keys.part(revision, ordinal) : whole;
    }

    /** False if that is enough. */
    private boolean take(byte[] row) {
        ChangeReader reader = new ChangeReader(row);
        boolean first = true;
        while (reader.next()) {
            if (first && !follows(reader)) {
                endsRevision = false;
                return false;
            }
            first = false;
            if (from.isBefore(reader.revision(), reader.ordinal())) {
                if (!found.isEmpty() && (found.size() >= limit || bytes >= maxBytes)) {
                    endsRevision = reader.ordinal() == 0;
                    return false;
                }
                Change change = reader.change();
                found.add(change);
                bytes += change.size();
            }
            revision = reader.revision();
            ordinal = reader.ordinal();
        }
        return true;
    }

    /** Whether no change is missing between what was seen and this one. */
    private boolean follows(ChangeReader next) {
        if (kept) {
            return next.revision() == revision && next.ordinal() == ordinal + 1
                    || next.revision() == revision + 1 && next.ordinal() == 0;
        }
        kept = next.revision() < revision || next.revision() == revision && next.ordinal() <= ordinal;
        return kept;
    }
}
