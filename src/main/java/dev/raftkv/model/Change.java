package dev.raftkv.model;

import java.util.Optional;

/**
 * What happened to one key at one revision.
 *
 * @param revision that of the command, &ge; 1; a command that changes several keys has several changes of one revision
 * @param ordinal the change's place among those of its revision, from 0
 * @param entry the key's entry after a {@link Kind#PUT}; empty otherwise
 */
public record Change(long revision, int ordinal, Kind kind, Key key, Optional<Entry> entry) {
    /** What a change was. */
    public enum Kind {
        PUT,
        DELETE,
        /** The key's time was over. */
        EXPIRE
    }

    /** About how much memory and disk the change takes, in bytes. */
    public int size() {
        return 64 + key.utf8().length + entry.map(e -> e.value().length()).orElse(0);
    }
}
