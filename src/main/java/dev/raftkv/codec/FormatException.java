package dev.raftkv.codec;

/** Bytes of the Raft log or the store that this version of raftkv cannot read. Going on without them loses data. */
public final class FormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private FormatException(String message, Throwable cause) {
        super(message, cause);
    }

    static FormatException damaged(String what, Throwable cause) {
        return new FormatException(what + " is damaged: " + cause.getMessage(), cause);
    }

    static FormatException unknownFormat(String what, int format, int known) {
        return new FormatException(
                what + " has format " + format + ", this version of raftkv reads format " + known
                        + "; update this node to a version that reads format " + format,
                null);
    }

    static FormatException unknownContent(String what, String content) {
        return new FormatException(
                what + " holds " + content + " that this version of raftkv does not know; a newer version wrote it,"
                        + " update this node",
                null);
    }
}
