package dev.raftkv.raft.read;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.raft.log.Understanding;
import dev.raftkv.raft.look.UnwatchedVotes;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.wire.FakeMember;
import dev.raftkv.raft.wire.Wire;
import dev.raftkv.testkit.TestConfigs;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a node has to ask one other member with, which does what the test says. */
final class AskingNode implements Closeable {
    private static final Duration SOON = Duration.ofSeconds(20);

    final OwnServer own;
    final Wire wire;
    final FakeMember member = new FakeMember();
    final PeerName name = new PeerName("node2", member.address());
    final Understanding understanding;

    AskingNode(Path directory) throws IOException {
        var config = TestConfigs.node(directory, "node1", 1);
        own = new OwnServer(new PeerName(config.nodeId(), config.raftAddress()));
        wire = new Wire(
                config,
                own,
                UnwatchedVotes.of(own),
                Optional.empty(),
                false,
                new Wire.Threads(AskingNode::thread, AskingNode::thread, AskingNode::thread, AskingNode::thread, 1));
        wire.open();
        wire.members(null).addRaftPeers(List.of(name.peer()));
        understanding = new Understanding(own.name(), () -> List.of(own.name(), name), () -> 0);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    }

    boolean isConnected() {
        return wire.to(name.id()).orElseThrow().isOpen();
    }

    /** Waits until there is a connection, without a question. */
    void connect() {
        eventually(SOON, () -> {
            wire.to(name.id()).orElseThrow().prepare();
            assertTrue(isConnected());
        });
    }

    @Override
    public void close() throws IOException {
        wire.close();
        member.close();
    }
}
