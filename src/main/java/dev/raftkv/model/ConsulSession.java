package dev.raftkv.model;

import java.util.concurrent.TimeUnit;

/**
 * What Consul's interface shows of a session, beside what it has in common with all.
 *
 * @param node by whose name it is found; any text
 * @param ttl as its client wrote it, of whatever form; may be empty
 * @param lockDelayNanos as its client gave it, in nanoseconds; at least 0
 * @param checks JSON text of what is shown of its checks, the members of an object without its braces; shown and never looked at
 */
public record ConsulSession(String node, String ttl, long lockDelayNanos, String checks) {
    /** For how long its keys are kept from others when it has ended: milliseconds, rounded up, as many as any session may have. */
    public long lockDelayMillis() {
        long milli = TimeUnit.MILLISECONDS.toNanos(1);
        return (Math.min(lockDelayNanos, Session.MAX_LOCK_DELAY_MILLIS * milli) + milli - 1) / milli;
    }
}
