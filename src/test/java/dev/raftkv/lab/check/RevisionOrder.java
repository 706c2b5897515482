package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Level;
import dev.raftkv.lab.history.Operation;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The revisions of all writes, whatever their keys, are in the order of time: a write that began after another was
 * acknowledged has a later revision, and a linearizable read that began then shows it. No two writes have the same.
 */
final class RevisionOrder {
    static final String NAME = "order of revisions";

    private RevisionOrder() {}

    static Verdict check(Evidence evidence) {
        Faults faults = new Faults(NAME);
        List<Operation> writes = evidence.operations().stream()
                .filter(RevisionOrder::changes)
                .sorted(Comparator.comparingLong(Operation::end))
                .toList();
        List<Operation> all = evidence.operations().stream()
                .filter(operation -> changes(operation) || isCurrent(operation))
                .toList();
        Operation highest = null;
        int ended = 0;
        for (Operation operation : all) {
            while (ended < writes.size() && writes.get(ended).end() < operation.start()) {
                Operation next = writes.get(ended++);
                if (highest == null || revision(next) > revision(highest)) {
                    highest = next;
                }
            }
            boolean late = highest != null
                    && (changes(operation)
                            ? revision(operation) <= revision(highest)
                            : revision(operation) < revision(highest));
            if (late) {
                faults.add("an operation that began after a write was acknowledged is before it:\n  "
                        + evidence.tell(highest) + "\n  " + evidence.tell(operation));
            }
        }
        Map<Long, Operation> owners = new HashMap<>();
        for (Operation write : writes) {
            Operation other = owners.putIfAbsent(revision(write), write);
            if (other != null) {
                faults.add("two writes have the same revision:\n  " + evidence.tell(other) + "\n  "
                        + evidence.tell(write));
            }
        }
        return faults.verdict(writes.size() + " writes and " + (all.size() - writes.size()) + " reads");
    }

    private static long revision(Operation operation) {
        return operation.answer().storeRevision();
    }

    /** Whether it has a revision of its own for certain: a delete may have found nothing. */
    private static boolean changes(Operation operation) {
        if (!operation.isDone()) {
            return false;
        }
        return switch (operation.request().kind()) {
            case PUT -> true;
            case TXN ->
                operation.answer().succeeded()
                        && operation.request().txn().then().stream().anyMatch(op -> op.value() != null);
            default -> false;
        };
    }

    private static boolean isCurrent(Operation operation) {
        return operation.isDone()
                && operation.request().level() == Level.LINEARIZABLE
                && operation.answer().storeRevision() >= 0;
    }
}
