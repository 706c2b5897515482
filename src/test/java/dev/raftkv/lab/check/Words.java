package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Request;
import dev.raftkv.lab.history.Txn;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Operations as people read them. */
final class Words {
    private Words() {}

    static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
    }

    /** An operation with its times since a beginning. */
    static String of(Operation operation, long zero) {
        return String.format(
                Locale.ROOT,
                "%10.1f .. %10.1f ms  client %d at %d: %s -> %s",
                (operation.start() - zero) / 1e6,
                (operation.end() - zero) / 1e6,
                operation.client(),
                operation.asked(),
                request(operation.request()),
                end(operation));
    }

    static String request(Request request) {
        String condition = request.ifRevision() == Request.ANYTHING
                ? ""
                : request.ifRevision() == Request.ABSENT ? " if absent" : " if at " + request.ifRevision();
        String name = request.name() == null ? "" : " named " + request.name();
        return switch (request.kind()) {
            case READ ->
                request.level().label() + " read of " + request.key()
                        + (request.minRevision() > 0 ? " from " + request.minRevision() : "");
            case PUT ->
                "put " + request.key() + " = " + request.value() + condition
                        + (request.ttlSeconds() > 0 ? " for " + request.ttlSeconds() + " s" : "") + name;
            case DELETE -> "delete " + request.key() + condition + name;
            case TXN -> "txn " + txn(request.txn()) + name;
        };
    }

    private static String txn(Txn txn) {
        String compares = txn.compares().stream()
                .map(compare -> compare.key()
                        + (compare.value() != null
                                ? " = " + compare.value()
                                : compare.revision() != null
                                        ? " at " + compare.revision()
                                        : compare.exists() ? " exists" : " absent"))
                .collect(Collectors.joining(", "));
        return "if [" + compares + "] then " + ops(txn.then()) + " else " + ops(txn.otherwise());
    }

    private static String ops(List<Txn.Op> ops) {
        return ops.stream()
                .map(op -> op.action().name().toLowerCase(Locale.ROOT) + " " + op.key()
                        + (op.value() == null ? "" : " = " + op.value()))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /** How an operation ended. */
    static String end(Operation operation) {
        Answer answer = operation.answer();
        String outcome = operation.outcome().name().toLowerCase(Locale.ROOT);
        if (answer == null) {
            return outcome;
        }
        String results = answer.results().stream()
                .map(result -> result.action().name().toLowerCase(Locale.ROOT) + " " + result.key()
                        + (result.existed() ? "" : " absent") + (result.value() == null ? "" : " = " + result.value())
                        + (result.revision() > 0 ? " at " + result.revision() : ""))
                .collect(Collectors.joining(", "));
        return outcome + " " + answer.status()
                + (operation.request().txn() != null && operation.isDone()
                        ? answer.succeeded() ? " then" : " else"
                        : "")
                + (answer.value() == null ? "" : " " + answer.value())
                + (answer.tag() > 0 ? " at " + answer.tag() : "")
                + (results.isEmpty() ? "" : " [" + results + "]")
                + (answer.storeRevision() >= 0 ? ", store " + answer.storeRevision() : "")
                + (answer.node() == null ? "" : " by " + answer.node());
    }
}
