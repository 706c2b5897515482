package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.client.RaftkvClient;
import dev.raftkv.client.RaftkvClient.Entry;
import dev.raftkv.client.RaftkvClient.Level;
import dev.raftkv.client.RaftkvClient.Page;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.ServerCluster;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client for programs, and real nodes. */
@Timeout(300)
final class ClientIT {
    private static final int THREADS = 6;
    private static final int INCREMENTS = 100;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final AtomicInteger done = new AtomicInteger();
    private final Http http = Http.plain(Duration.ofSeconds(10));

    @Test
    void itReadsAndWritesAndCountsThroughTheDeathOfALeader() throws Exception {
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        try (ServerCluster cluster = ServerCluster.start(war::node, "client")) {
            cluster.joinAll();
            keysAreReadAsTheyWereWritten(cluster);
            theExampleOfTheReadmeRuns(cluster);
            eachIncrementCountsOnce(cluster);
        }
    }

    private static void keysAreReadAsTheyWereWritten(ServerCluster cluster) throws IOException {
        int leader = cluster.awaitLeader();
        RaftkvClient client = cluster.client((leader + 1) % ServerCluster.SIZE);
        assertEquals(Optional.empty(), client.get("odd/a"));
        String key = "odd/ä &+%\"?#//x";
        long revision = client.put(key, "{\"n\": 1.10}");
        Entry stored = new Entry(key, "{\"n\": 1.10}", revision);
        for (Level level : Level.values()) {
            assertEquals(Optional.of(stored), client.withReads(level).get(key), () -> "read " + level);
        }
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            assertEquals(Optional.of(stored), cluster.client(node).get(key), "beginning at " + node);
        }
        assertEquals(OptionalLong.empty(), client.compareAndSet(key, 0, "2"));
        long second = client.compareAndSet("odd/b", 0, "[2]").orElseThrow();
        long third = client.compareAndSet("odd/b", second, "null").orElseThrow();
        assertEquals(
                new Page(List.of(new Entry("odd/b", "null", third), stored), Optional.empty()), client.list("odd/"));
        assertTrue(client.delete("odd/b") > third);
        assertEquals(Optional.empty(), client.get("odd/b"));

        List<String> keys = new ArrayList<>();
        for (int i = 100; i < 210; i++) {
            client.put("many/" + i, "" + i, Duration.ofHours(1));
            keys.add("many/" + i);
        }
        Page first = client.list("many/");
        assertEquals(100, first.entries().size());
        List<Entry> all = new ArrayList<>(first.entries());
        all.addAll(client.list("many/", first.next().orElseThrow()).entries());
        assertEquals(keys, all.stream().map(Entry::key).toList());
    }

    /** As a program would be that has the jar and nothing else. */
    private static void theExampleOfTheReadmeRuns(ServerCluster cluster) throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String lines = readme.substring(readme.indexOf("<!-- java -->"), readme.indexOf("<!-- /java lock -->"))
                .lines()
                .filter(line -> line.startsWith("    "))
                .collect(Collectors.joining("\n"));
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            lines = lines.replace("http://localhost:222" + (node + 1), cluster.url(node, ""));
        }
        Path directory = Files.createDirectories(Build.directory("client-example"));
        Files.writeString(
                directory.resolve("Example.java"),
                "import dev.raftkv.client.*;\nimport java.net.URI;\nimport java.time.*;\nimport java.util.*;\n"
                        + "class Example { public static void main(String[] words) throws Exception {\n" + lines
                        + "\n} }\n");
        Tool.Result result = Tool.run(
                directory,
                "",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Build.clientJar().toString(),
                "Example.java");
        assertEquals(0, result.exit(), result::output);
        assertEquals("1", cluster.client(0).get("visits").map(Entry::value).orElse(""), "after one run of the example");
    }

    private void eachIncrementCountsOnce(ServerCluster cluster) throws Exception {
        cluster.client(0).put("counter", "0");
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> counting = new ArrayList<>();
            for (int number = 0; number < THREADS; number++) {
                RaftkvClient client = cluster.client(number % ServerCluster.SIZE);
                counting.add(threads.submit(() -> count(client)));
            }
            eventually(LIMIT, () -> assertTrue(done.get() > THREADS * INCREMENTS / 3, "done " + done));
            int leader = cluster.awaitLeader();
            int before = done.get();
            cluster.kill(leader);
            assertTrue(before < THREADS * INCREMENTS, "all was done before the leader was killed");
            for (Future<?> each : counting) {
                each.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            cluster.restart(leader);
        } finally {
            threads.shutdownNow();
        }
        String all = Integer.toString(THREADS * INCREMENTS);
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            String url = cluster.url(node, "/store/counter?raw");
            eventually(LIMIT, () -> assertEquals(all, http.get(url).text()));
        }
    }

    private Void count(RaftkvClient client) throws IOException {
        for (int i = 0; i < INCREMENTS; i++) {
            boolean counted = false;
            while (!counted) {
                Entry read = client.get("counter").orElseThrow();
                String next = Integer.toString(Integer.parseInt(read.value()) + 1);
                counted = client.compareAndSet("counter", read.revision(), next).isPresent();
            }
            done.incrementAndGet();
        }
        return null;
    }
}
