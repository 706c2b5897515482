package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a node shows never goes back: an answer is not behind another that was there before its request was sent. */
final class NodeRevisions {
    static final String NAME = "node revisions";

    private NodeRevisions() {}

    static Verdict check(Evidence evidence) {
        Faults faults = new Faults(NAME);
        Map<String, List<Operation>> nodes = new TreeMap<>();
        for (Operation operation : evidence.operations()) {
            if (operation.answer() != null
                    && !operation.isUnknown()
                    && operation.answer().node() != null
                    && operation.answer().storeRevision() >= 0) {
                nodes.computeIfAbsent(operation.answer().node(), node -> new ArrayList<>())
                        .add(operation);
            }
        }
        nodes.forEach((node, operations) -> check(node, operations, evidence, faults));
        return faults.verdict("answers of " + nodes.keySet());
    }

    /** @param operations in the order of their starts */
    private static void check(String node, List<Operation> operations, Evidence evidence, Faults faults) {
        List<Operation> byEnd = operations.stream()
                .sorted(Comparator.comparingLong(Operation::end))
                .toList();
        Operation highest = null;
        int ended = 0;
        for (Operation operation : operations) {
            while (ended < byEnd.size() && byEnd.get(ended).end() < operation.start()) {
                Operation next = byEnd.get(ended++);
                if (highest == null
                        || next.answer().storeRevision() > highest.answer().storeRevision()) {
                    highest = next;
                }
            }
            if (highest != null
                    && operation.answer().storeRevision() < highest.answer().storeRevision()) {
                faults.add(node + " went back from revision " + highest.answer().storeRevision() + " to "
                        + operation.answer().storeRevision() + ":\n  " + evidence.tell(highest) + "\n  "
                        + evidence.tell(operation));
            }
        }
    }
}
