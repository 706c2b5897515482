package dev.raftkv.model;

/**
 * A key as a backup has it.
 *
 * @param createRevision the store revision that created the key, &ge; 1
 * @param changeRevision the store revision of its last change, &ge; createRevision
 * @param version the number of changes since its creation, &ge; 1
 * @param ttlMillis how long it has to live, in milliseconds of cluster time; 0 for ever
 */
public record SavedKey(
        Key key, JsonText value, long createRevision, long changeRevision, long version, long ttlMillis) {}
