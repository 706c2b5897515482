package dev.raftkv.store;

import com.sleepycat.je.Cursor;
import com.sleepycat.je.CursorConfig;
import com.sleepycat.je.Database;
import com.sleepycat.je.DatabaseEntry;
import com.sleepycat.je.DatabaseException;
import com.sleepycat.je.LockMode;
import com.sleepycat.je.OperationStatus;
import com.sleepycat.je.Transaction;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** One JE database: bytes under bytes, failures as {@link StorageException}. */
final class Table {
    private final Database database;

    Table(Database database) {
        this.database = database;
    }

    /** The committed row, or null. Waits for a write transaction that holds the row. */
    byte[] read(byte[] key) {
        return find(null, key, new DatabaseEntry(), LockMode.DEFAULT);
    }

    /** The row that is committed or about to be, or null; waits for nobody. */
    byte[] readUncommitted(byte[] key) {
        return find(null, key, new DatabaseEntry(), LockMode.READ_UNCOMMITTED);
    }

    /** The row as the transaction sees it, or null. */
    byte[] read(Transaction transaction, byte[] key) {
        return find(transaction, key, new DatabaseEntry(), LockMode.RMW);
    }

    /** The first bytes of the row as the transaction sees it, or all of a shorter one, or null. */
    byte[] readHead(Transaction transaction, byte[] key, int bytes) {
        DatabaseEntry head = new DatabaseEntry();
        head.setPartial(0, bytes, true);
        return find(transaction, key, head, LockMode.RMW);
    }

    /** As the other, of the row that is committed or about to be; waits for nobody. */
    byte[] readHead(byte[] key, int bytes) {
        DatabaseEntry head = new DatabaseEntry();
        head.setPartial(0, bytes, true);
        return find(null, key, head, LockMode.READ_UNCOMMITTED);
    }

    private byte[] find(Transaction transaction, byte[] key, DatabaseEntry row, LockMode lockMode) {
        try {
            OperationStatus status = database.get(transaction, new DatabaseEntry(key), row, lockMode);
            return status == OperationStatus.SUCCESS ? row.getData() : null;
        } catch (DatabaseException e) {
            throw new StorageException("reading from the store", e);
        }
    }

    void put(Transaction transaction, byte[] key, byte[] row) {
        try {
            database.put(transaction, new DatabaseEntry(key), new DatabaseEntry(row));
        } catch (DatabaseException e) {
            throw new StorageException("writing to the store", e);
        }
    }

    /** Removes the row; false if there was none. */
    boolean delete(Transaction transaction, byte[] key) {
        try {
            return database.delete(transaction, new DatabaseEntry(key)) == OperationStatus.SUCCESS;
        } catch (DatabaseException e) {
            throw new StorageException("deleting from the store", e);
        }
    }

    /**
     * Shows the keys that are there, from the given one on, in order, until the visitor has enough. Takes no locks, so that
     * it cannot stand in the way of the write transaction; so it shows what that has changed and not yet committed too.
     *
     * @param visitor false if it has enough
     */
    void scanKeys(byte[] from, Predicate<byte[]> visitor) {
        scanHeads(from, 0, (key, head) -> visitor.test(key));
    }

    /** As {@link #scanKeys}, with the first bytes of the rows. */
    void scanHeads(byte[] from, int bytes, BiPredicate<byte[], byte[]> visitor) {
        DatabaseEntry head = new DatabaseEntry();
        head.setPartial(0, bytes, true);
        scan(from, head, visitor);
    }

    /** As {@link #scanKeys}, with the rows. */
    void scan(byte[] from, BiPredicate<byte[], byte[]> visitor) {
        scan(from, new DatabaseEntry(), visitor);
    }

    private void scan(byte[] from, DatabaseEntry row, BiPredicate<byte[], byte[]> visitor) {
        DatabaseEntry key = new DatabaseEntry(from);
        try (Cursor cursor = database.openCursor(null, CursorConfig.READ_UNCOMMITTED)) {
            OperationStatus status = cursor.getSearchKeyRange(key, row, LockMode.READ_UNCOMMITTED);
            while (status == OperationStatus.SUCCESS && visitor.test(key.getData(), row.getData())) {
                status = cursor.getNext(key, row, LockMode.READ_UNCOMMITTED);
            }
        } catch (DatabaseException e) {
            throw new StorageException("reading from the store", e);
        }
    }

    /** @param headBytes how many first bytes of the rows it shows */
    KeyCursor cursor(int headBytes) {
        return new KeyCursor(database, headBytes);
    }

    void close() {
        database.close();
    }
}
