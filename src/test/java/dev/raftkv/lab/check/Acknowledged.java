package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.NodeStore;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Request;
import dev.raftkv.lab.history.Txn;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Nothing acknowledged is missing: each acknowledged write is a change of the revision that its answer told, or what was to go
 * is not there at that revision; and no store shows a key as it was before.
 */
final class Acknowledged {
    static final String NAME = "acknowledged writes";

    private final Evidence evidence;
    private final Faults faults = new Faults(NAME);
    private final Map<String, Long> latest = new HashMap<>();
    private final Set<String> removed = new HashSet<>();
    private long count;

    private Acknowledged(Evidence evidence) {
        this.evidence = evidence;
    }

    static Verdict check(Evidence evidence) {
        Acknowledged check = new Acknowledged(evidence);
        evidence.operations().forEach(check::noteRemovals);
        evidence.operations().stream()
                .filter(operation -> operation.isDone() && !operation.request().isRead())
                .forEach(check::look);
        evidence.stores().forEach(check::look);
        return check.faults.verdict(check.count + " acknowledged writes");
    }

    private void look(Operation operation) {
        count++;
        Answer answer = operation.answer();
        switch (operation.request().kind()) {
            case PUT ->
                stored(operation, operation.request().key(), operation.request().value());
            case DELETE -> removed(operation, operation.request().key());
            default -> {
                List<Txn.Op> ops = answer.succeeded()
                        ? operation.request().txn().then()
                        : operation.request().txn().otherwise();
                for (Txn.Op op : ops) {
                    if (op.action() == Txn.Do.PUT) {
                        stored(operation, op.key(), op.value());
                    } else if (op.action() == Txn.Do.DELETE) {
                        removed(operation, op.key());
                    }
                }
            }
        }
    }

    private void stored(Operation operation, String key, String value) {
        long revision = operation.answer().storeRevision();
        latest.merge(key, revision, Math::max);
        if (evidence.log().knows(revision)) {
            Optional<Change> change = evidence.log().change(revision, key);
            if (change.isEmpty() || !value.equals(change.get().value())) {
                faults.add("lost: " + evidence.tell(operation) + "; revision " + revision + " is "
                        + evidence.log().at(revision));
            }
        }
    }

    private void removed(Operation operation, String key) {
        long revision = operation.answer().storeRevision();
        latest.merge(key, revision, Math::max);
        if (evidence.log().knows(revision)) {
            evidence.log()
                    .stateOf(key, revision)
                    .ifPresent(change ->
                            faults.add("not removed: " + evidence.tell(operation) + "; there is the " + change));
        }
    }

    private void look(NodeStore store) {
        Set<String> there = new HashSet<>();
        for (NodeStore.Entry entry : store.entries()) {
            there.add(entry.key());
            long known = latest.getOrDefault(entry.key(), 0L);
            if (entry.changeRevision() < known) {
                faults.add("the store of " + store.node() + " has " + entry + ", but its change of revision " + known
                        + " was acknowledged");
            }
        }
        for (Map.Entry<String, Long> key : latest.entrySet()) {
            if (!there.contains(key.getKey()) && !removed.contains(key.getKey()) && !evidence.isMortal(key.getKey())) {
                faults.add("the store of " + store.node() + " has no key " + key.getKey()
                        + ", which was stored at revision " + key.getValue() + " and never removed");
            }
        }
    }

    /** Which keys anybody may have removed. */
    private void noteRemovals(Operation operation) {
        if (operation.request().kind() == Request.Kind.DELETE) {
            removed.add(operation.request().key());
        }
        if (operation.request().txn() != null) {
            Stream.concat(operation.request().txn().then().stream(), operation.request().txn().otherwise().stream())
                    .filter(op -> op.action() == Txn.Do.DELETE)
                    .forEach(op -> removed.add(op.key()));
        }
    }
}
