package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Level;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The operations on each key took place one after the other, each between its start and its end. Writes of unknown end did at
 * any time or never. Keys that expire are not looked at.
 */
final class Linearizability {
    static final String WRITES_AND_READS = "linearizable";
    static final String LEADER_READS = "leader reads";

    private Linearizability() {}

    /** Writes and linearizable reads. */
    static Verdict check(Evidence evidence) {
        return check(WRITES_AND_READS, evidence, List.of(Level.LINEARIZABLE));
    }

    /** Writes, linearizable reads and those of the leader under its lease. */
    static Verdict checkWithLeaderReads(Evidence evidence) {
        return check(LEADER_READS, evidence, List.of(Level.LINEARIZABLE, Level.LEADER));
    }

    private static Verdict check(String name, Evidence evidence, List<Level> levels) {
        Faults faults = new Faults(name);
        Map<String, List<KeyOperation>> keys = byKey(evidence, levels);
        long count = 0;
        for (Map.Entry<String, List<KeyOperation>> key : keys.entrySet()) {
            count += key.getValue().size();
            Optional<KeyOperation> fault = Linearization.firstFault(key.getValue());
            if (fault.isPresent()) {
                tell(key.getKey(), key.getValue(), fault.get(), evidence, faults);
            }
        }
        return faults.verdict(count + " operations on " + keys.size() + " keys");
    }

    private static Map<String, List<KeyOperation>> byKey(Evidence evidence, List<Level> levels) {
        Map<String, List<KeyOperation>> keys = new TreeMap<>();
        for (Operation operation : evidence.operations()) {
            if (!takesPart(operation, levels)) {
                continue;
            }
            for (String key : operation.request().keys()) {
                if (!evidence.isMortal(key)) {
                    keys.computeIfAbsent(key, same -> new ArrayList<>()).add(KeyOperation.of(operation, key, evidence));
                }
            }
        }
        return keys;
    }

    private static boolean takesPart(Operation operation, List<Level> levels) {
        Request request = operation.request();
        if (request.isRead()) {
            return operation.isDone() && levels.contains(request.level());
        }
        return operation.isDone() || operation.isUnknown() || operation.isContradicted();
    }

    private static void tell(
            String key, List<KeyOperation> operations, KeyOperation fault, Evidence evidence, Faults faults) {
        List<Operation> culprits =
                Culprits.of(operations).stream().map(KeyOperation::operation).toList();
        StringBuilder text = new StringBuilder("key " + key + ": no order explains all of these "
                + culprits.size() + " of its " + operations.size() + " operations, up to the end of that of client "
                + fault.operation().client() + " at "
                + evidence.tell(fault.operation().end()) + ":");
        culprits.forEach(operation -> text.append("\n  ").append(evidence.tell(operation)));
        faults.add(text.toString());
        faults.draw(Timeline.svg("key " + key + ": no order explains all of these", culprits, evidence.zero()));
    }
}
