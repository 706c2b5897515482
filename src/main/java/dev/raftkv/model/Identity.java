package dev.raftkv.model;

import java.util.List;

/**
 * By what a node recognises itself, and what the others of its list have to know of it. Ids are given by people, and may be
 * given twice.
 *
 * @param asks the HTTP addresses that the node is told to ask to be joined
 */
public record Identity(String nodeId, Address raftAddress, Birth birth, List<String> asks) {
    /** Whether this is the same node, as it was a moment ago or is now. */
    public boolean is(Identity other) {
        return nodeId.equals(other.nodeId)
                && raftAddress.equals(other.raftAddress)
                && birth.group().equals(other.birth.group());
    }
}
