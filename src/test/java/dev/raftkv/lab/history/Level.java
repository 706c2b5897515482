package dev.raftkv.lab.history;

import java.util.Locale;

/** How current a read must be. */
public enum Level {
    EVENTUAL,
    LEADER,
    LINEARIZABLE;

    /** As requests and answers write it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
