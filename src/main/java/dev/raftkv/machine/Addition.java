package dev.raftkv.machine;

import dev.raftkv.model.Counter;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Value;
import dev.raftkv.store.WriteTransaction;
import java.util.Optional;

/**
 * What comes of adding to a value.
 *
 * @param sum nothing to count with if there is a refusal
 */
record Addition(Counter sum, Optional<Reason> refusal) {
    /** The value of a key, with the changes of the transaction; if it is too long for a counter, something that is none. */
    static Optional<Value> before(Key key, WriteTransaction transaction) {
        return transaction.valueLength(key) > Counter.MAX_BYTES
                ? Optional.of(Value.NOTHING)
                : transaction.get(key).map(Entry::value);
    }

    /** @param before the value that there is; empty if there is no such key */
    static Addition of(Optional<Value> before, Counter by) {
        Optional<Counter> counter = before.isEmpty()
                ? Optional.of(Counter.ZERO)
                : before.get().json().flatMap(Counter::of);
        if (counter.isEmpty()) {
            return refused(Reason.NO_COUNTER);
        }
        return counter.get()
                .plus(by)
                .map(sum -> new Addition(sum, Optional.empty()))
                .orElseGet(() -> refused(Reason.COUNTER_TOO_LONG));
    }

    private static Addition refused(Reason reason) {
        return new Addition(Counter.ZERO, Optional.of(reason));
    }
}
