package dev.raftkv.model;

import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * A bond between a client that is alive and the keys that it has: it ends when the client has not renewed it in time, and its
 * keys go with it, or are let go.
 *
 * @param ttlMillis for how long it lives after each renewal at least: from {@link #MIN_TTL_MILLIS} to {@link #MAX_TTL_MILLIS}, twice
 *     that if it is one of Consul's, or 0 if it does not end by itself
 * @param lockDelayMillis for how long after its end no other session may have its keys, of cluster time; at most
 *     {@link #MAX_LOCK_DELAY_MILLIS}
 * @param number how many sessions had begun or ended when it had begun: a later one has a greater one
 * @param keys how many it has
 * @param consul what else there is of one that has begun by Consul's interface
 */
public record Session(
        UUID id,
        String name,
        long ttlMillis,
        Behavior behavior,
        long lockDelayMillis,
        long number,
        long keys,
        Optional<ConsulSession> consul) {
    /** So many may there be: whoever leads holds their deadlines in memory. */
    public static final int MOST = 50_000;

    /** So many keys may one have: all of them are changed in one entry when it ends. */
    public static final int MOST_KEYS = 50_000;

    public static final long MIN_TTL_MILLIS = 1_000;

    /** A day. */
    public static final long MAX_TTL_MILLIS = 86_400_000;

    public static final long MAX_LOCK_DELAY_MILLIS = 60_000;

    /** In bytes of UTF-8. */
    public static final int MAX_NAME = 256;

    /** One that has begun by the native interface. */
    public Session(
            UUID id, String name, long ttlMillis, Behavior behavior, long lockDelayMillis, long number, long keys) {
        this(id, name, ttlMillis, behavior, lockDelayMillis, number, keys, Optional.empty());
    }

    /** The same with so many keys. */
    public Session having(long count) {
        return new Session(id, name, ttlMillis, behavior, lockDelayMillis, number, count, consul);
    }

    /** What becomes of a session's keys when it ends. */
    public enum Behavior {
        /** They are removed. */
        DELETE,
        /** They stay with their values, and are no session's any more. */
        RELEASE;

        /** The name in small letters. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
