package dev.raftkv.machine;

/** How much of what a transaction reads is in its outcome; what it writes is always. */
enum Detail {
    /** The values, for who waits for them. */
    VALUES,
    /** When the keys were changed. */
    HISTORIES,
    /** No result at all. */
    NOTHING
}
