package dev.raftkv.store;

import com.sleepycat.je.Transaction;
import dev.raftkv.codec.ChangeCodec;
import dev.raftkv.codec.ChangeCodec.Extent;
import dev.raftkv.codec.RecordCodec.Retention;
import dev.raftkv.model.Change;
import dev.raftkv.model.HistoryLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Collects the changes of one Raft entry for watchers, and keeps the latest of all: one row per entry, because under load an
 * entry carries hundreds of changes; or several, where the entry changes more than one row is to hold. The limits are those of
 * all nodes, by the log, so that a watcher can go on at any of them.
 */
final class HistoryWriter {
    /** Of rows that one entry drops, when less may be kept than before. */
    private static final int MOST_DROPPED = 10_000;

    /** More than the puts and deletes of an entry need: it is ranges that are parted. A change that is longer is a row. */
    static final long ROW_BYTES = 2 << 20;

    /** So much is told to watchers without their reading it from here. */
    private static final long TOLD_BYTES = 8 << 20;

    private final Table table;
    private final Transaction transaction;
    private final Runnable goesOn;
    private final List<Change> told = new ArrayList<>();
    private long toldBytes;
    private long begunBehind = -1;

    // Of the row in the making.
    private final List<Change> changes = new ArrayList<>();
    private final List<byte[]> rows = new ArrayList<>();
    private long rowBytes;

    // Of all rows of this entry.
    private long first;
    private long count;
    private long bytes;
    private long previousBytes;

    /** @param goesOn told of each row that is dropped, as they may be many */
    HistoryWriter(Table table, Transaction transaction, Runnable goesOn) {
        this.table = table;
        this.transaction = transaction;
        this.goesOn = goesOn;
    }

    /**
     * Whether a change of this entry is to say what its key was before. Not without end: an entry of few bytes may remove many
     * long values, and more than may be kept at all would be dropped with the next entry.
     */
    boolean wantsPrevious(HistoryLimits limits) {
        return limits.previous() && previousBytes < limits.bytes();
    }

    /** @param row the key's row from now on, null if it has none */
    void add(Change change, byte[] row) {
        if (rowBytes > 0 && rowBytes + change.size() > ROW_BYTES) {
            writeRow(change.revision());
        }
        if (first == 0) {
            first = change.revision();
        }
        changes.add(change);
        rows.add(row);
        rowBytes += change.size();
        toldBytes += change.size();
        previousBytes += change.previous().map(entry -> entry.value().length()).orElse(0);
        if (toldBytes <= TOLD_BYTES) {
            told.add(change);
        } else {
            told.clear();
        }
    }

    /**
     * Forgets all changes, those of this entry too, and begins anew behind a revision: what watchers have seen until then is
     * not the state any more.
     */
    void beginBehind(long revision) {
        List<byte[]> all = new ArrayList<>();
        table.scanKeys(Keys.number(0), all::add);
        all.forEach(this::drop);
        begunBehind = revision;
        changes.clear();
        rows.clear();
        told.clear();
        rowBytes = 0;
        first = 0;
        count = 0;
        bytes = 0;
    }

    private void drop(byte[] key) {
        table.delete(transaction, key);
        goesOn.run();
    }

    /** All changes; empty if they are too many to be held, or not all that is new. */
    Optional<List<Change>> changes() {
        return begunBehind < 0 && toldBytes <= TOLD_BYTES ? Optional.of(told) : Optional.empty();
    }

    /** @param next the revision of the change that follows */
    private void writeRow(long next) {
        byte[] record = ChangeCodec.encode(changes, rows);
        Change last = changes.get(changes.size() - 1);
        boolean endsWithin = next == last.revision();
        boolean isWithin = changes.get(0).ordinal() > 0 && changes.get(0).revision() == last.revision();
        table.put(
                transaction,
                endsWithin || isWithin ? Keys.part(last.revision(), last.ordinal()) : Keys.number(last.revision()),
                record);
        count += changes.size();
        bytes += rowBytes;
        changes.clear();
        rows.clear();
        rowBytes = 0;
    }

    /**
     * Writes the changes, and drops whole rows, the oldest first, while there are too many; of a revision in several rows all.
     * Those of this entry stay.
     *
     * @param limits of what is kept, from this entry on
     */
    Retention write(Retention earlier, HistoryLimits limits) {
        Retention before = begunBehind < 0
                ? earlier
                : new Retention(
                        begunBehind, 0, 0, earlier.requestsFirst(), earlier.requestsNext(), earlier.requestsBytes());
        if (changes.isEmpty()) {
            return before;
        }
        writeRow(0);
        Kept kept = new Kept(limits, before, count, bytes);
        if (kept.isTooMuch()) {
            List<byte[]> dropped = new ArrayList<>();
            table.scanHeads(Keys.number(before.historyFloor() + 1), ChangeCodec.EXTENT_BYTES, (key, head) -> {
                long revision = Keys.number(key);
                boolean drops = revision < first
                        && (kept.isTooMuch() && dropped.size() < MOST_DROPPED || revision == kept.floor);
                if (drops) {
                    kept.drop(ChangeCodec.extent(head), revision);
                    dropped.add(key);
                }
                return drops;
            });
            dropped.forEach(this::drop);
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
        private final HistoryLimits limits;
        private long floor;
        private long changes;
        private long bytes;

        Kept(HistoryLimits limits, Retention before, long addedChanges, long addedBytes) {
            this.limits = limits;
            this.floor = before.historyFloor();
            this.changes = before.historyChanges() + addedChanges;
            this.bytes = before.historyBytes() + addedBytes;
        }

        boolean isTooMuch() {
            return changes > limits.changes() || bytes > limits.bytes();
        }

        void drop(Extent row, long lastRevision) {
            changes -= row.count();
            bytes -= row.bytes();
            floor = lastRevision;
        }
    }
}
