package dev.raftkv.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a node sees itself and its cluster at one moment. Indexes are -1 where there is none.
 *
 * @param lastContactMillis since the leader was last heard, 0 on the leader, empty if it never was
 * @param failure why the node serves nothing, if it is stopped by a failure
 * @param identity who the node is, and what has become of it
 */
public record NodeStatus(
        String nodeId,
        Role role,
        long term,
        long lastLogIndex,
        long lastLogTerm,
        long commitIndex,
        long appliedIndex,
        long lastSnapshotIndex,
        long lastSnapshotTerm,
        OptionalLong lastContactMillis,
        List<Member> members,
        Optional<String> leaderId,
        Optional<String> leaderHttpAddress,
        Optional<String> failure,
        Identity identity) {}
