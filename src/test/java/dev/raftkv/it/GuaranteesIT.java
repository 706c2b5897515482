package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.client.RaftkvClient;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What clients of three servers may rely on, as they see it over HTTP. */
final class GuaranteesIT {
    private static final int CLIENTS = 9;
    private static final int ROUNDS = 15;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Http curl = Http.following(Duration.ofSeconds(15));
    private final Http http = Http.plain(Duration.ofSeconds(15));

    @Test
    void guaranteesHold() throws Exception {
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        try (ServerCluster cluster = ServerCluster.start(war::node, "guarantees")) {
            cluster.joinAll();
            oneOfManyCompareAndSetsWins(cluster);
            whatIsAcknowledgedIsReadEverywhere(cluster);
            watchersSeeEachChangeOnceThroughLeaderChanges(cluster);
            aCutOffFollowerDoesNotLie(cluster);
        }
    }

    /** Each client works through a node of its own; all read the same tag, and one of them may change it. */
    private void oneOfManyCompareAndSetsWins(ServerCluster cluster) throws Exception {
        put(cluster, 0, "cas", "0");
        CyclicBarrier together = new CyclicBarrier(CLIENTS);
        List<Callable<List<Boolean>>> clients = new ArrayList<>();
        for (int number = 0; number < CLIENTS; number++) {
            int client = number;
            clients.add(() -> compareAndSet(cluster, client, together));
        }
        int[] winners = new int[ROUNDS];
        for (List<Boolean> won : all(clients)) {
            for (int round = 0; round < ROUNDS; round++) {
                winners[round] += won.get(round) ? 1 : 0;
            }
        }
        for (int round = 0; round < ROUNDS; round++) {
            assertEquals(1, winners[round], "winners of round " + round);
        }
    }

    /** Whether it has won, for each round. */
    private static List<Boolean> compareAndSet(ServerCluster cluster, int number, CyclicBarrier together)
            throws Exception {
        RaftkvClient client = cluster.client(number % ServerCluster.SIZE);
        List<Boolean> won = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            long read = client.get("cas").orElseThrow().revision();
            together.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
            won.add(client.compareAndSet("cas", read, Integer.toString(number)).isPresent());
            together.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        return won;
    }

    private void whatIsAcknowledgedIsReadEverywhere(ServerCluster cluster) throws IOException {
        for (int i = 0; i < 60; i++) {
            Reply write = put(cluster, i % ServerCluster.SIZE, "seen", Integer.toString(i));
            String revision = write.headers().firstValue("Store-Revision").orElseThrow();
            int reader = (i + 1) % ServerCluster.SIZE;
            for (String level : List.of("consistency=linearizable", "min_revision=" + revision)) {
                Reply read = http.get(cluster.url(reader, "/store/seen?" + level));
                assertEquals(i, read.json().path("data").path("value").asInt(), read::toString);
            }
        }
    }

    private void watchersSeeEachChangeOnceThroughLeaderChanges(ServerCluster cluster) throws Exception {
        long first = Long.parseLong(http.get(cluster.url(0, "/store/seen?consistency=linearizable"))
                .headers()
                .firstValue("Store-Revision")
                .orElseThrow());
        AtomicBoolean stop = new AtomicBoolean();
        AtomicBoolean enough = new AtomicBoolean();
        ConcurrentLinkedQueue<String> written = new ConcurrentLinkedQueue<>();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<List<String>>> watchers = new ArrayList<>();
            for (int number = 0; number < 3; number++) {
                long seed = System.nanoTime() + number;
                watchers.add(threads.submit(() -> watch(cluster, first, new Random(seed), enough)));
            }
            Future<?> writer = threads.submit(() -> write(cluster, stop, written));
            for (int kill = 0; kill < 3; kill++) {
                int before = written.size();
                eventually(LIMIT, () -> assertTrue(written.size() > before + 20, "writes: " + written.size()));
                int leader = cluster.awaitLeader();
                cluster.kill(leader);
                cluster.awaitLeader();
                cluster.restart(leader);
            }
            stop.set(true);
            writer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            // The history is what happened; a watcher must have seen the same, no more and no less.
            Reply history = eventually(LIMIT, () -> {
                Reply all = http.get(cluster.url(0, "/watch?prefix=w/&wait=5&from_revision=" + (first + 1)));
                assertTrue(all.json().path("data").size() >= written.size(), all::toString);
                return all;
            });
            List<String> expected = new ArrayList<>();
            history.json()
                    .path("data")
                    .forEach(change -> expected.add(change.path("id").asText()));
            String last = expected.get(expected.size() - 1);
            put(cluster, cluster.awaitLeader(), "w/end", "1");
            for (Future<List<String>> watcher : watchers) {
                List<String> seen = watcher.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                assertEquals(expected, seen.subList(0, seen.indexOf(last) + 1));
            }
        } finally {
            stop.set(true);
            enough.set(true);
            threads.shutdownNow();
        }
    }

    /** No write fails, whoever dies. */
    private static Void write(ServerCluster cluster, AtomicBoolean stop, ConcurrentLinkedQueue<String> written)
            throws IOException {
        RaftkvClient client = cluster.client(0).withDeadline(LIMIT);
        for (int i = 0; !stop.get(); i++) {
            written.add(Long.toString(client.put("w/" + i % 50, Integer.toString(i))));
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
        return null;
    }

    /** The ids of all changes, by connections to random nodes that end after a random number of events. */
    private static List<String> watch(ServerCluster cluster, long first, Random random, AtomicBoolean enough) {
        EventClient client = new EventClient();
        List<String> seen = new ArrayList<>();
        boolean[] ended = {false};
        while (!enough.get() && !ended[0]) {
            int node = random.nextInt(ServerCluster.SIZE);
            int until = seen.size() + 1 + random.nextInt(60);
            try {
                client.read(
                        cluster.url(node, "/watch?prefix=w/&from_revision=" + (first + 1)),
                        () -> enough.get() || ended[0] || seen.size() >= until,
                        event -> {
                            if (event.name().equals("put")) {
                                seen.add(event.id());
                                ended[0] |= event.data().contains("\"w/end\"");
                            }
                        });
            } catch (IOException e) {
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
        return seen;
    }

    private void aCutOffFollowerDoesNotLie(ServerCluster cluster) throws IOException {
        int leader = cluster.awaitLeader();
        int follower = (leader + 1) % ServerCluster.SIZE;
        cluster.kill(leader);
        cluster.kill((leader + 2) % ServerCluster.SIZE);
        Reply refused = http.get(cluster.url(follower, "/store/seen?consistency=linearizable"));
        assertEquals(503, refused.status(), refused::toString);
        assertEquals("1", refused.headers().firstValue("Retry-After").orElse("none"));
        assertEquals(200, http.get(cluster.url(follower, "/store/seen")).status());
    }

    private Reply put(ServerCluster cluster, int node, String key, String value) throws IOException {
        Reply reply = curl.put(cluster.url(node, "/store/" + key), value);
        assertEquals(200, reply.status(), reply::toString);
        return reply;
    }

    private static <T> List<T> all(List<Callable<T>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(tasks, LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
