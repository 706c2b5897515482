package dev.raftkv.model;

import java.util.Objects;

/**
 * A failure with a stable {@link Code} and a sentence for the user that says what to do: the one failure that becomes an
 * answer to a client.
 */
public final class KvException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public KvException(Code code, String message) {
        this(code, message, null);
    }

    /** The stack trace is the cause's: these are answers, thrown by the thousand when a cluster has no leader. */
    public KvException(Code code, String message, Throwable cause) {
        super(Objects.requireNonNull(message), cause, false, false);
        this.code = Objects.requireNonNull(code);
    }

    public Code code() {
        return code;
    }
}
