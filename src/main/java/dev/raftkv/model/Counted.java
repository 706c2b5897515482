package dev.raftkv.model;

import java.util.Optional;

/**
 * How many keys of a range were counted.
 *
 * @param until the last of them, if more keys follow it; empty if these are all
 */
public record Counted(long keys, Optional<Key> until) {}
