package dev.raftkv.web;

import dev.raftkv.config.ConfigException;
import dev.raftkv.model.KvException;
import dev.raftkv.model.StartException;

/** Says to users why a node did not start. */
final class StartFailure {
    private StartFailure() {}

    /** Whether the sentence tells all: the stack of what an operator has to mend helps nobody. */
    static boolean isExpected(RuntimeException failure) {
        return failure instanceof ConfigException
                || failure instanceof StartException
                || failure instanceof KvException;
    }

    static String sentence(RuntimeException failure) {
        return "this node did not start: " + reason(failure) + ". Correct this, then start the node again.";
    }

    private static String reason(RuntimeException failure) {
        if (failure instanceof ConfigException config) {
            return String.join("; ", config.problems());
        }
        return isExpected(failure)
                ? failure.getMessage().replaceFirst("\\.$", "")
                : "unexpected failure, whose stack is in the log: " + failure;
    }
}
