package dev.raftkv.raft;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.kv.Applied;
import dev.raftkv.kv.Replicator;
import dev.raftkv.kv.Unsent;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;

/** A node's part in Raft, and what it tells of what it applies. */
final class RaftPart {
    private static final Map<RaftNode, OwnServer> SERVERS = Collections.synchronizedMap(new WeakHashMap<>());

    final Applied applied;
    final RaftNode node;

    RaftPart(NodeConfig config) {
        NodeThreads threads = new NodeThreads(config.nodeId());
        this.applied = Applied.of(
                this::replicator,
                threads.answers(),
                threads.wakes(),
                config.limits().watches());
        OwnServer server = new OwnServer(new PeerName(config.nodeId(), config.raftAddress()));
        this.node = new RaftNode(config, Optional.empty(), false, threads, applied, Unsent.ofThisProcess(), server);
        SERVERS.put(node, server);
    }

    private Replicator replicator() {
        return node.replicator();
    }

    /** For those who look into Ratis. */
    static OwnServer server(RaftNode node) {
        return SERVERS.get(node);
    }
}
