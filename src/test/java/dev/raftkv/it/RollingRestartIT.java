package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeCommand;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All nodes are stopped by SIGTERM and started again, one after the other, while clients write and others watch. */
@Alone
@Timeout(300)
final class RollingRestartIT {
    private static final int CLIENTS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LONGEST_PAUSE_MILLIS = 1000;

    /** Of one client, while the machine has more to do than it can. A server that held its clients would hold them longer. */
    private static final long LONGEST_WAIT_AT_A_START_MILLIS = 5000;

    /**
     * A leader that hands over does so in less; without it no pause could be short enough. And no member takes a machine that
     * starts a server and stands still meanwhile for a leader that has gone.
     */
    private static final String ELECTION_TIMEOUT_MILLIS = "1500";

    /** So many writes are under load, not one that was left over. */
    private static final int FLOWING = 100;

    /** A write that was not acknowledged in so long has failed for its client. */
    private static final Duration WRITE_LIMIT = Duration.ofSeconds(10);

    /** Before another node is asked, where one is that cannot be reached. */
    private static final long UNREACHED_MILLIS = 20;

    private final Http http = Http.following(Duration.ofSeconds(10));
    private final HttpClient watcher = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS + 1);
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLongArray writes = new AtomicLongArray(CLIENTS);
    private final AtomicLong lastWrite = new AtomicLong();

    /** Between two acknowledged writes, of whichever clients. */
    private final AtomicLong longestPause = new AtomicLong();

    /** For the acknowledgement of one write, without the times for which a node has sent its client away. */
    private final AtomicLong longestWait = new AtomicLong();

    /** What those have seen who waited too long. */
    private final Queue<String> slow = new ConcurrentLinkedQueue<>();

    private record Way(String name, NodeCommand servers) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Way> ways() {
        return Stream.concat(
                Stream.of(way("war", new ExecutableWar(Build.war(), Build.deploy())::node)),
                Stream.of(Container.values()).map(container -> way(container.name(), container)));
    }

    private static Way way(String name, NodeCommand servers) {
        return new Way(
                name,
                (node, base) -> servers.node(node, base).with("RAFT_ELECTION_TIMEOUT_MS", ELECTION_TIMEOUT_MILLIS));
    }

    @AfterEach
    void end() {
        stop.set(true);
        threads.shutdownNow();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void noWriteFailsAndNoPauseIsLong(Way way, TestReporter reporter) throws Exception {
        try (ServerCluster cluster = ServerCluster.start(way.servers(), "rolling-restart-" + way)) {
            cluster.joinAll();
            int first = cluster.awaitLeader();
            lastWrite.set(System.nanoTime());
            List<Future<Integer>> clients = IntStream.range(0, CLIENTS)
                    .mapToObj(client -> threads.submit(() -> write(cluster, client)))
                    .toList();
            for (int i = 0; i < ServerCluster.SIZE; i++) {
                int node = (first + i) % ServerCluster.SIZE;
                awaitWrites(FLOWING);
                stop(cluster, node, reporter);
                start(cluster, node, reporter);
            }
            stop.set(true);
            for (int client = 0; client < CLIENTS; client++) {
                int written = clients.get(client).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                Reply last = http.get(cluster.url(0, "/store/client" + client + "?consistency=linearizable"));
                assertEquals(written, last.json().path("data").path("value").asInt(), last::toString);
            }
        }
    }

    private void stop(ServerCluster cluster, int node, TestReporter reporter) throws Exception {
        boolean leads = cluster.awaitLeader() == node;
        HttpResponse<InputStream> watch = watcher.send(
                HttpRequest.newBuilder(URI.create(cluster.url(node, "/watch?prefix=nothing")))
                        .build(),
                BodyHandlers.ofInputStream());
        assertEquals(200, watch.statusCode());
        forget();
        boolean handedOver = stopAndLook(cluster, node);
        awaitWrites(1);
        reporter.publishEntry(leads ? "a leader stops" : "a follower stops", seen());
        assertTrue(millis(longestPause) <= LONGEST_PAUSE_MILLIS, this::seen);
        assertTrue(millis(longestWait) <= LONGEST_PAUSE_MILLIS, this::seen);
        assertTrue(handedOver || !leads, "the leader has handed nothing over");
        // To its end, which is one: a stream that is cut off ends with an exception.
        watch.body().readAllBytes();
    }

    private void start(ServerCluster cluster, int node, TestReporter reporter) throws Exception {
        forget();
        cluster.restart(node);
        eventually(
                PATIENCE,
                () -> assertEquals(
                        200, http.get(cluster.url(node, "/health/ready")).status()));
        awaitWrites(1);
        reporter.publishEntry("a node starts", seen());
        assertTrue(millis(longestWait) <= LONGEST_WAIT_AT_A_START_MILLIS, this::seen);
    }

    private void forget() {
        longestPause.set(0);
        longestWait.set(0);
        slow.clear();
    }

    private String seen() {
        return "no write for " + millis(longestPause) + " ms, and one has waited for " + millis(longestWait) + " ms"
                + (slow.isEmpty() ? "" : "; what was slow:\n" + String.join("\n", slow));
    }

    /** Whether another node leads while this one's process still runs. */
    private boolean stopAndLook(ServerCluster cluster, int node) throws Exception {
        String id = cluster.spec(node).nodeId();
        Future<?> stopped = threads.submit(() -> cluster.stop(node));
        boolean handedOver = false;
        while (!stopped.isDone()) {
            String leader = cluster.stats((node + 1) % ServerCluster.SIZE)
                    .path("leader_id")
                    .asText();
            handedOver |= !stopped.isDone() && !leader.isEmpty() && !leader.equals(id);
            TimeUnit.MILLISECONDS.sleep(20);
        }
        stopped.get();
        return handedOver;
    }

    /** Waits until each client has written so often again. */
    private void awaitWrites(int more) {
        long[] before = IntStream.range(0, CLIENTS).mapToLong(writes::get).toArray();
        eventually(PATIENCE, () -> {
            for (int client = 0; client < CLIENTS; client++) {
                assertTrue(
                        writes.get(client) >= before[client] + more, "client " + client + " does not write: " + seen());
            }
        });
    }

    private static long millis(AtomicLong nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos.get());
    }

    /** Counts up; returns how far it came. */
    private int write(ServerCluster cluster, int client) throws Exception {
        int count = 0;
        while (!stop.get()) {
            count++;
            List<String> seen = new ArrayList<>();
            long waited = writeOnce(cluster, client, count, seen);
            long now = System.nanoTime();
            longestPause.accumulateAndGet(now - lastWrite.getAndSet(now), Math::max);
            longestWait.accumulateAndGet(waited, Math::max);
            if (TimeUnit.NANOSECONDS.toMillis(waited) > LONGEST_PAUSE_MILLIS) {
                slow.add("client" + client + " " + seen);
            }
            writes.incrementAndGet(client);
        }
        return count;
    }

    /**
     * As a careful client does: the next node if nobody answers, and a pause if a node asks for one. Returns the nanoseconds that it
     * took without those pauses.
     */
    private long writeOnce(ServerCluster cluster, int client, int count, List<String> seen) throws Exception {
        long begun = System.nanoTime();
        long sentAway = 0;
        for (int attempt = 0; System.nanoTime() - begun < WRITE_LIMIT.toNanos(); attempt++) {
            String url = cluster.url((client + attempt) % ServerCluster.SIZE, "/store");
            String when = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) + " ms: " + url + " ";
            try {
                Reply reply = http.post(
                        url,
                        "{\"key\":\"client" + client + "\",\"value\":" + count + "}",
                        "Idempotency-Key",
                        "\"" + client + "-" + count + "\"");
                seen.add(when + reply.uri() + " " + reply);
                if (reply.status() == 200) {
                    return System.nanoTime() - begun - sentAway;
                }
                if (reply.status() != 503) {
                    break;
                }
                long asked = System.nanoTime();
                TimeUnit.SECONDS.sleep(
                        Long.parseLong(reply.headers().firstValue("Retry-After").orElse("1")));
                sentAway += System.nanoTime() - asked;
            } catch (IOException e) {
                seen.add(when + e);
                TimeUnit.MILLISECONDS.sleep(UNREACHED_MILLIS);
            }
        }
        slow.add("client" + client + " has failed " + seen);
        throw new AssertionError("a write failed: " + seen);
    }
}
