package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A lock that several clients want, each by a session of its own, while leaders are killed and stand still. */
final class LocksIT {
    private static final int CLIENTS = 4;
    private static final int TTL_SECONDS = 3;
    private static final int HOLDS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String LOCK = "/store/it/lock";

    private final Http http = Http.following(Duration.ofSeconds(5));
    private final AtomicBoolean stop = new AtomicBoolean();
    private final Resource resource = new Resource();

    /** What the lock protects: it does what README tells it to do. */
    private static final class Resource {
        private final Set<Long> seen = new TreeSet<>();
        private long greatest;

        /** Whether the token is not that of a holder of before. */
        synchronized boolean use(long token) {
            seen.add(token);
            boolean taken = token >= greatest;
            greatest = Math.max(greatest, token);
            return taken;
        }

        synchronized int holds() {
            return seen.size();
        }
    }

    /** One client; what it finds wrong it throws. */
    private final class Client implements Callable<Void> {
        private final ServerCluster cluster;
        private int node;
        private String session = "";
        /** A moment before which the node has not seen the last renewal that it has answered. */
        private long renewed;

        private Client(ServerCluster cluster, int node) {
            this.cluster = cluster;
            this.node = node % ServerCluster.SIZE;
        }

        @Override
        public Void call() throws Exception {
            while (!stop.get()) {
                try {
                    hold();
                } catch (IOException e) {
                    // Of a node that is down, or stands still: another one may know more.
                    node = (node + 1) % ServerCluster.SIZE;
                }
            }
            return null;
        }

        private void hold() throws IOException {
            if (session.isEmpty()) {
                begin();
                return;
            }
            renew();
            if (session.isEmpty()) {
                return;
            }
            Reply taken = http.put(url(LOCK + "?session=" + session + "&wait=1"), "1");
            if (taken.status() != 200) {
                goOn(taken);
                return;
            }
            long token = taken.json().path("data").path("token").asLong();
            // It has the key since some moment behind its last renewal, and has it for as long as nothing ends the
            // session.
            boolean first = resource.use(token);
            boolean alive = System.nanoTime() - renewed < TimeUnit.SECONDS.toNanos(TTL_SECONDS);
            assertTrue(first || !alive, () -> "another one had a greater token than " + token);
            http.delete(url(LOCK + "?session=" + session));
        }

        private void begin() throws IOException {
            long asked = System.nanoTime();
            Reply begun = http.post(url("/session"), "{\"ttl\":" + TTL_SECONDS + "}");
            if (begun.status() == 201) {
                session = begun.json().path("data").path("id").asText();
                renewed = asked;
            } else {
                goOn(begun);
            }
        }

        private void renew() throws IOException {
            long asked = System.nanoTime();
            Reply renewal = http.put(url("/session/" + session), "");
            if (renewal.status() == 200) {
                renewed = asked;
            } else if (renewal.status() == 404) {
                long lived = System.nanoTime() - renewed;
                assertTrue(lived >= TimeUnit.SECONDS.toNanos(TTL_SECONDS), () -> "ended after " + lived + " ns");
                session = "";
            } else {
                goOn(renewal);
            }
        }

        private String url(String path) {
            return cluster.url(node, path);
        }

        private void goOn(Reply reply) {
            assertTrue(Set.of(409, 503, 504).contains(reply.status()), reply::toString);
            if (reply.status() != 409) {
                node = (node + 1) % ServerCluster.SIZE;
            }
        }
    }

    private void awaitHolds() {
        int goal = resource.holds() + HOLDS;
        eventually(LIMIT, () -> assertTrue(resource.holds() >= goal, () -> resource.holds() + " holds"));
    }

    @Test
    void tokensGrowAndNoSessionEndsEarlyWhenLeadersAreKilledAndStandStill() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        try (ServerCluster cluster = ServerCluster.start(war::node, "locks")) {
            cluster.joinAll();
            List<Future<Void>> clients = new ArrayList<>();
            for (int number = 0; number < CLIENTS; number++) {
                clients.add(threads.submit(new Client(cluster, number)));
            }
            awaitHolds();
            for (int round = 0; round < 2; round++) {
                int killed = cluster.awaitLeader();
                cluster.kill(killed);
                awaitHolds();
                cluster.restart(killed);

                int stopped = cluster.awaitLeader();
                signal(cluster, stopped, "STOP");
                try {
                    awaitHolds();
                } finally {
                    signal(cluster, stopped, "CONT");
                }
                cluster.awaitLeader();
                awaitHolds();
            }
            stop.set(true);
            for (Future<Void> client : clients) {
                client.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            assertSameEverywhere(cluster);
        } finally {
            stop.set(true);
            threads.shutdownNow();
        }
    }

    private static void signal(ServerCluster cluster, int node, String signal) throws Exception {
        new ProcessBuilder("kill", "-" + signal, Long.toString(cluster.pid(node)))
                .start()
                .waitFor();
    }

    private void assertSameEverywhere(ServerCluster cluster) {
        eventually(LIMIT, () -> {
            Set<JsonNode> sessions = new HashSet<>();
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                Reply reply = http.get(cluster.url(node, "/session?consistency=linearizable"));
                assertEquals(200, reply.status(), reply::toString);
                sessions.add(reply.json().path("data"));
            }
            assertEquals(1, sessions.size(), sessions::toString);
        });
    }

    /** Servers cut connections off on which nothing moves for half a minute, but not those of requests that they are to answer. */
    @Test
    void aWaitMayBeLongerThanAnIdleConnection() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(Container.values().length);
        Http patient = Http.plain(Duration.ofSeconds(60));
        List<Future<Reply>> waits = new ArrayList<>();
        List<ServerCluster> clusters = new ArrayList<>();
        try {
            for (Container container : Container.values()) {
                ServerCluster cluster = ServerCluster.start(container, "locks-" + container);
                clusters.add(cluster);
                String one = begin(patient, cluster);
                String other = begin(patient, cluster);
                assertEquals(
                        200,
                        patient.put(cluster.url(0, LOCK + "?session=" + one), "1")
                                .status());
                waits.add(threads.submit(
                        () -> patient.put(cluster.url(0, LOCK + "?session=" + other + "&wait=40"), "1")));
            }
            for (Future<Reply> wait : waits) {
                Reply reply = wait.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                assertEquals(409, reply.status(), reply::toString);
                assertTrue(reply.text().contains("in the 40 s for which this request has waited"), reply::toString);
            }
        } finally {
            threads.shutdownNow();
            clusters.forEach(ServerCluster::close);
        }
    }

    private static String begin(Http http, ServerCluster cluster) throws IOException {
        Reply begun = http.post(cluster.url(0, "/session"), "{\"ttl\":120}");
        assertEquals(201, begun.status(), begun::toString);
        return begun.json().path("data").path("id").asText();
    }
}
