package dev.raftkv.lab.fault;

/** What a fault of a link is for: between nodes, that is; clients reach all nodes at all times. */
public enum Traffic {
    RAFT,
    HTTP,
    ALL;

    /** Whether it is meant too where this is. */
    boolean includes(Traffic one) {
        return this == ALL || this == one;
    }
}
