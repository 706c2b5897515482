package dev.raftkv.peer;

import dev.raftkv.access.Seals;
import java.util.Map;
import java.util.Optional;

/**
 * What another node answers, of whatever status. Its body is whole if it is short; a long one comes in pieces, and must be
 * closed. Belongs to one thread.
 */
public final class NodeAnswer implements AutoCloseable {
    private static final int UNAUTHORIZED = 401;
    private static final int MISDIRECTED = 421;

    private final int status;
    private final Map<String, String> headers;
    private final Optional<Seals.Made> seal;
    private final boolean encrypted;
    private final byte[] bytes;
    private final NodeBody body;

    /**
     * @param headers whatever the case of their names
     * @param seal of the request; empty if it had none
     * @param encrypted whether only the other side has seen the request
     * @param bytes the whole body; null if it comes in pieces
     */
    NodeAnswer(
            int status,
            Map<String, String> headers,
            Optional<Seals.Made> seal,
            boolean encrypted,
            byte[] bytes,
            NodeBody body) {
        this.status = status;
        this.headers = headers;
        this.seal = seal;
        this.encrypted = encrypted;
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

    /** Whether it is about who asks or is asked, and not about what is asked. */
    public boolean isDistrust() {
        return status == UNAUTHORIZED || status == MISDIRECTED || header(Seals.REFUSED) != null;
    }

    /** Whether the request said who asks, in a way that can be proved. */
    public boolean wasSealed() {
        return seal.isPresent();
    }

    /**
     * Whether the request was refused for who asks or is asked, by somebody who knows the secret, so that nothing was done, and
     * nothing will be: nobody else can have taken it to another node.
     */
    public boolean isProvenRefusal() {
        return encrypted
                && seal.filter(made -> made.isRefusedBy(header(Seals.REFUSED))).isPresent();
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
