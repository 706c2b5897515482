package dev.raftkv.model;

import java.util.Optional;
import java.util.UUID;

/**
 * Why an operation of a {@link Command.OfConsul.Txn} cannot be.
 *
 * @param operation its place among all, from 0
 * @param current the revision of the key's last change for {@link Kind#OTHER_REVISION}; 0 otherwise
 * @param holder the session that has the key, for {@link Kind#OTHER_SESSION}
 */
public record ConsulError(int operation, Kind kind, long current, Optional<UUID> holder) {
    /** What is in its way. */
    public enum Kind {
        /** There is no such key. */
        NO_KEY,
        /** There is such a key. */
        KEY_THERE,
        /** The key was changed at another revision than a write or removal is for. */
        STALE,
        /** The key was changed at another revision than it was to be compared with. */
        OTHER_REVISION,
        /** Another session has the key than it was to be compared with, or none has. */
        OTHER_SESSION,
        /** The session that was to have the key has ended, or has never been. */
        NO_SUCH_SESSION,
        /** Another session has the key that was to be acquired. */
        HELD,
        /** A session that had the key ended just now. */
        LOCK_DELAY,
        /** The session does not have the key that it was to release. */
        NOT_HELD,
        /** The session has as many keys as it may. */
        TOO_MANY_KEYS_OF_SESSION
    }

    /** Of an operation that can tell no more. */
    public ConsulError(int operation, Kind kind) {
        this(operation, kind, 0, Optional.empty());
    }
}
