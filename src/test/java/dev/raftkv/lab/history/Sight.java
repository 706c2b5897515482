package dev.raftkv.lab.history;

/**
 * What one watcher saw, in its order.
 *
 * @param watcher the watcher's number
 * @param node the number of the node that was asked
 * @param id the event id: that of the event, or the last that was known when it was asked or ended; empty for none
 * @param key that of a change, else null
 * @param value what a put stored, else null
 * @param revision of a change: its own; of {@link What#OPEN}: that behind which the watcher begins if there is no id yet; of
 *     {@link What#GONE}: the oldest that is kept
 * @param createRevision that of a put, else 0
 * @param version that of a put, else 0
 * @param time when it came, by {@link System#nanoTime} of the clients' JVM
 */
public record Sight(
        int watcher,
        int node,
        What what,
        String id,
        String key,
        String value,
        long revision,
        long createRevision,
        long version,
        long time) {
    /** What a watcher may see. */
    public enum What {
        /** It asks a node. */
        OPEN,
        PUT,
        DELETE,
        EXPIRE,
        /** Nothing happened up to the id. */
        POSITION,
        /** What it asked for is not kept any more; it goes on with the oldest that is. */
        GONE,
        /** The stream or answer is over, in whatever way. */
        END;

        public boolean isChange() {
            return this == PUT || this == DELETE || this == EXPIRE;
        }
    }
}
