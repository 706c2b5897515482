package dev.raftkv.store;

import com.sleepycat.je.Transaction;
import dev.raftkv.codec.RowCodec;
import dev.raftkv.codec.RowCodec.History;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.SavedKey;
import java.util.Optional;

/**
 * Keys with their values, when they end, the sessions that have some of them, and when those were removed that are not there. A
 * restore brings another one in the place of the one that is there, at a revision and a time that nobody knows when its rows are
 * written: so in rows the revision 0 stands for that of the restore, and deadlines are reckoned from its time.
 *
 * @param number names it; 0 for the first, which came with no restore
 * @param since the revision of the restore that it came with; 0 for the first
 * @param base the cluster time of that restore in milliseconds; 0 for the first
 */
record Keyspace(
        long number, Table rows, Table expiries, SessionTable sessions, Tombstones tombstones, long since, long base) {
    /** The same, from the restore on that brings it. */
    Keyspace living(long revision, long time) {
        return new Keyspace(number, rows, expiries, sessions, tombstones, revision, time);
    }

    Entry decode(Key key, byte[] row) {
        Entry entry = RowCodec.decode(key, row);
        return since == 0
                ? entry
                : new Entry(
                        key,
                        entry.value(),
                        revision(entry.createRevision()),
                        revision(entry.changeRevision()),
                        entry.version(),
                        deadline(entry.expiresAt()),
                        entry.hold(),
                        entry.flags(),
                        entry.lockIndex());
    }

    /** @param head the first {@link RowCodec#HEAD_BYTES} bytes of a row, or more */
    History history(byte[] head) {
        History found = RowCodec.history(head);
        return since == 0
                ? found
                : new History(
                        revision(found.createRevision()),
                        revision(found.changeRevision()),
                        found.version(),
                        deadline(found.expiresAt()),
                        found.hold(),
                        found.flags(),
                        found.lockIndex(),
                        found.isJson());
    }

    private long revision(long stored) {
        return stored == 0 ? since : stored;
    }

    private long deadline(long stored) {
        return stored == 0 ? 0 : base + stored;
    }

    /** @param row that of the entry with its own deadline */
    void put(Transaction transaction, Entry entry, byte[] row) {
        boolean same = base == 0 || entry.expiresAt() == 0;
        rows.put(transaction, entry.key().utf8(), same ? row : RowCodec.encode(withDeadline(entry, reckoned(entry))));
        if (entry.expiresAt() != 0) {
            expiries.put(transaction, Keys.expiry(reckoned(entry), entry.key()), new byte[0]);
        }
    }

    private long reckoned(Entry entry) {
        return entry.expiresAt() - base;
    }

    private static Entry withDeadline(Entry entry, long deadline) {
        return new Entry(
                entry.key(),
                entry.value(),
                entry.createRevision(),
                entry.changeRevision(),
                entry.version(),
                deadline,
                entry.hold(),
                entry.flags(),
                entry.lockIndex());
    }

    /** Puts a key of a backup into a keyspace that does not live yet; how many bytes its row has. */
    int stage(Transaction transaction, SavedKey saved) {
        byte[] row = RowCodec.encode(new Entry(
                saved.key(),
                saved.value(),
                saved.createRevision(),
                saved.changeRevision(),
                saved.version(),
                saved.ttlMillis(),
                Optional.empty(),
                saved.flags(),
                saved.lockIndex()));
        rows.put(transaction, saved.key().utf8(), row);
        if (saved.ttlMillis() != 0) {
            expiries.put(transaction, Keys.expiry(saved.ttlMillis(), saved.key()), new byte[0]);
        }
        return row.length;
    }

    /** @param expiresAt 0 if there is none */
    void forgetExpiry(Transaction transaction, Key key, long expiresAt) {
        if (expiresAt != 0) {
            expiries.delete(transaction, Keys.expiry(expiresAt - base, key));
        }
    }

    /** Nobody uses it any more. */
    void close() {
        rows.close();
        expiries.close();
        sessions.table().close();
        tombstones.table().close();
    }

    /** The cluster time of a key of {@link #expiries}. */
    long timeOf(byte[] expiry) {
        return base + Keys.number(expiry);
    }
}
