package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * All nodes are stopped in order and started again, one after the other, while clients write. The pause counts while a node stops,
 * not while one starts, when this machine has more to do than it can.
 */
@Alone
final class RollingRestartIT {
    private static final int CLIENTS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LONGEST_PAUSE_MILLIS = 1000;

    /** So many writes are under load, not one that was left over. */
    private static final int FLOWING = 100;

    /** A write that was not acknowledged after so many tries has failed for its client. */
    private static final int TRIES = 10;

    private final Http http = Http.following(Duration.ofSeconds(10));
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong lastWrite = new AtomicLong();
    private final AtomicLong longestPause = new AtomicLong();

    @Test
    void noWriteFailsAndNoPauseIsLong() throws Exception {
        ExecutableWar program = new ExecutableWar(Build.war(), Build.deploy());
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try (ServerCluster cluster = ServerCluster.start(program::node, "rolling-restart")) {
            cluster.joinAll();
            cluster.awaitLeader();
            lastWrite.set(System.nanoTime());
            List<Future<Integer>> clients = new ArrayList<>();
            for (int number = 0; number < CLIENTS; number++) {
                int client = number;
                clients.add(threads.submit(() -> write(cluster, client)));
            }
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                long before = writes.get();
                eventually(PATIENCE, () -> assertTrue(writes.get() >= before + FLOWING));
                longestPause.set(0);
                cluster.stop(node);
                long millis = TimeUnit.NANOSECONDS.toMillis(
                        Math.max(longestPause.get(), System.nanoTime() - lastWrite.get()));
                assertTrue(millis <= LONGEST_PAUSE_MILLIS, "no write for " + millis + " ms");
                cluster.restart(node);
                int restarted = node;
                eventually(
                        PATIENCE,
                        () -> assertEquals(
                                200,
                                http.get(cluster.url(restarted, "/health/ready"))
                                        .status()));
            }
            stop.set(true);
            for (int number = 0; number < CLIENTS; number++) {
                int written = clients.get(number).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertTrue(written > 0);
                Reply last = http.get(cluster.url(0, "/store/client" + number + "?consistency=linearizable"));
                assertEquals(written, last.json().path("data").path("value").asInt(), last::toString);
            }
        } finally {
            stop.set(true);
            threads.shutdownNow();
        }
    }

    /** Counts up; returns how far it came. */
    private int write(ServerCluster cluster, int client) throws Exception {
        int count = 0;
        while (!stop.get()) {
            count++;
            writeOnce(cluster, client, count);
            writes.incrementAndGet();
            long now = System.nanoTime();
            longestPause.accumulateAndGet(now - lastWrite.getAndSet(now), Math::max);
        }
        return count;
    }

    /** As a careful client does: the next node if nobody answers, and a pause if a node asks for one. */
    private void writeOnce(ServerCluster cluster, int client, int count) throws Exception {
        List<String> seen = new ArrayList<>();
        for (int attempt = 0; attempt < TRIES; attempt++) {
            String url = cluster.url((client + attempt) % ServerCluster.SIZE, "/store");
            try {
                Reply reply = http.post(
                        url,
                        "{\"key\":\"client" + client + "\",\"value\":" + count + "}",
                        "Idempotency-Key",
                        "\"" + client + "-" + count + "\"");
                if (reply.status() == 200) {
                    return;
                }
                seen.add(url + " " + reply);
                if (reply.status() != 503) {
                    break;
                }
                TimeUnit.SECONDS.sleep(
                        Long.parseLong(reply.headers().firstValue("Retry-After").orElseThrow()));
            } catch (IOException e) {
                seen.add(url + " " + e);
            }
        }
        throw new AssertionError("a write failed: " + seen);
    }
}
