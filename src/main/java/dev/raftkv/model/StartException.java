package dev.raftkv.model;

/**
 * A node cannot start, for a reason that its operator can remove: a port in use, data of another node, a damaged file. The
 * message is for the operator: what is the matter, where, and what to do.
 */
public final class StartException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public StartException(String message) {
        super(message);
    }

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
