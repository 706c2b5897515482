package dev.raftkv.kv;

import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import java.util.Optional;

/**
 * The keys that a watch is about: one, or those with a prefix.
 *
 * @param key then the prefix does not count
 */
public record Interest(Optional<Key> key, Prefix prefix) {
    boolean covers(Key other) {
        return key.isPresent() ? key.get().equals(other) : prefix.covers(other);
    }
}
