package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static java.util.stream.Collectors.toMap;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.kv.Interest;
import dev.raftkv.kv.KnownKeys;
import dev.raftkv.kv.Reader;
import dev.raftkv.kv.Watch;
import dev.raftkv.model.Code;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Watches that begin with the keys that are there, while these change and the leader goes. */
@Timeout(180)
class PresentKeysIT {
    private static final String[] NODES = {"node1", "node2", "node3"};
    private static final int KEYS = 500;

    @TempDir
    Path directory;

    private final AtomicInteger done = new AtomicInteger();
    private final AtomicBoolean enough = new AtomicBoolean();

    /** By whoever leads; what fails may have happened, too. */
    private void write(List<Node> nodes) {
        Random random = new Random(13);
        while (!enough.get()) {
            for (Node node : nodes) {
                try {
                    NodeCluster.put(node, "k/" + random.nextInt(KEYS), Integer.toString(done.get()));
                    done.incrementAndGet();
                } catch (KvException e) {
                    assertTrue(e.code() != Code.INVALID, e::toString);
                }
            }
        }
    }

    @Test
    void aFollowerTellsEachChangeOnceThroughTheDeathOfTheLeader() throws Exception {
        try (NodeCluster cluster = new NodeCluster(directory).form(NODES)) {
            String leader = cluster.leaderOf(NODES);
            for (int i = 0; i < KEYS; i++) {
                cluster.put(leader, "k/" + i, "0");
            }
            List<Node> nodes = List.copyOf(cluster.running());
            Node follower = nodes.stream()
                    .filter(node -> node != cluster.node(leader))
                    .findFirst()
                    .orElseThrow();
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(nodes));
            KnownKeys known = new KnownKeys();
            Interest all = new Interest(Optional.empty(), Prefix.ALL);
            try (Watch watch = follower.kv().watches().watchFromPresent(all, () -> {})) {
                while (known.revisions().size() < KEYS / 2) {
                    watch.poll(1).forEach(known::take);
                }
                assertFalse(known.hasEnded());
                cluster.stop(leader);
                int before = done.get();
                eventually(NodeCluster.PATIENCE, () -> {
                    watch.poll(1).forEach(known::take);
                    assertTrue(done.get() > before + 100, () -> done + " writes after " + before);
                });
                eventually(NodeCluster.PATIENCE, () -> {
                    for (int i = 0; i < 500; i++) {
                        watch.poll(1).forEach(known::take);
                    }
                    assertTrue(known.hasEnded());
                });
                enough.set(true);
                writer.get(60, TimeUnit.SECONDS);
                NodeCluster.current(follower);
                eventually(NodeCluster.PATIENCE, () -> {
                    watch.poll(1 << 20).forEach(known::take);
                    assertEquals(revisions(follower), known.revisions());
                });
            }
            cluster.start(leader);
            cluster.assertStoresEqual();
        }
    }

    private static Map<Key, Long> revisions(Node node) {
        Reader reader = node.kv().reader();
        return reader.keys(Range.ALL, 10_000).stream()
                .collect(toMap(
                        Listed::name,
                        found -> reader.get(found.name()).orElseThrow().changeRevision()));
    }
}
