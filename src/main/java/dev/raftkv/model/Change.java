package dev.raftkv.model;

import java.util.Optional;

/**
 * What happened to one key at one revision.
 *
 * @param revision that of the command, &ge; 1; a command that changes several keys has several changes of one revision
 * @param ordinal the change's place among those of its revision, from 0
 * @param entry the key's entry after a {@link Kind#PUT}; empty otherwise
 * @param previous the key's entry before it; empty if there was none, which {@link #isCreation} tells, or if it is not kept
 */
public record Change(long revision, int ordinal, Kind kind, Key key, Optional<Entry> entry, Optional<Entry> previous) {
    /** What a change was. */
    public enum Kind {
        PUT,
        DELETE,
        /** The key's time was over. */
        EXPIRE
    }

    /** Of which it is not kept what the key was before. */
    public Change(long revision, int ordinal, Kind kind, Key key, Optional<Entry> entry) {
        this(revision, ordinal, kind, key, entry, Optional.empty());
    }

    /** Whether there was no such key before it. */
    public boolean isCreation() {
        return entry.isPresent() && entry.get().version() == 1;
    }

    /** About how much memory and disk the change takes, in bytes. */
    public int size() {
        return 64
                + key.utf8().length
                + entry.map(e -> e.value().length()).orElse(0)
                + previous.map(e -> 64 + e.value().length()).orElse(0);
    }
}
