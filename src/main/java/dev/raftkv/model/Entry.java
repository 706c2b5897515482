package dev.raftkv.model;

import java.util.Optional;

/**
 * A key's value and history in the store.
 *
 * @param createRevision the store revision that created the key, &ge; 1
 * @param changeRevision the store revision of its last change, &ge; createRevision
 * @param version the number of changes since its creation, &ge; 1
 * @param expiresAt the cluster time in milliseconds at which the key is removed, 0 for never
 * @param hold by the session that has the key
 */
public record Entry(
        Key key,
        JsonText value,
        long createRevision,
        long changeRevision,
        long version,
        long expiresAt,
        Optional<Hold> hold) {
    /** Of a key that no session has. */
    public Entry(Key key, JsonText value, long createRevision, long changeRevision, long version, long expiresAt) {
        this(key, value, createRevision, changeRevision, version, expiresAt, Optional.empty());
    }
}
