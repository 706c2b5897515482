package dev.raftkv.model;

/**
 * A key without its value.
 *
 * @param changeRevision at which it was changed last
 */
public record Revised(Key key, long changeRevision) {}
