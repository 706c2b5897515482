package dev.raftkv.raft.look;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * Which members have connections to this node by which they have sent it entries, and whose have ended. The system ends those
 * of a process at once when it ends, whatever ends it. Thread-safe.
 */
public final class Callers {
    /** By the bytes of their ids: Ratis remembers each id that is made of some, for good. 0 for one that had some and has none. */
    private final Map<ByteString, Integer> connections = new HashMap<>();

    private long ends;

    /** A member has sent entries by a connection that had brought none yet. */
    public synchronized void came(ByteString member) {
        connections.values().removeIf(open -> open == 0);
        connections.merge(member, 1, Integer::sum);
    }

    /** A connection has ended that {@link #came} was told of. */
    public synchronized void went(ByteString member) {
        connections.merge(member, -1, Integer::sum);
        ends++;
        notifyAll();
    }

    /** Whether the member has sent entries to this node, and all connections by which it did have ended. */
    public synchronized boolean isGone(ByteString member) {
        return connections.getOrDefault(member, 1) == 0;
    }

    /** The same, and waits until it is so, for the given time at most. */
    boolean isGoneWithin(ByteString member, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        synchronized (this) {
            for (long left = millis; !isGone(member) && left > 0; left = millisUntil(deadline)) {
                wait(left);
            }
            return isGone(member);
        }
    }

    /** How many connections have ended. */
    public synchronized long ends() {
        return ends;
    }

    /** Waits until more have ended than there were, for the given time at most. */
    public synchronized void awaitEnd(long seen, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = millis; ends == seen && left > 0; left = millisUntil(deadline)) {
            wait(left);
        }
    }

    private static long millisUntil(long deadline) {
        // Rounded up: no millisecond is spent without waiting.
        return TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime() + 999_999);
    }
}
