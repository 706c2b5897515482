package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Holding;
import dev.raftkv.lab.history.Locking;
import dev.raftkv.lab.history.NodeStore;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Sight;
import dev.raftkv.lab.history.Txn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A history with what follows from it, for all checkers. Repetitions of answered requests stand apart. */
final class Evidence {
    /** A value that somebody saw under a key, as its revision's. */
    record Found(String key, String value, long revision, String where, long time) {}

    private final History history;
    private final List<NodeStore> stores;
    private final List<Operation> operations;
    private final ChangeLog log;
    private final Map<String, Operation> writers = new HashMap<>();
    private final List<Found> found = new ArrayList<>();
    private final Map<String, Long> revisions = new HashMap<>();
    private final Set<String> compared = new HashSet<>();
    private final Set<String> mortal = new HashSet<>();
    private final Set<String> own = new HashSet<>();
    private final long zero;

    Evidence(History history, List<NodeStore> stores) {
        this.history = history;
        this.stores = stores;
        this.operations = history.operations().stream()
                .filter(operation -> !operation.repeat())
                .toList();
        this.log = ChangeLog.of(history);
        this.zero = Stream.of(
                        operations.stream().map(Operation::start),
                        history.holdings().stream().map(Holding::start),
                        history.lockings().stream().map(Locking::start))
                .flatMap(starts -> starts.findFirst().stream())
                .min(Comparator.naturalOrder())
                .orElse(0L);
        for (Operation operation : operations) {
            operation.request().values().forEach(value -> writers.put(value, operation));
            own.addAll(operation.request().keys());
            if (operation.request().txn() != null) {
                operation.request().txn().compares().forEach(compare -> compared.add(compare.value()));
            }
            if (operation.request().ttlSeconds() > 0) {
                mortal.add(operation.request().key());
            }
        }
        history.operations().forEach(this::lookAtAnswer);
        for (Sight sight : history.sights()) {
            if (sight.what() == Sight.What.PUT) {
                add(sight.key(), sight.value(), sight.revision(), "watcher " + sight.watcher(), sight.time());
            }
        }
        for (NodeStore store : stores) {
            for (NodeStore.Entry entry : store.entries()) {
                add(entry.key(), entry.value(), entry.changeRevision(), "the store of " + store.node(), Long.MAX_VALUE);
            }
        }
    }

    private void lookAtAnswer(Operation operation) {
        Answer answer = operation.answer();
        if (answer == null || operation.isUnknown()) {
            return;
        }
        String where = "client " + operation.client();
        if (answer.value() != null) {
            add(operation.request().key(), answer.value(), answer.tag(), where, operation.end());
        }
        for (Txn.Result result : answer.results()) {
            if (result.value() != null) {
                add(result.key(), result.value(), result.revision(), where, operation.end());
            }
        }
    }

    /** Keys that no client ever named are those of somebody else. */
    private void add(String key, String value, long revision, String where, long time) {
        if (!own.contains(key)) {
            return;
        }
        found.add(new Found(key, value, revision, where, time));
        revisions.putIfAbsent(value, revision);
    }

    History history() {
        return history;
    }

    List<NodeStore> stores() {
        return stores;
    }

    /** The latest revision of a write that was acknowledged, 0 if none was. */
    long lastAcknowledged() {
        return operations.stream()
                .filter(operation -> operation.isDone() && !operation.request().isRead())
                .mapToLong(operation -> operation.answer().storeRevision())
                .max()
                .orElse(0);
    }

    /** All but repetitions, in the order of their starts. */
    List<Operation> operations() {
        return operations;
    }

    ChangeLog log() {
        return log;
    }

    /** Who wrote each value, or wanted to. */
    Map<String, Operation> writers() {
        return writers;
    }

    /** Every value that anybody saw. */
    List<Found> found() {
        return found;
    }

    /** The revision at which a value was seen; {@link Answer#UNTOLD} if nobody saw it. */
    long revisionOf(String value) {
        return revisions.getOrDefault(value, Answer.UNTOLD);
    }

    /** Whether anything can tell of a value, for certain or by a compare. */
    boolean isSeen(String value) {
        return revisions.containsKey(value) || compared.contains(value);
    }

    /** The value, or what stands for all values of which nothing can tell. */
    String mark(String value) {
        return isSeen(value) ? value : "?";
    }

    /** Whether a key ever had a time to live. */
    boolean isMortal(String key) {
        return mortal.contains(key);
    }

    /** An operation in words, with its times from the beginning of the history. */
    String tell(Operation operation) {
        return Words.of(operation, zero);
    }

    /** A time in milliseconds from the beginning of the history. */
    String tell(long time) {
        return Words.millis(time - zero);
    }

    long zero() {
        return zero;
    }
}
