package dev.raftkv.store;

import com.sleepycat.je.Transaction;
import dev.raftkv.codec.ChangeCodec;
import dev.raftkv.codec.ChangeCodec.Extent;
import dev.raftkv.codec.RecordCodec.Retention;
import dev.raftkv.model.Change;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the changes of one Raft entry for watchers, and keeps the latest of all: one row per entry, because under load an
 * entry carries hundreds of changes. The limits are those of all nodes, so that a watcher can go on at any of them.
 */
final class HistoryWriter {
    static final int MAX_CHANGES = 10_000;
    static final long MAX_BYTES = 16 << 20;

    private final Table table;
    private final Transaction transaction;
    private final List<Change> changes = new ArrayList<>();
    private final List<byte[]> rows = new ArrayList<>();

    HistoryWriter(Table table, Transaction transaction) {
        this.table = table;
        this.transaction = transaction;
    }

    /** @param row the key's row from now on, null if it has none */
    void add(Change change, byte[] row) {
        changes.add(change);
        rows.add(row);
    }

    List<Change> changes() {
        return changes;
    }

    /** Writes the changes, and drops whole rows, the oldest first, while there are too many. Those of this entry stay. */
    Retention write(Retention before) {
        if (changes.isEmpty()) {
            return before;
        }
        byte[] record = ChangeCodec.encode(changes, rows);
        long last = changes.get(changes.size() - 1).revision();
        table.put(transaction, Keys.number(last), record);
        Extent added = ChangeCodec.extent(record);
        Kept kept = new Kept(before, added);
        if (kept.isTooMuch()) {
            List<byte[]> dropped = new ArrayList<>();
            table.scanHeads(Keys.number(before.historyFloor() + 1), ChangeCodec.EXTENT_BYTES, (revision, head) -> {
                boolean drops = kept.isTooMuch() && Keys.number(revision) < last;
                if (drops) {
                    kept.drop(ChangeCodec.extent(head), Keys.number(revision));
                    dropped.add(revision);
                }
                return drops;
            });
            dropped.forEach(revision -> table.delete(transaction, revision));
        }
        return new Retention(
                kept.floor,
                kept.changes,
                kept.bytes,
                before.requestsFirst(),
                before.requestsNext(),
                before.requestsBytes());
    }

    private static final class Kept {
        private long floor;
        private long changes;
        private long bytes;

        Kept(Retention before, Extent added) {
            this.floor = before.historyFloor();
            this.changes = before.historyChanges() + added.count();
            this.bytes = before.historyBytes() + added.bytes();
        }

        boolean isTooMuch() {
            return changes > MAX_CHANGES || bytes > MAX_BYTES;
        }

        void drop(Extent row, long lastRevision) {
            changes -= row.count();
            bytes -= row.bytes();
            floor = lastRevision;
        }
    }
}
