package dev.raftkv.bench.load;

import java.nio.ByteBuffer;

/** How a peer is spoken to over one connection. Without state, as the numbers that a protocol wants are given. */
public interface Wire {
    /** What can be said of bytes that have come. */
    enum Reply {
        /** There is no whole reply yet. */
        UNFINISHED,
        /** What was asked for was done. */
        GOOD,
        /** It was not, or the value is missing. */
        BAD
    }

    /** What a new connection sends first, and gets one reply to, which {@link #welcome} takes; empty if nothing is. */
    byte[] hello();

    /** As {@link #take}, for the reply to {@link #hello}. */
    Reply welcome(ByteBuffer in);

    /**
     * The bytes of one request.
     *
     * @param key the number of the key
     * @param serial how many requests there were before it, &ge; 0
     */
    byte[] request(Operation operation, long key, long serial);

    /** How many replies a request gets; what counts of a read is in the last. */
    int replies(Operation operation);

    /**
     * Takes one whole reply out of the buffer, or leaves it as it is.
     *
     * @param in from its position to its limit, with what has come
     * @param last whether it is the last one to its request
     */
    Reply take(ByteBuffer in, Operation operation, boolean last);

    /** What a connection sends before it ends; empty if nothing is. */
    byte[] farewell();
}
