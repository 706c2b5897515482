package dev.raftkv.rest.consul.text;

/**
 * The indexes that clients of Consul know, each by one above what it stands for: an index is never 0, and 1 stands for nothing yet, so
 * that who has seen nothing waits for the first change.
 */
public final class ConsulIndex {
    /** That of no change. */
    private static final long NEVER = -1;

    private ConsulIndex() {}

    /** @param number a revision, or how many sessions have begun or ended */
    public static long of(long number) {
        return number + 1;
    }

    /** The revision of a change that a client means, negative if there cannot be such a one. */
    public static long revision(long index) {
        return index > 1 ? index - 1 : NEVER;
    }

    /** The revision that a key is to have: 0 for none, as its index. */
    public static long expected(long index) {
        return index == 0 ? 0 : revision(index);
    }
}
