package dev.raftkv.model;

/** What a node is in its cluster just now. */
public enum Role {
    LEADER("Leader"),
    FOLLOWER("Follower"),
    CANDIDATE("Candidate"),
    LEARNER("Learner"),
    /** Removed from its cluster, not yet part of one, or stopped by a failure: serves nothing. */
    SHUTDOWN("Shutdown");

    private final String label;

    Role(String label) {
        this.label = label;
    }

    /** The name in {@code /raft/stats}, which users of raft-sample know. */
    public String label() {
        return label;
    }
}
