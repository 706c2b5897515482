package dev.raftkv.machine;

import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Compare;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.store.WriteTransaction;
import java.util.ArrayList;
import java.util.List;
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
        Optional<Boolean> holds = holds(txn.compares());
        if (holds.isEmpty()) {
            return rejected(Reason.COMPARED_RANGE_TOO_LARGE);
        }
        boolean succeeded = holds.get();
        List<TxnOp> operations = succeeded ? txn.then() : txn.otherwise();
        TxnPlan plan = new TxnPlan(transaction);
        Optional<Reason> refusal = plan.refusal(operations);
        if (refusal.isPresent()) {
            return rejected(refusal.get());
        }
        List<Result> results = new ArrayList<>(operations.size());
        for (TxnOp operation : operations) {
            (operation instanceof TxnOp.OfKey one ? run(one) : run((TxnOp.OfRange) operation, plan))
                    .ifPresent(results::add);
        }
        return new Outcome.TxnDone(transaction.revision(), succeeded, results);
    }

    private Outcome rejected(Reason reason) {
        return new Outcome.Rejected(transaction.revision(), reason, 0);
    }

    /** Whether all compares hold, in their order until one does not; empty if they would look at too many keys. */
    private Optional<Boolean> holds(List<Compare> compares) {
        RangeCompares ofRanges = new RangeCompares(transaction.ranges());
        for (Compare compare : compares) {
            Optional<Boolean> holds = compare instanceof Compare.OfKey one
                    ? Optional.of(one.holds(transaction.get(one.key())))
                    : ofRanges.holds((Compare.OfRange) compare);
            if (holds.isEmpty() || !holds.get()) {
                return holds;
            }
        }
        return Optional.of(true);
    }

    private Optional<? extends Result> run(TxnOp.OfRange operation, TxnPlan plan) {
        if (operation instanceof TxnOp.DeleteRange range) {
            long count = transaction.ranges().remove(range.prefix());
            return Optional.of(new Result.RangeRemoved(range.prefix(), count));
        }
        TxnPlan.Found found = plan.next();
        return detail == Detail.NOTHING
                ? Optional.empty()
                : Optional.of(new Result.RangeFetched(
                        operation.prefix(),
                        found.keys().stream().flatMap(key -> read(key).stream()).toList(),
                        found.more()));
    }

    private Optional<? extends Result> run(TxnOp.OfKey operation) {
        Key key = operation.key();
        if (operation instanceof TxnOp.Put put) {
            Entry entry = transaction.put(key, put.value(), put.ttlMillis());
            return Optional.of(new Result.Stored(key, entry.createRevision(), entry.changeRevision(), entry.version()));
        }
        if (operation instanceof TxnOp.OfSession held) {
            return Optional.of(run(held));
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

    /** The plan has found that it can be. */
    private Result run(TxnOp.OfSession operation) {
        Key key = operation.key();
        if (operation instanceof TxnOp.DeleteHeld) {
            return new Result.Removed(key, transaction.delete(key));
        }
        boolean refused = operation instanceof TxnOp.Take take
                ? transaction
                        .put(new OfSession.Put(key, take.value(), take.session()))
                        .isPresent()
                : !transaction.release(
                        new OfSession.Release(key, ((TxnOp.Release) operation).value(), operation.session()));
        if (refused) {
            throw new IllegalStateException("a transaction changes " + key + " twice");
        }
        Result.Seen seen = transaction.see(key).orElseThrow();
        return transaction
                .hold(key)
                .<Result>map(hold ->
                        new Result.Taken(key, seen.createRevision(), seen.changeRevision(), seen.version(), hold))
                .orElse(new Result.Stored(key, seen.createRevision(), seen.changeRevision(), seen.version()));
    }

    private Optional<Result.OfOne> read(Key key) {
        return switch (detail) {
            case VALUES -> Optional.of(new Result.Fetched(key, transaction.get(key)));
            case HISTORIES ->
                Optional.of(transaction.see(key).<Result.OfOne>map(seen -> seen).orElse(Result.Fetched.nothing(key)));
            case NOTHING -> Optional.empty();
        };
    }

    /** What was remembered, with those of the values that it has read which are still there: a revision has one value. */
    Outcome recall(Outcome.TxnDone remembered) {
        List<Result> results = remembered.results().stream()
                .map(Result::withoutValue)
                .map(this::recall)
                .toList();
        return new Outcome.TxnDone(remembered.revision(), remembered.succeeded(), results);
    }

    private Result recall(Result remembered) {
        return remembered instanceof Result.RangeFetched range
                ? new Result.RangeFetched(
                        range.prefix(),
                        range.found().stream().map(this::recallKey).toList(),
                        range.more())
                : remembered instanceof Result.OfOne one ? recallKey(one) : remembered;
    }

    private Result.OfOne recallKey(Result.OfOne remembered) {
        return remembered instanceof Result.Seen seen && isStill(seen)
                ? new Result.Fetched(seen.key(), transaction.get(seen.key()))
                : remembered;
    }

    private boolean isStill(Result.Seen seen) {
        return transaction.changeRevision(seen.key()) == seen.changeRevision();
    }
}
