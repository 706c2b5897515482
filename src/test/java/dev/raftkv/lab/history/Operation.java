package dev.raftkv.lab.history;

/**
 * One operation of a client, with all its attempts.
 *
 * @param client the client's number; a client has one operation at a time
 * @param asked the number of the node that was asked first
 * @param attempts how often it was sent; more than once only if it was certain that nothing was changed, or under one name
 * @param repeat whether it is a repetition of an operation of the same name that was answered before
 * @param start before it was sent first, by {@link System#nanoTime} of the clients' JVM
 * @param end after its end was known, or given up
 * @param answer the last one, null if there was none
 */
public record Operation(
        int client,
        int asked,
        int attempts,
        boolean repeat,
        Request request,
        long start,
        long end,
        Outcome outcome,
        Answer answer) {
    public boolean isDone() {
        return outcome == Outcome.DONE;
    }

    public boolean isUnknown() {
        return outcome == Outcome.UNKNOWN;
    }

    /** Whether it was refused because its condition did not hold, which tells of the key like a read. */
    public boolean isContradicted() {
        return outcome == Outcome.REFUSED && answer != null && answer.status() == 412;
    }
}
