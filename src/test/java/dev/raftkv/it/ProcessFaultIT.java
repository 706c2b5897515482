package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** {@code kill -9} under writes: no acknowledged write is lost, and none comes back after a later one. */
final class ProcessFaultIT {
    private static final int CLIENTS = 6;
    private static final int KILLS = 8;
    private static final int WRITES_BETWEEN_KILLS = 200;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong acknowledged = new AtomicLong();
    private final Http http = Http.plain(Duration.ofSeconds(10));

    @Test
    void noAcknowledgedWriteIsLostOrAppliedAgainWhenProcessesAreKilled() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        try (ServerCluster cluster = ServerCluster.start(war::node, "process-fault")) {
            cluster.joinAll();
            List<Future<List<KeyHistory>>> clients = new ArrayList<>();
            for (int number = 0; number < CLIENTS; number++) {
                clients.add(threads.submit(new FaultClient(number, cluster, stop, acknowledged)));
            }
            for (int kill = 0; kill < KILLS; kill++) {
                killOne(cluster, kill);
            }
            stop.set(true);
            List<KeyHistory> histories = new ArrayList<>();
            for (Future<List<KeyHistory>> client : clients) {
                histories.addAll(client.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
            }
            awaitSameIndex(cluster);
            assertTrue(acknowledged.get() > KILLS * (long) WRITES_BETWEEN_KILLS);
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                for (KeyHistory history : histories) {
                    assertAllowed(cluster, node, history);
                }
            }
        } finally {
            stop.set(true);
            threads.shutdownNow();
        }
    }

    /** Leader and followers in turn; the next kill comes only when the killed one has caught up. */
    private void killOne(ServerCluster cluster, int kill) throws Exception {
        awaitProgress();
        int leader = cluster.awaitLeader();
        int victim = kill % 2 == 0 ? leader : (leader + 1 + kill / 2 % 2) % ServerCluster.SIZE;
        cluster.kill(victim);
        int next = cluster.awaitLeader();
        awaitProgress();
        long committed = cluster.stats(next).path("commit_index").asLong();
        cluster.restart(victim);
        eventually(LIMIT, () -> {
            long applied = cluster.stats(victim).path("applied_index").asLong();
            assertTrue(applied >= committed, "applied " + applied + " of " + committed);
        });
    }

    private void awaitProgress() {
        long goal = acknowledged.get() + WRITES_BETWEEN_KILLS / 2;
        eventually(
                LIMIT, () -> assertTrue(acknowledged.get() > goal, "acknowledged " + acknowledged + ", not " + goal));
    }

    private void awaitSameIndex(ServerCluster cluster) {
        cluster.awaitLeader();
        eventually(LIMIT, () -> {
            long index = cluster.stats(0).path("applied_index").asLong();
            for (int node = 1; node < ServerCluster.SIZE; node++) {
                assertEquals(index, cluster.stats(node).path("applied_index").asLong());
            }
        });
    }

    private void assertAllowed(ServerCluster cluster, int node, KeyHistory history) throws Exception {
        Reply reply = http.get(cluster.url(node, "/store/" + history.key()));
        assertTrue(reply.status() == 200 || reply.status() == 404, reply::toString);
        OptionalInt value = FaultClient.valueOf(reply);
        assertTrue(history.allows(value), () -> "node" + (node + 1) + " has " + value + " but " + history);
    }
}
