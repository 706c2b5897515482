package dev.raftkv.peer;

import java.io.IOException;

/** A request that another node did not answer. The message says why, in the words of the network. */
public final class NoAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** How far the request had come. */
    public enum Reason {
        /** Nothing was sent: the lane has more to do than it can. */
        LANE_FULL,
        /** Nothing was sent: the lane is closed. */
        CLOSED,
        /** Nothing was sent: there is no connection. */
        UNREACHABLE,
        /** It was sent, or a part of it; what became of it is unknown. */
        UNKNOWN
    }

    NoAnswerException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
