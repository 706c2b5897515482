package dev.raftkv.raft.ratis;

/** What Ratis tells of a log's failure: a state machine. Known here before whoever has sent the entry is told. */
public interface LogWitness {
    /** Whether an entry could not be written. */
    boolean hasLogFailed();
}
