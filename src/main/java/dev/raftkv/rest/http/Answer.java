package dev.raftkv.rest.http;

import dev.raftkv.rest.request.Headers;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.List;

/** What a request is answered with. Belongs to who makes it until it is given to {@link Exchange}. */
public final class Answer {
    private static final byte[] EMPTY = {};

    private final int status;
    /** Names and values by turns. */
    private final List<String> headers;

    private final byte[] bytes;
    private final Pieces pieces;
    private Runnable whenGone = () -> {};

    private Answer(int status, byte[] bytes, Pieces pieces) {
        this(status, bytes, pieces, new ArrayList<>(16));
    }

    private Answer(int status, byte[] bytes, Pieces pieces, List<String> headers) {
        this.status = status;
        this.headers = headers;
        this.bytes = bytes;
        this.pieces = pieces;
    }

    /** An answer without a body, of which nothing is told. */
    public static Answer empty(int status) {
        return new Answer(status, null, null);
    }

    /** What is left of an answer that was sent. */
    static Answer sent(int status) {
        return new Answer(status, null, null, List.of());
    }

    /** @param bytes not to be changed any more */
    public static Answer of(int status, String contentType, byte[] bytes) {
        return new Answer(status, bytes, null).header(Headers.CONTENT_TYPE, contentType);
    }

    /** An answer whose body is made while it is sent. */
    public static Answer of(int status, String contentType, Pieces pieces) {
        return new Answer(status, null, pieces).header(Headers.CONTENT_TYPE, contentType);
    }

    /** Adds a header field. */
    public Answer header(String name, String value) {
        headers.add(name);
        headers.add(value);
        return this;
    }

    /** Puts a header field in the place of another one of its name. */
    public Answer replace(String name, long value) {
        for (int i = 0; i < headers.size(); i += 2) {
            if (headers.get(i).equals(name)) {
                headers.set(i + 1, Long.toString(value));
                return this;
            }
        }
        return header(name, value);
    }

    /** Adds a header field. */
    public Answer header(String name, long value) {
        return header(name, Long.toString(value));
    }

    /** @param action when it was sent, or will not be */
    public Answer whenGone(Runnable action) {
        whenGone = action;
        return this;
    }

    public int status() {
        return status;
    }

    /** The first value of a header field; null if there is none. */
    public String header(String name) {
        for (int i = 0; i < headers.size(); i += 2) {
            if (headers.get(i).equals(name)) {
                return headers.get(i + 1);
            }
        }
        return null;
    }

    public boolean has(String name) {
        return header(name) != null;
    }

    /** Says the status and the header fields. What browsers may do with a response has been said before, less strictly. */
    void begin(HttpServletResponse response) {
        response.setStatus(status);
        for (int i = 0; i < headers.size(); i += 2) {
            if (headers.get(i).equals(Headers.CONTENT_SECURITY_POLICY)) {
                response.setHeader(headers.get(i), headers.get(i + 1));
            } else {
                response.addHeader(headers.get(i), headers.get(i + 1));
            }
        }
    }

    /** Whether the length of the body is known, which is then all of {@link #bytes}. */
    boolean isWhole() {
        return bytes != null;
    }

    /** Whether a client sees when less than all has come, also where the end of the connection is the end of the body. */
    boolean hasKnownLength() {
        return pieces == null || has(Headers.CONTENT_LENGTH);
    }

    /** The body, if it is not made while it is sent; empty if there is none. */
    public byte[] bytes() {
        return bytes == null ? EMPTY : bytes;
    }

    /** The body that is made while it is sent; null for another. */
    Pieces pieces() {
        return pieces;
    }

    void close() {
        if (pieces != null) {
            pieces.close();
        }
        whenGone.run();
    }
}
