package dev.raftkv.web;

import dev.raftkv.config.ConfigException;
import dev.raftkv.model.KvException;

/** Says to users why a node did not start. */
final class StartFailure {
    private StartFailure() {}

    static String sentence(RuntimeException failure) {
        return "this node did not start: " + reason(failure) + ". Correct this, then start the node again.";
    }

    private static String reason(RuntimeException failure) {
        if (failure instanceof ConfigException config) {
            return String.join("; ", config.problems());
        }
        if (failure instanceof KvException) {
            return failure.getMessage().replaceFirst("\\.$", "");
        }
        return "unexpected failure, whose stack is in the log: " + failure;
    }
}
