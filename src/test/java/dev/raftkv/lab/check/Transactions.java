package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Txn;
import java.util.List;
import java.util.Optional;

/** All changes of a transaction have one revision: all of them are there or none. */
final class Transactions {
    static final String NAME = "transactions";

    private Transactions() {}

    static Verdict check(Evidence evidence) {
        Faults faults = new Faults(NAME);
        long count = 0;
        for (Operation operation : evidence.operations()) {
            if (operation.request().txn() == null) {
                continue;
            }
            count++;
            look(operation, operation.request().txn().then(), evidence, faults);
            look(operation, operation.request().txn().otherwise(), evidence, faults);
            if (operation.isDone()) {
                lookAtResults(operation, evidence, faults);
            }
        }
        return faults.verdict(count + " transactions");
    }

    private static void look(Operation operation, List<Txn.Op> ops, Evidence evidence, Faults faults) {
        List<Txn.Op> puts = ops.stream().filter(op -> op.value() != null).toList();
        Optional<Long> seen = puts.stream()
                .map(op -> evidence.revisionOf(op.value()))
                .filter(revision -> revision != KeyState.UNTOLD)
                .findFirst();
        if (seen.isEmpty() || !evidence.log().knows(seen.get())) {
            return;
        }
        for (Txn.Op op : ops) {
            boolean there = evidence.log()
                    .stateOf(op.key(), seen.get())
                    .map(change -> change.value().equals(op.value()))
                    .orElse(op.value() == null);
            if (op.action() != Txn.Do.GET && !there) {
                faults.add("not all of it took effect at revision " + seen.get() + ", which is "
                        + evidence.log().at(seen.get()) + ": " + evidence.tell(operation));
                return;
            }
        }
    }

    private static void lookAtResults(Operation operation, Evidence evidence, Faults faults) {
        for (Txn.Result result : operation.answer().results()) {
            if (result.action() == Txn.Do.PUT
                    && result.revision() != operation.answer().storeRevision()) {
                faults.add(
                        "the put of " + result.key() + " is not of the answer's revision: " + evidence.tell(operation));
            }
        }
    }
}
