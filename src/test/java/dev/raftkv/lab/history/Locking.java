package dev.raftkv.lab.history;

/**
 * What somebody did who wants a lock for a session, and had it. Each has a session of its own, and makes one request at a time.
 *
 * @param contender its number
 * @param what it was
 * @param lock the key
 * @param session its session
 * @param ttlSeconds for how long the session lives at least after each renewal
 * @param start before it was sent, by {@link System#nanoTime} of the clients' JVM
 * @param end after its answer, or its failure
 * @param outcome of {@link What#WRITE}: whether what the lock protects took it
 * @param token that of the hold, of {@link What#SEE} that which the key shows; {@link Answer#UNTOLD} if it is not told or there is none
 * @param owner of {@link What#SEE}: whose the key is, null for nobody
 * @param delayMillis for how long nobody gets the lock when the session ends while it has it
 * @param revision of {@link What#STORE} that was done: when, by the store
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
        String owner,
        long delayMillis,
        long revision) {
    /** What a contender may do. */
    public enum What {
        BEGIN,
        RENEW,
        /** Asks for the lock, and waits for it perhaps. */
        TAKE,
        /** Writes to what the lock protects, with its token; the other end refuses a token that is smaller than another it saw. */
        WRITE,
        /** Stores its token under another key, in a transaction that is done only while the lock is its session's. */
        STORE,
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

    /** One of a session without a lock delay, that is no store. */
    public Locking(
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
        this(contender, what, lock, session, ttlSeconds, start, end, outcome, token, owner, 0, Answer.UNTOLD);
    }

    /** Whether the lock may be let go from then on, by what was asked for. */
    public boolean mayLetGo() {
        return outcome != Outcome.REFUSED && (what == What.RELEASE || what == What.END);
    }
}
