package dev.raftkv.store;

import com.sleepycat.je.Transaction;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * When keys of a keyspace were removed that are not there any more, the latest of them. One table for all of it: what a row is, is
 * told by the first byte of its key.
 */
record Tombstones(Table table) {
    static final Duration MAX_AGE = Duration.ofMinutes(15);
    static final long MOST = 100_000;

    /** So many that are too old are forgotten for each new one, so that they do not pile up. */
    private static final int FORGOTTEN_FOR_ONE = 2;

    private static final byte[] COUNT = {0};
    /** A key, and in the row the revision of its removal. */
    private static final byte REMOVED = 1;
    /** The revision and the key, and in the row the cluster time. */
    private static final byte BY_REVISION = 2;

    private static final byte[] NOTHING = {};

    // --- for readers ---

    /** The revision at which a key was removed, 0 if that is not known. Waits for a write transaction that removes or stores it. */
    long removedAt(Key key) {
        byte[] row = table.read(removed(key.utf8()));
        return row == null ? 0 : Keys.number(row);
    }

    /** The greatest revision of removals of keys that start with a prefix; as they are or are about to be. */
    long lastRemoval(Prefix prefix, long upTo) {
        long[] last = {0};
        byte[] start = removed(prefix.utf8());
        table.scan(start, (key, row) -> {
            if (!Arrays.equals(key, 0, Math.min(key.length, start.length), start, 0, start.length)) {
                return false;
            }
            long revision = Keys.number(row);
            if (revision <= upTo) {
                last[0] = Math.max(last[0], revision);
            }
            return true;
        });
        return last[0];
    }

    private static byte[] removed(byte[] key) {
        return ByteBuffer.allocate(1 + key.length).put(REMOVED).put(key).array();
    }

    private static byte[] byRevision(long revision, byte[] key) {
        return ByteBuffer.allocate(1 + Long.BYTES + key.length)
                .put(BY_REVISION)
                .putLong(revision)
                .put(key)
                .array();
    }

    /** What one write transaction does to them. */
    static final class Steps {
        private final Table table;
        private final Transaction transaction;
        private final long time;
        private final long before;
        private long count;
        private long mayForget;

        /** @param time of the transaction, in milliseconds of cluster time */
        Steps(Tombstones tombstones, Transaction transaction, long time) {
            this.table = tombstones.table;
            this.transaction = transaction;
            this.time = time;
            byte[] row = table.read(transaction, COUNT);
            this.before = row == null ? 0 : Keys.number(row);
            this.count = before;
        }

        /** A key that was there was removed. */
        void add(Key key, long revision) {
            table.put(transaction, removed(key.utf8()), Keys.number(revision));
            table.put(transaction, byRevision(revision, key.utf8()), Keys.number(time));
            count++;
            mayForget += FORGOTTEN_FOR_ONE;
        }

        /** A key that was not there is. */
        void remove(Key key) {
            if (count > 0) {
                byte[] row = table.read(transaction, removed(key.utf8()));
                if (row != null) {
                    forget(key.utf8(), Keys.number(row));
                }
            }
        }

        private void forget(byte[] key, long revision) {
            table.delete(transaction, removed(key));
            table.delete(transaction, byRevision(revision, key));
            count--;
        }

        /** So many more may go that are too old. */
        void mayForget(int more) {
            mayForget += more;
        }

        /** Forgets the oldest, as many as may go: all that are too many do, since no more of them have come. */
        void end() {
            if (mayForget > 0) {
                List<byte[]> over = new ArrayList<>();
                table.scan(byRevision(0, NOTHING), (key, row) -> {
                    boolean goes = over.size() < mayForget
                            && (count - over.size() > MOST || time - Keys.number(row) > MAX_AGE.toMillis());
                    return goes && over.add(key);
                });
                for (byte[] key : over) {
                    int head = 1 + Long.BYTES;
                    forget(
                            Arrays.copyOfRange(key, head, key.length),
                            ByteBuffer.wrap(key).getLong(1));
                }
            }
            if (count != before) {
                table.put(transaction, COUNT, Keys.number(count));
            }
        }
    }
}
