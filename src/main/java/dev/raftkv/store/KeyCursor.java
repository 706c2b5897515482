package dev.raftkv.store;

import com.sleepycat.je.Cursor;
import com.sleepycat.je.CursorConfig;
import com.sleepycat.je.Database;
import com.sleepycat.je.DatabaseEntry;
import com.sleepycat.je.DatabaseException;
import com.sleepycat.je.LockMode;
import com.sleepycat.je.OperationStatus;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * A place among the keys of a table, which goes to the next or the previous one, and leaps. It takes no locks, so it shows what a
 * write transaction has changed and not yet committed too. Belongs to one thread.
 */
final class KeyCursor implements AutoCloseable {
    private final Cursor cursor;
    private final DatabaseEntry key = new DatabaseEntry();
    private final DatabaseEntry head = new DatabaseEntry();

    /** @param headBytes how many first bytes of the rows are shown */
    KeyCursor(Database database, int headBytes) {
        head.setPartial(0, headBytes, true);
        try {
            cursor = database.openCursor(null, CursorConfig.READ_UNCOMMITTED);
        } catch (DatabaseException e) {
            throw new StorageException("reading from the store", e);
        }
    }

    /** Goes to the first key that is not before the given bytes; null if there is none. */
    byte[] from(byte[] bound) {
        key.setData(bound);
        return move(() -> cursor.getSearchKeyRange(key, head, LockMode.READ_UNCOMMITTED));
    }

    /** Goes to the last key before the given bytes; null if there is none. */
    byte[] before(byte[] bound) {
        byte[] found = from(bound) == null ? last() : previous();
        // One that was put there just now.
        while (found != null && Arrays.compareUnsigned(found, bound) >= 0) {
            found = previous();
        }
        return found;
    }

    byte[] next() {
        return move(() -> cursor.getNext(key, head, LockMode.READ_UNCOMMITTED));
    }

    byte[] previous() {
        return move(() -> cursor.getPrev(key, head, LockMode.READ_UNCOMMITTED));
    }

    private byte[] last() {
        return move(() -> cursor.getLast(key, head, LockMode.READ_UNCOMMITTED));
    }

    private byte[] move(Supplier<OperationStatus> step) {
        try {
            return step.get() == OperationStatus.SUCCESS ? key.getData() : null;
        } catch (DatabaseException e) {
            throw new StorageException("reading from the store", e);
        }
    }

    /** The first bytes of the row of the key that it is at. */
    byte[] head() {
        return head.getData();
    }

    @Override
    public void close() {
        try {
            cursor.close();
        } catch (DatabaseException e) {
            throw new StorageException("reading from the store", e);
        }
    }
}
