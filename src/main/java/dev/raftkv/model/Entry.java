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
 * @param flags what its writer has noted with it: all 64 bits are its own; other writers keep them
 * @param lockIndex how often sessions have got the key since its creation, of those that did at {@link
 *     Command.OfConsul#LEVEL} or later
 */
public record Entry(
        Key key,
        Value value,
        long createRevision,
        long changeRevision,
        long version,
        long expiresAt,
        Optional<Hold> hold,
        long flags,
        long lockIndex) {
    /** Of a key that nobody has flagged, and no session has. */
    public Entry(Key key, JsonText value, long createRevision, long changeRevision, long version, long expiresAt) {
        this(key, value, createRevision, changeRevision, version, expiresAt, Optional.empty());
    }

    /** Of a key that nobody has flagged, and no session had whose turns were counted. */
    public Entry(
            Key key,
            JsonText value,
            long createRevision,
            long changeRevision,
            long version,
            long expiresAt,
            Optional<Hold> hold) {
        this(key, Value.of(value), createRevision, changeRevision, version, expiresAt, hold, 0, 0);
    }
}
