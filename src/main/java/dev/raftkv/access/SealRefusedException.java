package dev.raftkv.access;

/** A node's request is not taken, because of who it says it is or whom it asks. The message says why, and what to do. */
public final class SealRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final String NO_PROOF = "-";

    private final int status;
    private final String proof;

    /** @param proof null if this node may have carried the request out before, or still might */
    SealRefusedException(int status, String message, String proof) {
        super(message);
        this.status = status;
        this.proof = proof;
    }

    /** 403, 421 (misdirected) or 503. Not 401, as no credentials that a client could give would help. */
    public int status() {
        return status;
    }

    /**
     * For the field {@link Seals#REFUSED}, by which this answer is told from one to whoever has asked the node that passes the
     * request on.
     */
    public String proof() {
        return proof == null ? NO_PROOF : proof;
    }
}
