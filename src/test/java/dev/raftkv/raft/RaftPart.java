package dev.raftkv.raft;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.kv.Applied;
import dev.raftkv.kv.Replicator;
import dev.raftkv.kv.Unsent;

/** A node's part in Raft, and what it tells of what it applies. */
final class RaftPart {
    final Applied applied;
    final RaftNode node;

    RaftPart(NodeConfig config) {
        NodeThreads threads = new NodeThreads(config.nodeId());
        this.applied = Applied.of(
                this::replicator,
                threads.answers(),
                threads.wakes(),
                config.limits().watches());
        this.node = new RaftNode(config, threads, applied, Unsent.ofThisProcess());
    }

    private Replicator replicator() {
        return node.replicator();
    }
}
