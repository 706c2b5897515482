package dev.raftkv.lab.history;

import java.util.Set;
import java.util.TreeSet;

/**
 * What a client asks for.
 *
 * @param key null for a transaction
 * @param value what a put stores, else null; no other request stores the same
 * @param level that of a read, else null
 * @param minRevision what a read must have seen at least, 0 for nothing
 * @param ifRevision the condition of a put or delete: {@link #ANYTHING}, {@link #ABSENT}, or the revision of the last change
 * @param ttlSeconds how long a stored value lives, 0 for ever
 * @param name the idempotency key, null for none
 * @param txn null for all but a transaction
 */
public record Request(
        Kind kind,
        String key,
        String value,
        Level level,
        long minRevision,
        long ifRevision,
        int ttlSeconds,
        String name,
        Txn txn) {
    public static final long ANYTHING = -1;
    public static final long ABSENT = 0;

    /** What is asked for. */
    public enum Kind {
        READ,
        PUT,
        DELETE,
        TXN
    }

    public static Request read(String key, Level level) {
        return new Request(Kind.READ, key, null, level, 0, ANYTHING, 0, null, null);
    }

    public static Request put(String key, String value) {
        return new Request(Kind.PUT, key, value, null, 0, ANYTHING, 0, null, null);
    }

    public static Request delete(String key) {
        return new Request(Kind.DELETE, key, null, null, 0, ANYTHING, 0, null, null);
    }

    public static Request txn(Txn txn) {
        return new Request(Kind.TXN, null, null, null, 0, ANYTHING, 0, null, txn);
    }

    public Request atLeast(long revision) {
        return new Request(kind, key, value, level, revision, ifRevision, ttlSeconds, name, txn);
    }

    public Request onlyIf(long revision) {
        return new Request(kind, key, value, level, minRevision, revision, ttlSeconds, name, txn);
    }

    public Request withTtl(int seconds) {
        return new Request(kind, key, value, level, minRevision, ifRevision, seconds, name, txn);
    }

    public Request named(String idempotencyKey) {
        return new Request(kind, key, value, level, minRevision, ifRevision, ttlSeconds, idempotencyKey, txn);
    }

    public boolean isRead() {
        return kind == Kind.READ;
    }

    /** The keys that it looks at or changes. */
    public Set<String> keys() {
        return txn == null ? Set.of(key) : txn.keys();
    }

    /** The values that it may store. */
    public Set<String> values() {
        Set<String> values = new TreeSet<>();
        if (value != null) {
            values.add(value);
        }
        if (txn != null) {
            txn.then().forEach(op -> addTo(values, op));
            txn.otherwise().forEach(op -> addTo(values, op));
        }
        return values;
    }

    private static void addTo(Set<String> values, Txn.Op op) {
        if (op.value() != null) {
            values.add(op.value());
        }
    }
}
