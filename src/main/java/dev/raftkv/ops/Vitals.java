package dev.raftkv.ops;

import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.raft.RaftFigures;
import java.util.Optional;

/**
 * What a node's health depends on, at one moment.
 *
 * @param failure what has stopped the node, if so
 * @param idle why the node serves nothing, if so
 * @param disk why the node takes no writes for want of disk space, if so
 * @param joining whom the node asks to be joined, if it does
 * @param leader the leader that the node knows, if so; not the node itself before it takes writes
 * @param lagEntries entries committed in the cluster, as far as the node has heard, that it has not applied
 * @param standstill which part of the work on the log gets nothing done, if so
 */
public record Vitals(
        Optional<String> failure,
        Optional<String> idle,
        Optional<String> disk,
        Optional<String> joining,
        Optional<String> leader,
        long lagEntries,
        Optional<String> standstill) {

    /** @param joining whom the node asks to be joined, if it does */
    public static Vitals of(NodeStatus status, RaftFigures figures, Optional<String> joining) {
        long known = figures.knownCommitIndex().orElse(-1);
        return new Vitals(
                status.failure(),
                figures.idleReason(),
                figures.diskProblem(),
                joining,
                status.role() == Role.SHUTDOWN || figures.isBecomingLeader() ? Optional.empty() : status.leaderId(),
                Math.max(0, known - Math.max(0, status.appliedIndex())),
                figures.standstill());
    }
}
