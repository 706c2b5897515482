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
    LINEARIZABLE_READ,
    /** Begins a session of a minute, or a lease: long enough to begin very many on a slow machine before the first is renewed. */
    BEGIN,
    /** Renews the session, or the lease, whose number is that of the key. */
    RENEW;

    boolean isRead() {
        return this == READ || this == LINEARIZABLE_READ;
    }
}
