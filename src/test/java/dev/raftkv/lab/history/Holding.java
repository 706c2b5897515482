package dev.raftkv.lab.history;

/**
 * One request of who has a session, or what was found of its key. A holder has one session after the other, and makes one request
 * at a time.
 *
 * @param holder the holder's number
 * @param what it was
 * @param session its id; null if it was to begin, and was not told
 * @param ttlSeconds for how long the session lives at least after each renewal
 * @param key which the session has or is to have, null if it is not about one
 * @param start before it was sent, by {@link System#nanoTime} of the clients' JVM
 * @param end after its answer, or its failure
 * @param outcome {@link Outcome#DONE} says that the session was there; for {@link What#END} that it is not any more
 * @param gone whether the answer says that the session has ended, or that the key is not its own any more
 */
public record Holding(
        int holder,
        What what,
        String session,
        int ttlSeconds,
        String key,
        long start,
        long end,
        Outcome outcome,
        boolean gone) {
    /** What a holder may do. */
    public enum What {
        BEGIN,
        /** A key is stored as the session's. */
        TAKE,
        RENEW,
        /** A linearizable read of the key, or of the sessions that there are. */
        LOOK,
        END,
        /** It was still there when all was over, long after the last renewal of any; nobody asked for it. */
        LEFT
    }

    public boolean isDone() {
        return outcome == Outcome.DONE;
    }

    /** Whether the session lives for all of its time from then on. */
    public boolean gaveLife() {
        return isDone() && (what == What.BEGIN || what == What.RENEW);
    }
}
