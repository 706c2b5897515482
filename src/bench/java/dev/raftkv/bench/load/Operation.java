package dev.raftkv.bench.load;

/** What a client asks for. */
public enum Operation {
    /** Writes a key that is not there. */
    CREATE,
    /** Writes a key that is there. */
    WRITE,
    /** Reads what the asked node has. */
    READ,
    /** Reads so that each write that was acknowledged before is seen, or the nearest that the peer has. */
    LINEARIZABLE_READ;

    boolean isRead() {
        return this == READ || this == LINEARIZABLE_READ;
    }
}
