package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Txn;
import java.util.List;
import java.util.Optional;

/** What an answer says of a key is what the key was at the answer's {@code Store-Revision}. */
final class AnswerMoments {
    static final String NAME = "moments of answers";

    private final Evidence evidence;
    private final Faults faults = new Faults(NAME);
    private long count;
    private long unchecked;

    private AnswerMoments(Evidence evidence) {
        this.evidence = evidence;
    }

    static Verdict check(Evidence evidence) {
        AnswerMoments check = new AnswerMoments(evidence);
        for (Operation operation : evidence.operations()) {
            Answer answer = operation.answer();
            if (answer == null || answer.storeRevision() < 0) {
                continue;
            }
            if (operation.isContradicted() && answer.tag() >= 0) {
                check.look(operation, operation.request().key(), answer.tag() > 0, null, answer.tag());
            } else if (operation.isDone() && operation.request().isRead()) {
                boolean exists = answer.value() != null;
                check.look(operation, operation.request().key(), exists, answer.value(), answer.tag());
            } else if (operation.isDone() && operation.request().txn() != null) {
                check.lookAtGets(operation);
            }
        }
        return check.faults.verdict(
                check.count + " answers, " + check.unchecked + " more where the changes are not known");
    }

    /** Those that come before any change of the transaction. */
    private void lookAtGets(Operation operation) {
        Answer answer = operation.answer();
        Txn txn = operation.request().txn();
        List<Txn.Op> ops = answer.succeeded() ? txn.then() : txn.otherwise();
        boolean changes = ops.stream().anyMatch(op -> op.action() != Txn.Do.GET);
        if (changes) {
            return;
        }
        for (Txn.Result result : answer.results()) {
            look(operation, result.key(), result.existed(), result.value(), result.revision());
        }
    }

    /** @param value null if it is not told, as for a repeated transaction */
    private void look(Operation operation, String key, boolean exists, String value, long revision) {
        long moment = operation.answer().storeRevision();
        if (!evidence.log().knows(moment)) {
            unchecked++;
            return;
        }
        count++;
        Optional<Change> then = evidence.log().stateOf(key, moment);
        boolean right = !exists
                ? then.isEmpty()
                : then.isPresent()
                        && then.get().revision() == revision
                        && (value == null || value.equals(then.get().value()));
        if (!right) {
            String was = then.map(change -> "the " + change).orElse("nothing");
            faults.add("at revision " + moment + " the key " + key + " was " + was + ", "
                    + direction(key, exists, revision, moment) + ": " + evidence.tell(operation));
        }
    }

    /** Whether the answer was true at another revision near. */
    private String direction(String key, boolean exists, long revision, long moment) {
        Optional<Change> last = evidence.log().lastOf(key, moment);
        Optional<Change> before = last.flatMap(change -> evidence.log().lastOf(key, change.revision() - 1));
        if (last.isPresent() && isSame(before, exists, revision)) {
            return "the answer is older: its Store-Revision is ahead of it";
        }
        Optional<Change> next = evidence.log().nextOf(key, moment);
        if (next.isPresent() && isSame(next, exists, revision)) {
            return "the answer is newer than its Store-Revision";
        }
        return "the answer is of another time";
    }

    private static boolean isSame(Optional<Change> change, boolean exists, long revision) {
        return !exists
                ? change.filter(Change::isPut).isEmpty()
                : change.isPresent() && change.get().revision() == revision;
    }
}
