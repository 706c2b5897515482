package dev.raftkv.store;

import dev.raftkv.codec.ChangeCodec;
import dev.raftkv.model.Change;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.KvException;
import java.util.ArrayList;
import java.util.List;

/** Reads the kept changes of a store. */
final class HistoryReader {
    private HistoryReader() {}

    /**
     * Committed changes behind a cursor, in order. Reads without locks: what the write transaction has added is kept out by
     * the revision, and what it has dropped shows as a gap, because every revision has a change.
     *
     * @param revision the last committed one
     * @param limit so many at least, if there are so many; then the rest of their entry
     * @throws KvException {@code GONE} if the change that follows the cursor is not kept any more
     */
    static List<Change> read(Table history, Cursor from, long revision, long floor, int limit) {
        List<Change> found = new ArrayList<>();
        // The row of this revision, or the first after it, must hold it.
        long wanted = from.ordinal() == Integer.MAX_VALUE ? from.revision() + 1 : from.revision();
        if (wanted > revision) {
            return found;
        }
        boolean[] kept = {false};
        history.scan(Keys.number(wanted), (last, row) -> {
            if (Keys.number(last) > revision || found.size() >= limit) {
                return false;
            }
            List<Change> changes = ChangeCodec.decode(row);
            kept[0] |= changes.get(0).revision() <= wanted;
            changes.stream().filter(from::isBefore).forEach(found::add);
            return kept[0];
        });
        if (!kept[0]) {
            throw KvException.gone(Math.max(floor, wanted) + 1);
        }
        return found;
    }
}
