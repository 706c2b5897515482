package dev.raftkv.machine;

import dev.raftkv.model.Command;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Value;
import dev.raftkv.store.WriteTransaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What the operations of a list will find, found out before anything is changed: a transaction happens as a whole or not at all.
 * It looks at each operation once, in their order.
 */
final class TxnPlan {
    /** Of a key that is read of a range, beside itself and its value: numbers and names in an answer. */
    private static final int OVERHEAD = 256;

    /**
     * What a read of a range will find.
     *
     * @param keys in their order
     * @param more whether there are others behind these
     */
    record Found(List<Key> keys, boolean more) {}

    private final WriteTransaction transaction;

    /** What the operations so far leave; empty where they have removed it. */
    private final Map<Key, Optional<Value>> written = new HashMap<>();

    /** What was not written after one of these was removed is not there. */
    private final List<Prefix> removed = new ArrayList<>();

    /** How many keys each session gets; those that it has already count, too. */
    private final Map<UUID, Integer> taken = new HashMap<>();

    private final Queue<Found> found = new ArrayDeque<>();
    private long bytesRead;
    private long bytesOfRanges;
    private int keysOfRanges;
    private long keysRemoved;

    TxnPlan(WriteTransaction transaction) {
        this.transaction = transaction;
    }

    /** Why the operations cannot be carried out, if so. */
    Optional<Reason> refusal(List<TxnOp> operations) {
        for (TxnOp operation : operations) {
            Optional<Reason> refusal =
                    operation instanceof TxnOp.OfKey one ? lookAt(one) : lookAt((TxnOp.OfRange) operation);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return bytesRead > CommandApplier.MAX_RESULT_BYTES ? Optional.of(Reason.RESULT_TOO_LARGE) : Optional.empty();
    }

    /** What the next read of a range in the list finds. */
    Found next() {
        return found.remove();
    }

    private Optional<Reason> lookAt(TxnOp.OfKey operation) {
        Key key = operation.key();
        Optional<Value> before = written.containsKey(key)
                ? written.get(key)
                : removed.stream().anyMatch(prefix -> prefix.covers(key)) ? Optional.empty() : null;
        if (operation instanceof TxnOp.Put put) {
            written.put(key, Optional.of(Value.of(put.value())));
        } else if (operation instanceof TxnOp.Delete) {
            written.put(key, Optional.empty());
        } else if (operation instanceof TxnOp.OfSession held) {
            return lookAt(held);
        } else if (operation instanceof TxnOp.Add add) {
            Addition addition = Addition.of(before == null ? Addition.before(key, transaction) : before, add.by());
            if (addition.refusal().isPresent()) {
                return addition.refusal();
            }
            written.put(key, Optional.of(Value.of(addition.sum().json())));
            bytesRead += Counter.MAX_BYTES;
        } else {
            bytesRead += before == null
                    ? transaction.valueLength(key)
                    : before.map(Value::length).orElse(0);
        }
        return Optional.empty();
    }

    private Optional<Reason> lookAt(TxnOp.OfSession operation) {
        Key key = operation.key();
        if (operation instanceof TxnOp.Take take) {
            written.put(key, Optional.of(Value.of(take.value())));
            int others = taken.merge(take.session(), 1, Integer::sum) - 1;
            return transaction.refusal(key, take.session(), others);
        }
        written.put(
                key,
                operation instanceof TxnOp.Release release ? Optional.of(Value.of(release.value())) : Optional.empty());
        boolean has = transaction
                .hold(key)
                .filter(hold -> hold.session().equals(operation.session()))
                .isPresent();
        boolean isGone = operation instanceof TxnOp.DeleteHeld && transaction.changeRevision(key) == 0;
        return has || isGone ? Optional.empty() : Optional.of(Reason.NOT_HELD);
    }

    private Optional<Reason> lookAt(TxnOp.OfRange operation) {
        Prefix prefix = operation.prefix();
        if (operation instanceof TxnOp.GetRange range) {
            return read(range);
        }
        long most = Command.DeleteRange.MOST_KEYS - keysRemoved;
        long count = transaction.ranges().count(prefix, most).orElse(most + 1);
        keysRemoved += count;
        written.keySet().removeIf(prefix::covers);
        removed.add(prefix);
        return count > most ? Optional.of(Reason.RANGE_TOO_LARGE) : Optional.empty();
    }

    private Optional<Reason> read(TxnOp.GetRange range) {
        int most = range.most();
        Map<Key, Integer> lengths = new TreeMap<>(Comparator.comparing(Key::utf8, Arrays::compareUnsigned));
        lengths.putAll(transaction.ranges().first(range.prefix(), removed, key -> !written.containsKey(key), most + 1));
        written.forEach((key, value) -> {
            if (value.isPresent() && range.prefix().covers(key)) {
                lengths.put(key, value.get().length());
            }
        });
        boolean more = lengths.size() > most;
        List<Key> keys = lengths.keySet().stream().limit(most).toList();
        for (Key key : keys) {
            bytesOfRanges += OVERHEAD + key.utf8().length + lengths.get(key);
        }
        keysOfRanges += keys.size();
        found.add(new Found(keys, more));
        boolean tooLarge = keysOfRanges > TxnOp.GetRange.MOST_KEYS
                || bytesOfRanges > TxnOp.GetRange.MOST_BYTES
                || more && range.limit() == TxnOp.GetRange.ALL;
        return tooLarge ? Optional.of(Reason.READ_RANGE_TOO_LARGE) : Optional.empty();
    }
}
