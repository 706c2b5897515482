package dev.raftkv.lab.history;

import java.math.BigInteger;

/**
 * What a client did with a counter: an add, with all its attempts, or a linearizable read. Each client adds in lanes of its own:
 * the unit of a lane is so large that what is added in the lanes below never reaches it, so that a sum tells how often it was
 * added in each.
 *
 * @param lane in which it was added, {@link #READ} for a read
 * @param attempts how often it was sent; more than once only if it was certain that nothing was changed, or under one name
 * @param named whether it was sent with an idempotency key
 * @param start before it was sent first, by {@link System#nanoTime} of the clients' JVM
 * @param end after its end was known, or given up
 * @param sum what the counter came to or was, null if not told
 * @param revision that of the key's last change then, {@link Answer#UNTOLD} if not told, 0 if there was no such key
 */
public record Counting(
        int client,
        String key,
        int lane,
        boolean named,
        int attempts,
        long start,
        long end,
        Outcome outcome,
        BigInteger sum,
        long revision) {
    public static final int READ = -1;

    /** More than anybody adds in one lane in one run. */
    private static final BigInteger LANE = BigInteger.TEN.pow(8);

    public boolean isDone() {
        return outcome == Outcome.DONE;
    }

    public boolean isAdd() {
        return lane != READ;
    }

    /** What is added once in a lane. */
    public static BigInteger unit(int lane) {
        return LANE.pow(lane);
    }

    /** How often it was added in a lane of a sum. */
    public static long times(BigInteger sum, int lane) {
        return sum.divide(unit(lane)).mod(LANE).longValueExact();
    }
}
