package dev.raftkv.launch.certs;

/** Certificates cannot be made; the message says why, and what to do. */
public final class CertsException extends Exception {
    private static final long serialVersionUID = 1L;

    CertsException(String message) {
        super(message);
    }

    CertsException(String message, Throwable cause) {
        super(message, cause);
    }
}
