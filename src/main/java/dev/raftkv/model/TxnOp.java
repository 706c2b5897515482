package dev.raftkv.model;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** One operation of a {@link Command.Txn}. */
public sealed interface TxnOp {
    /** An operation on one key. */
    sealed interface OfKey extends TxnOp {
        Key key();
    }

    /** An operation on all keys that start with a prefix, as the operations before it left them. */
    sealed interface OfRange extends TxnOp {
        Prefix prefix();
    }

    /** @param ttlMillis as in {@link Command.Put} */
    record Put(Key key, JsonText value, long ttlMillis) implements OfKey {}

    /** Reads a key as the operations before it left it. */
    record Get(Key key) implements OfKey {}

    record Delete(Key key) implements OfKey {}

    /** As {@link Command.Add}; if it cannot be, nothing of the transaction is. */
    record Add(Key key, Counter by) implements OfKey {}

    /**
     * Reads the first keys of a range.
     *
     * @param limit the most to read, of which those that follow are told; {@link #ALL} to read all of them, or to do nothing of
     *     the transaction
     */
    record GetRange(Prefix prefix, int limit) implements OfRange {
        public static final int ALL = 0;

        /** So many may all of a transaction read together: when they were changed is remembered for a repetition. */
        public static final int MOST_KEYS = 1_000;

        /** So many bytes may all of a transaction read together, and whatever is said of them. */
        public static final int MOST_BYTES = 2 << 20;

        /** The most keys that it reads. */
        public int most() {
            return limit == ALL ? MOST_KEYS : limit;
        }
    }

    /** As {@link Command.DeleteRange}; if there are too many, nothing of the transaction is done. */
    record DeleteRange(Prefix prefix) implements OfRange {}

    /** An operation on a key that a session has or gets; if it cannot be, nothing of the transaction is. */
    sealed interface OfSession extends OfKey {
        UUID session();
    }

    /** As {@link Command.OfSession.Put}. */
    record Take(Key key, JsonText value, UUID session) implements OfSession {}

    /** As {@link Command.OfSession.Release}. */
    record Release(Key key, JsonText value, UUID session) implements OfSession {}

    /** As {@link Command.OfSession.Delete}. */
    record DeleteHeld(Key key, UUID session) implements OfSession {}

    /** What an operation did. */
    sealed interface Result {
        /** The same without the values that were read. */
        default Result withoutValue() {
            return this;
        }

        /** What an operation on one key did, or what a range has of one. */
        sealed interface OfOne extends Result {
            Key key();

            @Override
            default OfOne withoutValue() {
                return this;
            }
        }

        /** The key's history with this change; all numbers are those of {@link Entry}. */
        record Stored(Key key, long createRevision, long changeRevision, long version) implements OfOne {}

        /** As {@link Stored}, of a key that a session has from now on. */
        record Taken(Key key, long createRevision, long changeRevision, long version, Hold hold) implements OfOne {}

        /** The key's value and history with this change; all numbers but the value are those of {@link Entry}. */
        record Added(Key key, Counter value, long createRevision, long changeRevision, long version) implements OfOne {}

        /** What was there. */
        record Fetched(Key key, Optional<Entry> entry) implements OfOne {
            /** Of a key that is not there. */
            public static Fetched nothing(Key key) {
                return new Fetched(key, Optional.empty());
            }

            @Override
            public OfOne withoutValue() {
                return entry.<OfOne>map(
                                seen -> new Seen(key, seen.createRevision(), seen.changeRevision(), seen.version()))
                        .orElse(this);
            }
        }

        /** What was there, of which only the history is remembered; all numbers are those of {@link Entry}. */
        record Seen(Key key, long createRevision, long changeRevision, long version) implements OfOne {}

        record Removed(Key key, boolean existed) implements OfOne {}

        /**
         * What was there of a range, in the order of the keys.
         *
         * @param found each as if it was read by itself; none is absent
         * @param more whether there were others behind these
         */
        record RangeFetched(Prefix prefix, List<OfOne> found, boolean more) implements Result {
            @Override
            public Result withoutValue() {
                return new RangeFetched(
                        prefix, found.stream().map(OfOne::withoutValue).toList(), more);
            }
        }

        /** So many keys of a range are not there any more. */
        record RangeRemoved(Prefix prefix, long count) implements Result {}
    }
}
