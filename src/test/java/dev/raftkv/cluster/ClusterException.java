package dev.raftkv.cluster;

/** The cluster cannot do what was asked; the message is for the one who asked, and says what to do. */
final class ClusterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClusterException(String message) {
        super(message);
    }

    ClusterException(String message, Throwable cause) {
        super(message, cause);
    }
}
