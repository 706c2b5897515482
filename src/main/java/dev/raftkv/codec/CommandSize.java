package dev.raftkv.codec;

import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Precondition.Match;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import java.util.List;
import java.util.Optional;

/** How much room commands take in a Raft log entry, without encoding them. */
public final class CommandSize {
    /** More than a command needs beside its texts: tags, lengths, numbers, and the entry's format and time. */
    private static final int OVERHEAD = 64;

    /** The most bytes that UTF-8 needs for one char. */
    private static final int BYTES_PER_CHAR = 3;

    /** The longest encoding of a number. */
    private static final int NUMBER = 10;

    private CommandSize() {}

    /**
     * An upper bound of what a write adds to an entry, in bytes. An entry of at least one write is never longer than the sum
     * over its writes.
     */
    public static long of(Write write) {
        long size = OVERHEAD + write.command().accept(SIZE);
        size += numbers(write.precondition().ifMatch())
                + numbers(write.precondition().ifNoneMatch());
        return size
                + write.requestId()
                        .map(id -> OVERHEAD
                                + BYTES_PER_CHAR
                                        * (long) (id.key().length()
                                                + id.fingerprint().length()))
                        .orElse(0L);
    }

    private static long numbers(Optional<Match> match) {
        return match.map(m -> OVERHEAD + (long) NUMBER * m.revisions().size()).orElse(0L);
    }

    private static final Command.Visitor<Long> SIZE = new Command.Visitor<>() {
        @Override
        public Long put(Command.Put put) {
            return (long) put.key().utf8().length + put.value().length();
        }

        @Override
        public Long delete(Command.Delete delete) {
            return (long) delete.key().utf8().length;
        }

        @Override
        public Long deleteRange(Command.DeleteRange range) {
            return (long) range.prefix().utf8().length;
        }

        @Override
        public Long txn(Command.Txn txn) {
            long size = 0;
            for (Compare compare : txn.compares()) {
                size += OVERHEAD + length(compare.key());
                size += compare instanceof Compare.Value value ? length(value.value()) : 0;
            }
            return size + operations(txn.then()) + operations(txn.otherwise());
        }

        @Override
        public Long expire(Command.Expire expire) {
            return 0L;
        }

        @Override
        public Long barrier(Command.Barrier barrier) {
            return 0L;
        }

        @Override
        public Long announce(Command.Announce announce) {
            return BYTES_PER_CHAR
                    * (long)
                            (announce.nodeId().length() + announce.httpAddress().length());
        }
    };

    private static long operations(List<TxnOp> operations) {
        long size = 0;
        for (TxnOp operation : operations) {
            size += OVERHEAD + length(operation.key());
            size += operation instanceof TxnOp.Put put ? length(put.value()) : 0;
        }
        return size;
    }

    private static long length(Key key) {
        return key.utf8().length;
    }

    private static long length(JsonText value) {
        return value.length();
    }
}
