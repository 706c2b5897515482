package dev.raftkv.lab;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.lab.fault.Network;
import dev.raftkv.lab.fault.Proxies;
import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A leader stands still, another one is elected and acknowledges a write, and the first goes on with reads that wait at it:
 * those that came after the write was acknowledged must not show what was before it.
 */
@Alone
final class StaleReadIT {
    private static final int SIZE = 3;
    private static final int ROUNDS = 4;
    private static final int READERS = 16;
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Http http = Http.plain(Duration.ofSeconds(20));

    @TempDir
    private Path directory;

    @Test
    @Timeout(180)
    void aLeaderThatStoodStillShowsNothingOld() throws Exception {
        ExecutorService readers = Executors.newFixedThreadPool(READERS);
        try (Network network = Proxies.start(SIZE);
                LabCluster cluster = LabCluster.of(network, SIZE, directory, Map.of())) {
            cluster.form();
            int answered = 0;
            for (int round = 0; round < ROUNDS; round++) {
                int leader = cluster.awaitLeader();
                put(cluster, leader, "old" + round);
                assertReadsMakeNoEntry(cluster, leader);
                cluster.node(leader).pause();
                int next = eventually(SOON, () -> {
                    int found = cluster.leader();
                    assertNotEquals(leader, found);
                    return found;
                });
                String now = "new" + round;
                put(cluster, next, now);
                List<CompletableFuture<Reply>> waiting = new ArrayList<>();
                for (int i = 0; i < READERS; i++) {
                    waiting.add(CompletableFuture.supplyAsync(() -> read(cluster, leader), readers));
                }
                // They lie in the sockets of the one that stands still.
                Pause.millis(100);
                cluster.node(leader).resume();
                for (CompletableFuture<Reply> read : waiting) {
                    Reply reply = read.get(SOON.toSeconds(), TimeUnit.SECONDS);
                    assertTrue(List.of(200, 503, 307).contains(reply.status()), reply::toString);
                    if (reply.status() == 200) {
                        answered++;
                        assertEquals("\"" + now + "\"", reply.text().strip());
                    }
                }
                cluster.awaitReady();
                assertEquals("\"" + now + "\"", eventually(SOON, () -> {
                    Reply reply = read(cluster, leader);
                    assertEquals(200, reply.status(), reply::toString);
                    return reply.text().strip();
                }));
            }
            assertTrue(answered > 0, "none of the reads that waited was answered");
        } finally {
            readers.shutdownNow();
        }
    }

    private Reply read(LabCluster cluster, int node) {
        try {
            return http.get(cluster.node(node).url("/store/key?raw&consistency=linearizable"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private long lastEntry(LabCluster cluster, int node) throws IOException {
        return http.get(cluster.node(node).url("/raft/stats"))
                .json()
                .path("data")
                .path("last_log_index")
                .asLong();
    }

    /** Once the members have told each other what they understand. */
    private void assertReadsMakeNoEntry(LabCluster cluster, int leader) {
        for (int node = 0; node < SIZE; node++) {
            int reader = node;
            eventually(SOON, () -> {
                long before = lastEntry(cluster, leader);
                for (int i = 0; i < 5; i++) {
                    assertEquals(200, read(cluster, reader).status());
                }
                assertEquals(before, lastEntry(cluster, leader));
            });
        }
    }

    private void put(LabCluster cluster, int node, String value) {
        eventually(SOON, () -> {
            Reply reply = http.put(cluster.node(node).url("/store/key"), "\"" + value + "\"");
            assertEquals(200, reply.status(), reply::toString);
        });
    }
}
