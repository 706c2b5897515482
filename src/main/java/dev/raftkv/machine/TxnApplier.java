package dev.raftkv.machine;

import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.store.WriteTransaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Applies one transaction: compares, then one of the two lists of operations. */
final class TxnApplier {
    private final WriteTransaction transaction;
    private final Detail detail;

    TxnApplier(WriteTransaction transaction, Detail detail) {
        this.transaction = transaction;
        this.detail = detail;
    }

    Outcome apply(Command.Txn txn) {
        boolean succeeded = txn.compares().stream().allMatch(this::holds);
        List<TxnOp> operations = succeeded ? txn.then() : txn.otherwise();
        Optional<Reason> refusal = refusal(operations);
        if (refusal.isPresent()) {
            return new Outcome.Rejected(transaction.revision(), refusal.get(), 0);
        }
        List<Result> results = new ArrayList<>(operations.size());
        for (TxnOp operation : operations) {
            run(operation).ifPresent(results::add);
        }
        return new Outcome.TxnDone(transaction.revision(), succeeded, results);
    }

    private boolean holds(Compare compare) {
        return compare.holds(transaction.get(compare.key()));
    }

    /** Found out before anything is changed: a transaction happens as a whole or not at all. */
    private Optional<Reason> refusal(List<TxnOp> operations) {
        Map<Key, Optional<JsonText>> written = new HashMap<>();
        long bytes = 0;
        for (TxnOp operation : operations) {
            Key key = operation.key();
            Optional<JsonText> before = written.get(key);
            if (operation instanceof TxnOp.Put put) {
                written.put(key, Optional.of(put.value()));
            } else if (operation instanceof TxnOp.Delete) {
                written.put(key, Optional.empty());
            } else if (operation instanceof TxnOp.Add add) {
                Addition addition = Addition.of(before == null ? Addition.before(key, transaction) : before, add.by());
                if (addition.refusal().isPresent()) {
                    return addition.refusal();
                }
                written.put(key, Optional.of(addition.sum().json()));
                bytes += Counter.MAX_BYTES;
            } else {
                bytes += before == null
                        ? transaction.valueLength(key)
                        : before.map(JsonText::length).orElse(0);
            }
        }
        return bytes > CommandApplier.MAX_RESULT_BYTES ? Optional.of(Reason.RESULT_TOO_LARGE) : Optional.empty();
    }

    private Optional<Result> run(TxnOp operation) {
        Key key = operation.key();
        if (operation instanceof TxnOp.Put put) {
            Entry entry = transaction.put(key, put.value(), put.ttlMillis());
            return Optional.of(new Result.Stored(key, entry.createRevision(), entry.changeRevision(), entry.version()));
        }
        if (operation instanceof TxnOp.Add add) {
            Counter sum =
                    Addition.of(Addition.before(key, transaction), add.by()).sum();
            Entry entry = transaction.replace(key, sum.json());
            return Optional.of(
                    new Result.Added(key, sum, entry.createRevision(), entry.changeRevision(), entry.version()));
        }
        return operation instanceof TxnOp.Delete
                ? Optional.of(new Result.Removed(key, transaction.delete(key)))
                : read(key);
    }

    private Optional<Result> read(Key key) {
        return switch (detail) {
            case VALUES -> Optional.of(new Result.Fetched(key, transaction.get(key)));
            case HISTORIES ->
                Optional.of(transaction.see(key).<Result>map(seen -> seen).orElse(Result.Fetched.nothing(key)));
            case NOTHING -> Optional.empty();
        };
    }

    /** What was remembered, with those of the values that it has read which are still there: a revision has one value. */
    Outcome recall(Outcome.TxnDone remembered) {
        List<Result> results = remembered.results().stream()
                .map(Result::withoutValue)
                .map(result -> result instanceof Result.Seen seen && isStill(seen)
                        ? new Result.Fetched(seen.key(), transaction.get(seen.key()))
                        : result)
                .toList();
        return new Outcome.TxnDone(remembered.revision(), remembered.succeeded(), results);
    }

    private boolean isStill(Result.Seen seen) {
        return transaction.changeRevision(seen.key()) == seen.changeRevision();
    }
}
