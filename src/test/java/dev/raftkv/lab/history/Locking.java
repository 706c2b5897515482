package dev.raftkv.lab.history;

/**
 * What somebody did who wants a lock for a session, and had it. Each has a session of its own, and makes one request at a time.
 *
 * @param contender its number
 * @param what it was
 * @param lock the key
 * @param session its session
 * @param ttlSeconds that of the session
 * @param start before it was sent, by {@link System#nanoTime} of the clients' JVM
 * @param end after its answer, or its failure
 * @param outcome of {@link What#WRITE}: whether what the lock protects took it
 * @param token that of the hold, of {@link What#SEE} that which the key shows; {@link Answer#UNTOLD} if it is not told or there is none
 * @param owner of {@link What#SEE}: whose the key is, null for nobody
 */
public record Locking(
        int contender,
        What what,
        String lock,
        String session,
        int ttlSeconds,
        long start,
        long end,
        Outcome outcome,
        long token,
        String owner) {
    /** What a contender may do. */
    public enum What {
        BEGIN,
        RENEW,
        /** Asks for the lock, and waits for it perhaps. */
        TAKE,
        /** Writes to what the lock protects, with its token; the other end refuses a token that is smaller than another it saw. */
        WRITE,
        /** A linearizable read of the key. */
        SEE,
        RELEASE,
        /** Ends its session, and the hold with it. */
        END
    }

    public boolean isDone() {
        return outcome == Outcome.DONE;
    }

    /** Whether the session lives for all of its time from then on. */
    public boolean gaveLife() {
        return isDone() && (what == What.BEGIN || what == What.RENEW);
    }

    /** Whether the lock may be let go from then on, by what was asked for. */
    public boolean mayLetGo() {
        return outcome != Outcome.REFUSED && (what == What.RELEASE || what == What.END);
    }
}
