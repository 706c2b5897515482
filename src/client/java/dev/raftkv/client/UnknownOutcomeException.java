package dev.raftkv.client;

/**
 * A write may have been done or not, or may be done still: an attempt was sent whose end nobody has seen, and no later one has
 * settled it in the time that there was. Read before writing anew.
 */
public final class UnknownOutcomeException extends RaftkvException {
    private static final long serialVersionUID = 1L;

    UnknownOutcomeException(String message, int status, Throwable cause) {
        super(message, status, cause);
    }
}
