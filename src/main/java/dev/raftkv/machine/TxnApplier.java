package dev.raftkv.machine;

import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.store.WriteTransaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Applies one transaction: compares, then one of the two lists of operations. */
final class TxnApplier {
    /** The most bytes of values that one transaction reads: they travel to the client in one answer. */
    static final long MAX_RESULT_BYTES = 8 << 20;

    private final WriteTransaction transaction;

    TxnApplier(WriteTransaction transaction) {
        this.transaction = transaction;
    }

    Outcome apply(Command.Txn txn) {
        boolean succeeded = txn.compares().stream().allMatch(this::holds);
        List<TxnOp> operations = succeeded ? txn.then() : txn.otherwise();
        if (resultBytes(operations) > MAX_RESULT_BYTES) {
            return new Outcome.Rejected(transaction.revision(), Outcome.Reason.RESULT_TOO_LARGE, 0);
        }
        List<Result> results = new ArrayList<>(operations.size());
        for (TxnOp operation : operations) {
            results.add(run(operation));
        }
        return new Outcome.TxnDone(transaction.revision(), succeeded, results);
    }

    private boolean holds(Compare compare) {
        return compare.holds(transaction.get(compare.key()));
    }

    /** Found out before anything is changed: a transaction happens as a whole or not at all. */
    private long resultBytes(List<TxnOp> operations) {
        Map<Key, Long> written = new HashMap<>();
        long bytes = 0;
        for (TxnOp operation : operations) {
            if (operation instanceof TxnOp.Put put) {
                written.put(put.key(), (long) put.value().length());
            } else if (operation instanceof TxnOp.Delete delete) {
                written.put(delete.key(), 0L);
            } else {
                Long length = written.get(operation.key());
                bytes += length == null ? storedLength(operation.key()) : length;
            }
        }
        return bytes;
    }

    private long storedLength(Key key) {
        return transaction
                .get(key)
                .map(Entry::value)
                .map(value -> (long) value.length())
                .orElse(0L);
    }

    private Result run(TxnOp operation) {
        Key key = operation.key();
        if (operation instanceof TxnOp.Put put) {
            Entry entry = transaction.put(key, put.value(), put.ttlMillis());
            return new Result.Stored(key, entry.createRevision(), entry.changeRevision(), entry.version());
        }
        return operation instanceof TxnOp.Delete
                ? new Result.Removed(key, transaction.delete(key))
                : new Result.Fetched(key, transaction.get(key));
    }
}
