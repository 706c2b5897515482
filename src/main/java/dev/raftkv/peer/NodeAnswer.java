package dev.raftkv.peer;

import java.util.Map;

/**
 * What another node answers, of whatever status. Its body is whole if it is short; a long one comes in pieces, and must be
 * closed. Belongs to one thread.
 */
public final class NodeAnswer implements AutoCloseable {
    private final int status;
    private final Map<String, String> headers;
    private final byte[] bytes;
    private final NodeBody body;

    /**
     * @param headers whatever the case of their names
     * @param bytes the whole body; null if it comes in pieces
     */
    NodeAnswer(int status, Map<String, String> headers, byte[] bytes, NodeBody body) {
        this.status = status;
        this.headers = headers;
        this.bytes = bytes;
        this.body = body;
    }

    public int status() {
        return status;
    }

    /** The last value of a header field; null if there is none. */
    public String header(String name) {
        return headers.get(name);
    }

    /** Whether the body is here, and can be taken by {@link #bytes}. */
    public boolean isWhole() {
        return body == null;
    }

    /** The body, or the first piece of one that is not whole. */
    public byte[] bytes() {
        return bytes;
    }

    /** The body of an answer that is not whole, from its beginning. */
    public NodeBody body() {
        return body;
    }

    /** Lets go of what has not come yet, if somebody has not taken it over. */
    @Override
    public void close() {
        if (body != null) {
            body.close();
        }
    }
}
