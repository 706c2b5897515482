package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.Operation;
import java.util.HashMap;
import java.util.Map;

/**
 * What a client reads of one node does not go back, neither the store's revision nor that of a key; a read has come as far as
 * it had to, and was served as it asked for.
 */
final class LocalReads {
    static final String NAME = "reads of a client";

    private LocalReads() {}

    static Verdict check(Evidence evidence) {
        Faults faults = new Faults(NAME);
        Map<String, Operation> latest = new HashMap<>();
        long count = 0;
        for (Operation read : evidence.operations()) {
            if (!read.request().isRead() || !read.isDone()) {
                continue;
            }
            count++;
            Answer answer = read.answer();
            String who = read.client() + " " + answer.node();
            Operation before = latest.put(who, read);
            if (before != null && before.answer().storeRevision() > answer.storeRevision()) {
                faults.add("the store went back:\n  " + evidence.tell(before) + "\n  " + evidence.tell(read));
            }
            if (answer.tag() > 0) {
                Operation found = latest.put(who + " " + read.request().key(), read);
                if (found != null && found.answer().tag() > answer.tag()) {
                    faults.add("the key went back:\n  " + evidence.tell(found) + "\n  " + evidence.tell(read));
                }
            }
            if (answer.storeRevision() < read.request().minRevision()) {
                faults.add("a read has not come as far as it had to: " + evidence.tell(read));
            }
            if (answer.consistency() != null
                    && !answer.consistency().equals(read.request().level().label())) {
                faults.add("a read was served as " + answer.consistency() + ": " + evidence.tell(read));
            }
        }
        return faults.verdict(count + " reads");
    }
}
