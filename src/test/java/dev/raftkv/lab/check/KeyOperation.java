package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Request;
import dev.raftkv.lab.history.Txn;
import java.util.stream.Stream;

/**
 * An operation's part that concerns one key.
 *
 * @param end {@link Long#MAX_VALUE} if it may take effect at any time behind its start, or never
 * @param alike what all operations share that do the same and tell nothing when they do it; null for one of its own
 */
record KeyOperation(Operation operation, KeyStep step, long start, long end, String alike) {
    static KeyOperation of(Operation operation, String key, Evidence evidence) {
        return new KeyOperation(
                operation,
                KeyStep.of(operation, key, evidence),
                operation.start(),
                operation.isUnknown() ? Long.MAX_VALUE : operation.end(),
                operation.isUnknown() ? alike(operation.request(), key, evidence) : null);
    }

    private static String alike(Request request, String key, Evidence evidence) {
        if (request.values().stream().anyMatch(evidence::isSeen)) {
            return null;
        }
        if (request.txn() == null) {
            return request.kind() + " " + request.ifRevision();
        }
        Stream<Txn.Compare> compares = request.txn().compares().stream()
                .filter(compare -> compare.key().equals(key));
        Stream<Txn.Do> actions =
                request.txn().then().stream().filter(op -> op.key().equals(key)).map(Txn.Op::action);
        return compares.toList() + " " + actions.toList();
    }

    boolean mustTakePlace() {
        return end != Long.MAX_VALUE;
    }

    /** The same, at any time or never. */
    KeyOperation atAnyTime() {
        return new KeyOperation(operation, step, Long.MIN_VALUE, Long.MAX_VALUE, null);
    }
}
