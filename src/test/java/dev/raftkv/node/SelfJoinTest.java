package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Seals;
import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Address;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Identity;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.peer.Lane;
import dev.raftkv.peer.NodeHttp;
import dev.raftkv.testkit.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SelfJoinTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final UUID GROUP = new UUID(0, 1);

    @TempDir
    private Path directory;

    /** What it is told of the node, look by look; the last for ever. */
    private final Queue<Object> told = new ArrayDeque<>();

    private NodeStatus status() {
        Object next = told.size() > 1 ? told.remove() : told.element();
        if (next instanceof Error error) {
            throw error;
        }
        if (next instanceof RuntimeException failure) {
            throw failure;
        }
        return (NodeStatus) next;
    }

    @Test
    @Timeout(60)
    void aLookThatFailsIsNotTheLast() throws IOException {
        NodeStatus asking = status(Birth.first(true, GROUP));
        told.add(new OutOfMemoryError("for this test"));
        told.add(new IllegalStateException("for this test"));
        told.add(asking);
        told.add(asking);
        told.add(status(Birth.first(true, GROUP).enters(GROUP).born()));
        NodeConfig config = config();
        Lane lane = new NodeHttp(config.nodeId(), Seals.none(config.nodeId()), Optional.empty()).lane("ask", 1, 1);
        SelfJoin join = new SelfJoin(config, new JoinClient(config, lane), this::status, Optional::empty, () -> {
            throw new IOException("it is not the first of the list");
        });
        join.start();
        try {
            assertTrue(join.problem().isPresent());
            eventually(PATIENCE, () -> assertEquals(Optional.empty(), join.problem()));
            assertEquals(1, told.size());
        } finally {
            join.close();
            lane.close();
        }
    }

    private NodeStatus status(Birth birth) {
        return new NodeStatus(
                "node2",
                Role.FOLLOWER,
                1,
                1,
                1,
                1,
                1,
                -1,
                -1,
                OptionalLong.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new Identity("node2", new Address("127.0.0.1", 1), birth, List.of()));
    }

    private NodeConfig config() throws IOException {
        // Nobody listens there.
        String first = "http://127.0.0.1:" + FreePorts.take(1).get(0);
        try (NodeCluster nodes = new NodeCluster(directory)) {
            NodeConfig second = nodes.config("node2");
            return HttpNodes.withList(second, List.of(first, second.httpAddress()));
        }
    }
}
