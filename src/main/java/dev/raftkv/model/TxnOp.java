package dev.raftkv.model;

import java.util.Optional;

/** One operation of a {@link Command.Txn}. */
public sealed interface TxnOp {
    Key key();

    /** @param ttlMillis as in {@link Command.Put} */
    record Put(Key key, JsonText value, long ttlMillis) implements TxnOp {}

    /** Reads a key as the operations before it left it. */
    record Get(Key key) implements TxnOp {}

    record Delete(Key key) implements TxnOp {}

    /** As {@link Command.Add}; if it cannot be, nothing of the transaction is. */
    record Add(Key key, Counter by) implements TxnOp {}

    /** What an operation did. */
    sealed interface Result {
        Key key();

        /** The same without the value that was read. */
        default Result withoutValue() {
            return this;
        }

        /** The key's history with this change; all numbers are those of {@link Entry}. */
        record Stored(Key key, long createRevision, long changeRevision, long version) implements Result {}

        /** The key's value and history with this change; all numbers but the value are those of {@link Entry}. */
        record Added(Key key, Counter value, long createRevision, long changeRevision, long version)
                implements Result {}

        /** What was there. */
        record Fetched(Key key, Optional<Entry> entry) implements Result {
            /** Of a key that is not there. */
            public static Fetched nothing(Key key) {
                return new Fetched(key, Optional.empty());
            }

            @Override
            public Result withoutValue() {
                return entry.<Result>map(
                                seen -> new Seen(key, seen.createRevision(), seen.changeRevision(), seen.version()))
                        .orElse(this);
            }
        }

        /** What was there, of which only the history is remembered; all numbers are those of {@link Entry}. */
        record Seen(Key key, long createRevision, long changeRevision, long version) implements Result {}

        record Removed(Key key, boolean existed) implements Result {}
    }
}
