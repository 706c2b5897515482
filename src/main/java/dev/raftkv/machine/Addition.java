package dev.raftkv.machine;

import dev.raftkv.model.Counter;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.store.WriteTransaction;
import java.util.Optional;

/**
 * What comes of adding to a value.
 *
 * @param sum nothing to count with if there is a refusal
 */
record Addition(Counter sum, Optional<Reason> refusal) {
    /** In the place of a value that is too long to be read for it. */
    private static final JsonText NO_COUNTER = new JsonText(new byte[0]);

    /** The value of a key, with the changes of the transaction; if it is too long for a counter, something that is none. */
    static Optional<JsonText> before(Key key, WriteTransaction transaction) {
        return transaction.valueLength(key) > Counter.MAX_BYTES
                ? Optional.of(NO_COUNTER)
                : transaction.get(key).map(entry -> entry.value());
    }

    /** @param before the value that there is; empty if there is no such key */
    static Addition of(Optional<JsonText> before, Counter by) {
        Optional<Counter> counter = before.isEmpty() ? Optional.of(Counter.ZERO) : Counter.of(before.get());
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
