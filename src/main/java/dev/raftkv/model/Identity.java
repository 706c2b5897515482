package dev.raftkv.model;

import java.util.List;

/**
 * By what a node recognises itself, and what the others of its list have to know of it. Ids are given by people, and may be
 * given twice.
 *
 * @param logLevel what it can read in the log, see {@link #LOG_LEVEL}
 * @param asks the HTTP addresses that the node is told to ask to be joined
 */
public record Identity(String nodeId, Address raftAddress, Birth birth, List<String> asks, int logLevel) {
    /** What this version can read in the log: 1 has all but restores, 2 those too. */
    public static final int LOG_LEVEL = 2;

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
