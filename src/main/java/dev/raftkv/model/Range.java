package dev.raftkv.model;

import java.util.Optional;

/**
 * Which keys a list shows, and in which order of their bytes.
 *
 * @param separator if it is there, one level is shown: of the keys in which it follows behind the prefix only what stands before
 *     and with it, once; not empty
 * @param after shows what follows this one, a key or what a list has shown in the place of keys; need not be there
 * @param reverse whether the last ones come first
 */
public record Range(Prefix prefix, Optional<Prefix> separator, Optional<Key> after, boolean reverse) {
    /** All keys. */
    public static final Range ALL = of(Prefix.ALL);

    /** All keys that start with a prefix. */
    public static Range of(Prefix prefix) {
        return new Range(prefix, Optional.empty(), Optional.empty(), false);
    }
}
