package dev.raftkv.model;

import java.util.Optional;

/**
 * What a key was at a revision.
 *
 * @param entry empty if there was no such key
 */
public record Seen(Optional<Entry> entry, long revision) {}
