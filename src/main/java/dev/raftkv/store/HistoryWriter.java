package dev.raftkv.store;

import com.sleepycat.je.Transaction;
import dev.raftkv.codec.ChangeCodec;
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
    private long bytes;

    HistoryWriter(Table table, Transaction transaction) {
        this.table = table;
        this.transaction = transaction;
    }

    void add(Change change) {
        changes.add(change);
        bytes += change.size();
    }

    List<Change> changes() {
        return changes;
    }

    /** Writes the changes, and drops whole rows, the oldest first, while there are too many. Those of this entry stay. */
    Retention write(Retention before) {
        if (changes.isEmpty()) {
            return before;
        }
        long last = changes.get(changes.size() - 1).revision();
        table.put(transaction, Keys.number(last), ChangeCodec.encode(changes));
        long[] kept = {before.historyChanges() + changes.size(), before.historyBytes() + bytes, before.historyFloor()};
        List<byte[]> dropped = new ArrayList<>();
        if (isTooMuch(kept)) {
            table.scan(Keys.number(0), (revision, row) -> {
                if (!isTooMuch(kept) || Keys.number(revision) >= last) {
                    return false;
                }
                List<Change> old = ChangeCodec.decode(row);
                kept[0] -= old.size();
                kept[1] -= old.stream().mapToLong(Change::size).sum();
                kept[2] = Keys.number(revision);
                dropped.add(revision);
                return true;
            });
        }
        dropped.forEach(revision -> table.delete(transaction, revision));
        return new Retention(
                kept[2], kept[0], kept[1], before.requestsFirst(), before.requestsNext(), before.requestsBytes());
    }

    private static boolean isTooMuch(long[] kept) {
        return kept[0] > MAX_CHANGES || kept[1] > MAX_BYTES;
    }
}
