package dev.raftkv.launch;

/** The server runs, and the node in it does not; the log has told why. */
public final class NodeNotStarted extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param reason a sentence for the operator */
    public NodeNotStarted(String reason) {
        super(reason);
    }
}
