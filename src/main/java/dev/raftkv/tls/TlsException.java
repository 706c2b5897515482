package dev.raftkv.tls;

/** A certificate or key that cannot be used. The message says which, why, and what to do. */
public final class TlsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the operator */
    public TlsException(String message) {
        super(message);
    }

    /** @param message a sentence for the operator */
    public TlsException(String message, Throwable cause) {
        super(message, cause);
    }
}
