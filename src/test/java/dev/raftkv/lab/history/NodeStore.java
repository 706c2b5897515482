package dev.raftkv.lab.history;

import java.util.List;

/**
 * What one node's store holds at the end.
 *
 * @param node the node's id
 * @param entries in the order of their keys
 */
public record NodeStore(String node, long revision, List<Entry> entries) {
    /** A key with its value and history. */
    public record Entry(String key, String value, long createRevision, long changeRevision, long version) {}
}
