package dev.raftkv.model;

/**
 * What a list shows in one place.
 *
 * @param name of a key, or what those keys start with in whose place it stands
 */
public record Listed(Key name, boolean isPrefix) {}
