package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Role;
import dev.raftkv.model.Write;
import dev.raftkv.ops.HttpMeter;
import dev.raftkv.testkit.TestConfigs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node whose disk has less room than its limit, which here is twice what is free. */
@Timeout(90)
class LowDiskIT {
    private static final Pattern HANDOVERS = Pattern.compile("(?m)^raftkv_raft_disk_handovers_total ([0-9]+)$");

    @TempDir
    Path directory;

    private NodeCluster cluster;
    private long tooMuch;

    @BeforeEach
    void open() throws IOException {
        cluster = new NodeCluster(directory);
        tooMuch = 2 * Files.getFileStore(directory).getUsableSpace();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void awaitRefusal(String node) {
        eventually(NodeCluster.PATIENCE, () -> {
            KvException refusal = assertThrows(KvException.class, () -> cluster.put(node, "key", "2"));
            assertEquals(Code.NO_SPACE, refusal.code(), refusal::toString);
        });
    }

    private long handovers(String node) {
        String metrics = cluster.node(node).metrics().text(new HttpMeter(Map.of()));
        Matcher count = HANDOVERS.matcher(metrics);
        assertTrue(count.find(), metrics);
        return Long.parseLong(count.group(1));
    }

    @Test
    void keysCanBeRemovedAndLocksEnd() {
        cluster.start("node1");
        cluster.put("node1", "key", "1");
        Command lock = new Command.Put(Key.of("lock"), NodeCluster.json("1"), 5_000);
        NodeCluster.await(cluster.node("node1").kv().write(Write.of(lock), Outcome.Stored.class));
        NodeConfig config = cluster.node("node1").config();
        cluster.stop("node1");
        cluster.start(TestConfigs.with(config, new NodeConfig.Storage(8 << 20, tooMuch, 100_000, 64 << 20)));
        awaitRefusal("node1");
        assertEquals(Optional.of("1"), cluster.get("node1", "key"));
        NodeCluster.await(cluster.node("node1").kv().write(Write.of(new Command.Delete(Key.of("key"))), Outcome.class));
        assertEquals(Optional.empty(), cluster.get("node1", "key"));
        NodeCluster.await(cluster.node("node1").kv().barrier());
        eventually(NodeCluster.PATIENCE, () -> assertEquals(Optional.empty(), cluster.get("node1", "lock")));
    }

    @Test
    void nothingIsTakenFarBelowTheLimit() {
        cluster.withMinFreeBytes(8 * tooMuch).start("node1");
        awaitRefusal("node1");
        KvException refusal = assertThrows(
                KvException.class,
                () -> NodeCluster.await(
                        cluster.node("node1").kv().write(Write.of(new Command.Delete(Key.of("key"))), Outcome.class)));
        assertEquals(Code.NO_SPACE, refusal.code());
        KvException read = assertThrows(
                KvException.class,
                () -> NodeCluster.await(cluster.node("node1").kv().barrier()));
        assertEquals(Code.UNAVAILABLE, read.code());
        assertTrue(read.getMessage().contains("RAFT_MIN_FREE_DISK_MB"), read::getMessage);
    }

    @Test
    void theLeadershipGoesToAMemberWithRoom() {
        cluster.withMinFreeBytes(tooMuch).start("node1");
        cluster.withMinFreeBytes(1 << 20).start("node2");
        try {
            cluster.join("node1", "node2");
        } catch (KvException e) {
            assertTrue(e.getMessage().startsWith("the node is a member, but"), "it hands over at once: " + e);
        }
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(Role.LEADER, cluster.status("node2").role()));
        assertEquals("node2", cluster.leaderOf("node1", "node2"));
        eventually(NodeCluster.PATIENCE, () -> cluster.put("node2", "key", "1"));
        eventually(NodeCluster.PATIENCE, () -> assertEquals(1, handovers("node1")));
        assertEquals(0, handovers("node2"));
        cluster.assertStoresEqual();
    }
}
