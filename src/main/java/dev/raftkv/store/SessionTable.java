package dev.raftkv.store;

import com.sleepycat.je.Transaction;
import dev.raftkv.codec.SessionCodec;
import dev.raftkv.codec.SessionCodec.Total;
import dev.raftkv.model.Key;
import dev.raftkv.model.Session;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The sessions of a keyspace, what each has, and which keys no other session may have yet. One table for all of it: what a row
 * is, is told by the first byte of its key.
 */
record SessionTable(Table table) {
    private static final byte[] TOTAL = {0};
    private static final byte SESSION = 1;
    /** An id, and a key that the session has. */
    private static final byte HELD = 2;
    /** A key, and in the row until when it is delayed. */
    private static final byte DELAY = 3;
    /** The same by time. */
    private static final byte DELAY_END = 4;

    private static final byte[] NOTHING = {};
    private static final UUID FIRST = new UUID(0, 0);

    // --- for readers ---

    Optional<Session> get(UUID id) {
        return decoded(id, table.read(session(id)));
    }

    /** Sessions by their ids, as they are or are about to be. */
    List<Session> list(Optional<UUID> after, int limit) {
        List<Session> found = new ArrayList<>();
        byte[] behind = after.map(SessionTable::session).orElse(null);
        table.scan(behind == null ? session(FIRST) : behind, (key, row) -> {
            if (key[0] != SESSION || found.size() == limit) {
                return false;
            }
            return Arrays.equals(key, behind)
                    || found.add(SessionCodec.decode(SessionCodec.id(Arrays.copyOfRange(key, 1, key.length)), row));
        });
        return found;
    }

    Total total() {
        return total(table.read(TOTAL));
    }

    /** As the other, of the row that is there or about to be; waits for nobody. */
    OptionalLong delay(Key key) {
        return number(table.readUncommitted(delayRow(key)));
    }

    private static OptionalLong number(byte[] row) {
        return row == null ? OptionalLong.empty() : OptionalLong.of(Keys.number(row));
    }

    // --- within a write transaction ---

    Optional<Session> get(Transaction transaction, UUID id) {
        return decoded(id, table.read(transaction, session(id)));
    }

    void put(Transaction transaction, Session session) {
        table.put(transaction, session(session.id()), SessionCodec.encode(session));
    }

    void remove(Transaction transaction, UUID id) {
        table.delete(transaction, session(id));
    }

    Total total(Transaction transaction) {
        return total(table.read(transaction, TOTAL));
    }

    void put(Transaction transaction, Total total) {
        table.put(transaction, TOTAL, SessionCodec.encode(total));
    }

    void hold(Transaction transaction, UUID id, Key key) {
        table.put(transaction, held(id, key.utf8()), NOTHING);
    }

    void letGo(Transaction transaction, UUID id, Key key) {
        table.delete(transaction, held(id, key.utf8()));
    }

    /** The next keys that a session has, in their order. */
    List<Key> keysOf(UUID id, Optional<Key> after, int limit) {
        byte[] start = held(id, NOTHING);
        byte[] behind = held(id, after.map(Key::utf8).orElse(NOTHING));
        List<Key> found = new ArrayList<>();
        table.scanKeys(behind, key -> {
            if (!Arrays.equals(key, 0, Math.min(start.length, key.length), start, 0, start.length)
                    || found.size() == limit) {
                return false;
            }
            return Arrays.equals(key, behind)
                    || found.add(Key.ofUtf8(Arrays.copyOfRange(key, start.length, key.length)));
        });
        return found;
    }

    /** The cluster time until which a key is delayed, which may be over. */
    OptionalLong delay(Transaction transaction, Key key) {
        return number(table.read(transaction, delayRow(key)));
    }

    void delay(Transaction transaction, Key key, long until) {
        forgetDelay(transaction, key);
        table.put(transaction, delayRow(key), Keys.number(until));
        table.put(transaction, delayEnd(until, key.utf8()), NOTHING);
    }

    void forgetDelay(Transaction transaction, Key key) {
        OptionalLong until = delay(transaction, key);
        if (until.isPresent()) {
            table.delete(transaction, delayRow(key));
            table.delete(transaction, delayEnd(until.getAsLong(), key.utf8()));
        }
    }

    /** Keys whose delay is over, the earliest first. */
    List<Key> overdue(long time, int limit) {
        List<Key> found = new ArrayList<>();
        table.scanKeys(delayEnd(0, NOTHING), key -> {
            int head = 1 + Long.BYTES;
            return key[0] == DELAY_END
                    && found.size() < limit
                    && ByteBuffer.wrap(key).getLong(1) <= time
                    && found.add(Key.ofUtf8(Arrays.copyOfRange(key, head, key.length)));
        });
        return found;
    }

    private static Optional<Session> decoded(UUID id, byte[] row) {
        return row == null ? Optional.empty() : Optional.of(SessionCodec.decode(id, row));
    }

    private static Total total(byte[] row) {
        return row == null ? Total.NONE : SessionCodec.decodeTotal(row);
    }

    private static byte[] session(UUID id) {
        return row(SESSION, SessionCodec.array(id), NOTHING);
    }

    private static byte[] held(UUID id, byte[] key) {
        return row(HELD, SessionCodec.array(id), key);
    }

    private static byte[] delayRow(Key key) {
        return row(DELAY, NOTHING, key.utf8());
    }

    private static byte[] delayEnd(long until, byte[] key) {
        return row(DELAY_END, Keys.number(until), key);
    }

    private static byte[] row(byte kind, byte[] first, byte[] second) {
        return ByteBuffer.allocate(1 + first.length + second.length)
                .put(kind)
                .put(first)
                .put(second)
                .array();
    }
}
