package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Txn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Each write took effect once, however often it was sent, and a repetition has the first answer, but for values that a
 * transaction had read.
 */
final class Retries {
    static final String NAME = "retries";

    private Retries() {}

    static Verdict check(Evidence evidence) {
        Faults faults = new Faults(NAME);
        long sentAgain = evidence.operations().stream()
                .filter(operation -> operation.request().name() != null && operation.attempts() > 1)
                .count();
        long repeated = lookAtRepetitions(evidence, faults);
        lookAtEffects(evidence, faults);
        return faults.verdict(sentAgain + " writes sent again until they were answered, " + repeated
                + " repeated after their answer");
    }

    private static long lookAtRepetitions(Evidence evidence, Faults faults) {
        Map<String, Operation> first = new HashMap<>();
        evidence.operations().stream()
                .filter(operation -> operation.request().name() != null)
                .forEach(operation -> first.put(operation.request().name(), operation));
        long count = 0;
        for (Operation again : evidence.history().operations()) {
            if (!again.repeat() || !isAnswered(again)) {
                continue;
            }
            Operation original = first.get(again.request().name());
            if (original != null && isAnswered(original)) {
                count++;
                if (!isSame(original.answer(), again.answer())) {
                    faults.add("a repetition has another answer:\n  " + evidence.tell(original) + "\n  "
                            + evidence.tell(again));
                }
            }
        }
        return count;
    }

    private static boolean isAnswered(Operation operation) {
        return operation.isDone() || operation.isContradicted();
    }

    private static boolean isSame(Answer one, Answer other) {
        boolean refused = one.status() != 200;
        return one.status() == other.status()
                && one.tag() == other.tag()
                && (refused || one.storeRevision() == other.storeRevision())
                && one.succeeded() == other.succeeded()
                && areSame(one.results(), other.results());
    }

    private static boolean areSame(List<Txn.Result> first, List<Txn.Result> again) {
        if (first.size() != again.size()) {
            return false;
        }
        for (int i = 0; i < first.size(); i++) {
            Txn.Result one = first.get(i);
            Txn.Result other = again.get(i);
            boolean hidden = one.value() == null || other.value() == null;
            if (!one.equals(hidden ? other.valued(one.value()) : other)) {
                return false;
            }
        }
        return true;
    }

    private static void lookAtEffects(Evidence evidence, Faults faults) {
        Map<String, Change> effects = new HashMap<>();
        for (Map<String, Change> revision : evidence.log().revisions()) {
            for (Change change : revision.values()) {
                if (change.isPut() && evidence.writers().containsKey(change.value())) {
                    Change other = effects.putIfAbsent(change.value() + " " + change.key(), change);
                    if (other != null) {
                        faults.add("one write took effect twice: the " + other + ", the " + change);
                    }
                }
            }
        }
    }
}
