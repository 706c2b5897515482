package dev.raftkv.kv;

import dev.raftkv.model.Change;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The changes that a watch is about: those of one key, or of keys with a prefix, of some kinds.
 *
 * @param key then the prefix does not count
 */
public record Interest(Optional<Key> key, Prefix prefix, Set<Change.Kind> kinds) {
    /** Whoever has it is not told of keys, but woken when a session has begun or ended. */
    public static final Interest SESSIONS =
            new Interest(Optional.empty(), Prefix.ALL, EnumSet.noneOf(Change.Kind.class));

    /** Changes of all kinds. */
    public Interest(Optional<Key> key, Prefix prefix) {
        this(key, prefix, EnumSet.allOf(Change.Kind.class));
    }

    boolean isInSessions() {
        return kinds.isEmpty();
    }

    boolean covers(Change change) {
        return kinds.contains(change.kind()) && covers(change.key());
    }

    private boolean covers(Key other) {
        return key.isPresent() ? key.get().equals(other) : prefix.covers(other);
    }
}
