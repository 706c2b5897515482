package dev.raftkv.raft.look;

import java.util.OptionalLong;

/**
 * Which entries are wanted.
 *
 * @param from the index of the first; empty for the first that there is
 * @param most how many at most, 1 or more
 * @param newestFirst whether it is the latest that are wanted, in reverse order; then {@code from} is empty
 */
public record LogQuery(OptionalLong from, int most, boolean newestFirst) {}
