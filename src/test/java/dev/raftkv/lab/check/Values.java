package dev.raftkv.lab.check;

import dev.raftkv.lab.check.Evidence.Found;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Outcome;
import java.util.HashMap;
import java.util.Map;

/**
 * Every value that anybody saw was written by somebody: under this key, begun before it was seen, and not refused; and it came
 * with one revision only, for it was written once.
 */
final class Values {
    static final String NAME = "values";

    private Values() {}

    static Verdict check(Evidence evidence) {
        Faults faults = new Faults(NAME);
        Map<String, Found> first = new HashMap<>();
        for (Found found : evidence.found()) {
            Operation writer = evidence.writers().get(found.value());
            String seen = found.where() + " saw " + found.value() + " under " + found.key() + " at revision "
                    + found.revision();
            if (writer == null || !writer.request().keys().contains(found.key())) {
                faults.add(seen + ", which nobody wrote there");
            } else if (writer.outcome() == Outcome.REFUSED) {
                faults.add(seen + ", which was refused: " + evidence.tell(writer));
            } else if (found.time() < writer.start()) {
                faults.add(seen + ", before it was written: " + evidence.tell(writer));
            }
            Found other = first.putIfAbsent(found.value() + " " + found.key(), found);
            if (other != null && other.revision() != found.revision()) {
                faults.add(seen + ", " + other.where() + " at " + other.revision() + ": it took effect twice");
            }
        }
        return faults.verdict(evidence.found().size() + " sights of " + first.size() + " values");
    }
}
