package dev.raftkv.lab;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.lab.fault.Network;
import dev.raftkv.lab.fault.Proxies;
import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Leaders that stand still for longer than their lease, one after the other, while keys with a ttl live. */
@Alone
final class PauseIT {
    private static final int SIZE = 3;
    private static final int ROUNDS = 3;
    private static final int TTL_SECONDS = 6;
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Http http = Http.plain(Duration.ofSeconds(15));

    /** Of each key when it was sent: its time begins later. */
    private final Map<String, Long> sent = new HashMap<>();

    /** By node, the keys that it has shown. */
    private final Map<Integer, Set<String>> shown = new HashMap<>();

    @TempDir
    private Path directory;

    @Test
    @Timeout(180)
    void noKeyExpiresEarlyAndEachDoes() throws Exception {
        try (Network network = Proxies.start(SIZE);
                LabCluster cluster = LabCluster.of(network, SIZE, directory, Map.of())) {
            cluster.form();
            for (int round = 0; round < ROUNDS; round++) {
                int leader = cluster.awaitLeader();
                put(cluster, leader, "before" + round);
                cluster.node(leader).pause();
                List<Integer> others = cluster.others(leader);
                int next = eventually(SOON, () -> {
                    int found = cluster.leader();
                    assertNotEquals(leader, found);
                    return found;
                });
                put(cluster, next, "during" + round);
                // The keys of this round are in the middle of their lives when the leader goes on.
                lookUntil(cluster, others, sent.get("during" + round) + seconds(TTL_SECONDS / 2));
                cluster.node(leader).resume();
                cluster.awaitReady();
                put(cluster, cluster.awaitLeader(), "after" + round);
                lookUntil(cluster, List.of(0, 1, 2), sent.get("after" + round) + seconds(TTL_SECONDS / 2));
            }
            long last = sent.values().stream().mapToLong(each -> each).max().orElseThrow();
            lookUntil(cluster, List.of(0, 1, 2), last + seconds(TTL_SECONDS));
            for (int node = 0; node < SIZE; node++) {
                int each = node;
                eventually(SOON, () -> assertEquals(Set.of(), keys(cluster, each)));
            }
            shown.values().forEach(sent.keySet()::removeAll);
            assertTrue(sent.keySet().stream().allMatch(key -> key.startsWith("before")), sent::toString);
        }
    }

    private static long seconds(long seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }

    private void put(LabCluster cluster, int node, String key) {
        eventually(SOON, () -> {
            sent.put(key, System.nanoTime());
            Reply reply = http.put(cluster.node(node).url("/store/t/" + key + "?ttl=" + TTL_SECONDS), "1");
            assertEquals(200, reply.status(), reply::toString);
        });
    }

    /** What a node has shown stays until its time is over. */
    private void lookUntil(LabCluster cluster, List<Integer> nodes, long end) throws IOException {
        do {
            for (int node : nodes) {
                Set<String> now = keys(cluster, node);
                long answered = System.nanoTime();
                Set<String> before = shown.computeIfAbsent(node, each -> new HashSet<>());
                for (String key : before) {
                    double age = (answered - sent.get(key)) / 1e9;
                    assertTrue(
                            now.contains(key) || age >= TTL_SECONDS,
                            () -> key + " is gone from node " + node + " after " + age + " s");
                }
                before.addAll(now);
            }
        } while (System.nanoTime() < end);
    }

    private Set<String> keys(LabCluster cluster, int node) throws IOException {
        Reply reply = http.get(cluster.node(node).url("/store?prefix=t/"));
        assertEquals(200, reply.status(), reply::toString);
        Set<String> keys = new HashSet<>();
        for (JsonNode entry : reply.json().path("data")) {
            keys.add(entry.path("key").asText().substring(2));
        }
        return keys;
    }
}
