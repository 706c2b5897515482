package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.kv.Applied;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import dev.raftkv.raft.members.Membership.Asked;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.TestConfigs;
import dev.raftkv.testkit.Together;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Raft nodes in this JVM, for tests that look into them. The first one leads first. */
final class RaftCluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final Duration ELECTION = Duration.ofMillis(500);

    private final Map<String, NodeConfig> configs = new TreeMap<>();
    private final Map<String, RaftNode> nodes = new TreeMap<>();
    private final Map<String, Applied> applied = new TreeMap<>();

    RaftCluster(Path directory, String... ids) throws Exception {
        this(config -> config, directory, ids);
    }

    /** @param settings of each node, from those that are usual */
    RaftCluster(UnaryOperator<NodeConfig> settings, Path directory, String... ids) throws Exception {
        for (String id : ids) {
            int port = FreePorts.take(1).get(0);
            configs.put(id, settings.apply(TestConfigs.node(directory, id, port)));
            start(id);
        }
        for (String id : List.of(ids).subList(1, ids.length)) {
            node(ids[0])
                    .membership()
                    .join(Asked.voter(id, configs.get(id).raftAddress()))
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    RaftNode start(String id) throws IOException {
        RaftPart part = new RaftPart(configs.get(id));
        applied.put(id, part.applied);
        RaftNode node = part.node;
        nodes.put(id, node);
        node.start();
        return node;
    }

    void stop(String id) {
        nodes.remove(id).close();
    }

    /** What a node has applied since it was started last. */
    Applied applied(String id) {
        return applied.get(id);
    }

    RaftNode node(String id) {
        return nodes.get(id);
    }

    /** Waits until a node leads, and has applied what its predecessors left. */
    RaftNode awaitLeader(String id) {
        eventually(
                PATIENCE, () -> assertTrue(RaftPart.server(node(id)).readyTerm().isPresent(), id + " leads"));
        return node(id);
    }

    /** Makes a node the leader in the place of another. */
    RaftNode handOver(String from, String to) {
        RaftNode leader = node(from);
        eventually(
                PATIENCE,
                () -> assertTrue(
                        RaftPart.server(leader)
                                .transferLeadership(
                                        RaftPart.server(node(to)).name().id(), ELECTION.multipliedBy(4))
                                .isSuccess(),
                        from + " hands over to " + to));
        return awaitLeader(to);
    }

    /** Waits until all nodes have applied the same. */
    void awaitEqual() {
        eventually(
                PATIENCE,
                () -> assertEquals(
                        1,
                        nodes.values().stream()
                                .map(node -> node.status().read().appliedIndex())
                                .distinct()
                                .count()));
    }

    static Outcome put(RaftNode node, String key, long ttlMillis) throws Exception {
        return begin(node, key, ttlMillis).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    static CompletableFuture<Outcome> begin(RaftNode node, String key, long ttlMillis) {
        JsonText value = new JsonText("1".getBytes(StandardCharsets.UTF_8));
        return node.replicator().write(Write.of(new Command.Put(Key.of(key), value, ttlMillis)));
    }

    static boolean has(RaftNode node, String key) {
        return node.replicator().store().get(Key.of(key)).isPresent();
    }

    @Override
    public void close() {
        List<RaftNode> left = List.copyOf(nodes.values());
        nodes.clear();
        // While all are there each finds at once who takes its leadership; a leader whose followers go waits for them.
        left.forEach(RaftNode::retire);
        Together.each(left, RaftNode::close);
    }
}
