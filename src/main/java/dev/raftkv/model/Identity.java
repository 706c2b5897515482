package dev.raftkv.model;

import java.util.List;

/**
 * By what a node recognises itself, and what the others of its list have to know of it. Ids are given by people, and may be
 * given twice.
 *
 * @param logLevel what it understands of others, see {@link #LOG_LEVEL}
 * @param asks the HTTP addresses that the node is told to ask to be joined
 */
public record Identity(String nodeId, Address raftAddress, Birth birth, List<String> asks, int logLevel) {
    /**
     * What this version understands of others: at 1 it can read all of the log but restores, at 2 those too, at 3 it answers at
     * its Raft port what reads ask, and those who find the leader gone, at 4 it can read counters and sequences in the log, at 6
     * sessions, at 7 ranges in transactions, at 8 semaphores, at 9 settings, at 10 sessions in transactions, at 11 the
     * history with what keys were before, and at 12 what Consul's interface writes.
     */
    public static final int LOG_LEVEL = 12;

    /** A node of this version. */
    public Identity(String nodeId, Address raftAddress, Birth birth, List<String> asks) {
        this(nodeId, raftAddress, birth, asks, LOG_LEVEL);
    }

    /** Whether this is the same node, as it was a moment ago or is now. */
    public boolean is(Identity other) {
        return nodeId.equals(other.nodeId)
                && raftAddress.equals(other.raftAddress)
                && birth.group().equals(other.birth.group());
    }
}
