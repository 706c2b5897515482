package dev.raftkv.launch;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.logging.Formatter;

/** How the log looks. */
enum LogFormat {
    /** For people. */
    TEXT {
        @Override
        Formatter formatter() {
            return new TextFormatter();
        }
    },
    /** For programs that collect logs. */
    JSON {
        @Override
        Formatter formatter() {
            return new JsonFormatter();
        }
    };

    abstract Formatter formatter();

    /** As users write it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<String> words() {
        return Arrays.stream(values()).map(LogFormat::word).toList();
    }

    static LogFormat of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
