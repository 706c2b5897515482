package dev.raftkv.lab.history;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A transaction: if all compares hold, the operations of one list, else those of the other. */
public record Txn(List<Compare> compares, List<Op> then, List<Op> otherwise) {
    /**
     * What a key must be; exactly one of the three is not null.
     *
     * @param revision that of the key's last change, 0 for none
     */
    public record Compare(String key, String value, Long revision, Boolean exists) {
        public static Compare value(String key, String value) {
            return new Compare(key, value, null, null);
        }

        public static Compare revision(String key, long revision) {
            return new Compare(key, null, revision, null);
        }

        public static Compare exists(String key, boolean exists) {
            return new Compare(key, null, null, exists);
        }
    }

    /** What an operation of a transaction does. */
    public enum Do {
        PUT,
        GET,
        DELETE
    }

    /** @param value that of a put, else null */
    public record Op(Do action, String key, String value) {
        public static Op put(String key, String value) {
            return new Op(Do.PUT, key, value);
        }

        public static Op get(String key) {
            return new Op(Do.GET, key, null);
        }

        public static Op delete(String key) {
            return new Op(Do.DELETE, key, null);
        }
    }

    /**
     * What an operation of a transaction did.
     *
     * @param existed whether the key is there (get, put) or was (delete)
     * @param value what a get found; null if nothing, or if it is not told because the transaction is repeated
     * @param revision that of the key's last change, for a get that found it and for a put
     */
    public record Result(Do action, String key, boolean existed, String value, long revision) {
        public Result valued(String other) {
            return new Result(action, key, existed, other, revision);
        }
    }

    /** All keys that it looks at or changes. */
    public Set<String> keys() {
        Set<String> keys = new TreeSet<>();
        compares.forEach(compare -> keys.add(compare.key()));
        then.forEach(op -> keys.add(op.key()));
        otherwise.forEach(op -> keys.add(op.key()));
        return keys;
    }
}
