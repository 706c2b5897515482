package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Request;
import dev.raftkv.lab.history.Txn;
import java.util.List;

/**
 * What an operation has to do with one key: from each state of it the next, or null if it cannot have taken place there with
 * its answer.
 */
@FunctionalInterface
interface KeyStep {
    KeyState from(KeyState state);

    /** The step of an operation that was not refused, or was because its condition did not hold. */
    static KeyStep of(Operation operation, String key, Evidence evidence) {
        Request request = operation.request();
        Answer answer = operation.answer();
        return switch (request.kind()) {
            case READ -> read(answer);
            case PUT ->
                operation.isContradicted()
                        ? contradicted(request, answer)
                        : put(
                                request,
                                evidence.mark(request.value()),
                                operation.isDone() ? answer.storeRevision() : evidence.revisionOf(request.value()));
            case DELETE ->
                operation.isContradicted()
                        ? contradicted(request, answer)
                        : delete(request, operation.isDone() ? answer.storeRevision() : KeyState.UNTOLD);
            case TXN ->
                operation.isDone() ? done(request.txn(), answer, key, evidence) : mayBe(request.txn(), key, evidence);
        };
    }

    private static KeyStep read(Answer answer) {
        return answer.value() == null ? KeyState::seenAbsent : state -> state.seen(answer.value(), answer.tag());
    }

    private static KeyStep put(Request request, String value, long at) {
        return state -> mayHold(request, state) ? state.put(value, at) : null;
    }

    private static KeyStep delete(Request request, long at) {
        return state -> mayHold(request, state) ? state.delete(at) : null;
    }

    private static boolean mayHold(Request request, KeyState state) {
        if (request.ifRevision() == Request.ANYTHING) {
            return true;
        }
        return request.ifRevision() == Request.ABSENT ? !state.exists() : state.mayBeAt(request.ifRevision());
    }

    private static KeyStep contradicted(Request request, Answer answer) {
        return state -> {
            if (answer.tag() == 0) {
                return state.seenAbsent();
            }
            boolean holds =
                    request.ifRevision() == Request.ABSENT ? !state.exists() : state.mustBeAt(request.ifRevision());
            if (holds) {
                return null;
            }
            return answer.tag() == Answer.UNTOLD ? state : state.seenAt(answer.tag());
        };
    }

    /** A key's part in a transaction that was answered. */
    private static KeyStep done(Txn txn, Answer answer, String key, Evidence evidence) {
        List<Txn.Compare> compares = txn.compares().stream()
                .filter(compare -> compare.key().equals(key))
                .toList();
        List<Txn.Op> ops = answer.succeeded() ? txn.then() : txn.otherwise();
        // Which of several compares did not hold, nobody knows.
        boolean mustFail = !answer.succeeded() && txn.compares().size() == 1 && compares.size() == 1;
        return before -> {
            KeyState state = before;
            for (Txn.Compare compare : compares) {
                boolean wrong = answer.succeeded() ? !mayHold(compare, state) : mustFail && mustHold(compare, state);
                if (wrong) {
                    return null;
                }
            }
            for (int i = 0; i < ops.size() && state != null; i++) {
                if (ops.get(i).key().equals(key)) {
                    state = apply(ops.get(i), answer.results().get(i), answer.storeRevision(), state, evidence);
                }
            }
            return state;
        };
    }

    private static KeyState apply(Txn.Op op, Txn.Result result, long at, KeyState state, Evidence evidence) {
        return switch (op.action()) {
            case GET ->
                !result.existed()
                        ? state.seenAbsent()
                        : result.value() == null
                                ? state.seenAt(result.revision())
                                : state.seen(result.value(), result.revision());
            case PUT -> state.put(evidence.mark(op.value()), at);
            case DELETE -> state.exists() == result.existed() ? state.delete(at) : null;
        };
    }

    /** A key's part in a transaction of which nobody knows whether it was carried out. */
    private static KeyStep mayBe(Txn txn, String key, Evidence evidence) {
        return before -> {
            KeyState state = before;
            for (Txn.Compare compare : txn.compares()) {
                if (compare.key().equals(key) && !mayHold(compare, state)) {
                    return null;
                }
            }
            for (Txn.Op op : txn.then()) {
                if (state != null && op.key().equals(key)) {
                    state = switch (op.action()) {
                        case GET -> state;
                        case PUT -> state.put(evidence.mark(op.value()), evidence.revisionOf(op.value()));
                        case DELETE -> state.delete(KeyState.UNTOLD);
                    };
                }
            }
            return state;
        };
    }

    private static boolean mayHold(Txn.Compare compare, KeyState state) {
        if (compare.value() != null) {
            return compare.value().equals(state.value());
        }
        if (compare.exists() != null) {
            return compare.exists() == state.exists();
        }
        return compare.revision() == 0 ? !state.exists() : state.mayBeAt(compare.revision());
    }

    private static boolean mustHold(Txn.Compare compare, KeyState state) {
        return compare.revision() != null && compare.revision() > 0
                ? state.mustBeAt(compare.revision())
                : mayHold(compare, state);
    }
}
