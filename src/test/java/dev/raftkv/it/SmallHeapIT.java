package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One request removes as many keys as one may, on a heap that could not hold them twice. */
@Alone
@Timeout(180)
final class SmallHeapIT {
    private static final List<String> HEAP = List.of("-Xms128m", "-Xmx128m");
    private static final int KEYS = 50_000;
    private static final int KEYS_AT_ONCE = 125;
    private static final String LONG = "x".repeat(1000);
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Http http = Http.plain(LIMIT);
    private final Path directory = Build.directory("small-heap");
    private final NodeSpec spec;

    SmallHeapIT() throws IOException {
        List<Integer> ports = FreePorts.take(2);
        spec = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
    }

    @Test
    void aLongRangeIsRemovedWatchedAndAppliedAgain() throws Exception {
        try (ServerProcess node = start()) {
            for (int from = 0; from < KEYS; from += KEYS_AT_ONCE) {
                store(from);
            }
            AtomicInteger heard = new AtomicInteger();
            CompletableFuture<Integer> watch = CompletableFuture.supplyAsync(() -> watch(heard));
            eventually(LIMIT, () -> assertEquals(1, metric("raftkv_watches")));
            Reply removed = http.delete(spec.url("/store?prefix=r/"));
            assertEquals(200, removed.status(), removed::toString);
            assertEquals(KEYS, removed.json().path("data").path("removed").asInt());
            assertEquals(200, watch.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
            assertEquals(KEYS, heard.get());
            assertServes(node);
        }
        loseStore();
        try (ServerProcess node = start()) {
            assertServes(node);
        }
    }

    private ServerProcess start() throws IOException {
        ServerCommand command = new ExecutableWar(Build.war(), Build.deploy()).node(spec, directory);
        List<String> words = new ArrayList<>(command.words());
        words.addAll(words.indexOf("-jar"), HEAP);
        // Removing them may take its time; it is the memory that is watched here.
        ServerProcess node =
                ServerProcess.start(new ServerCommand(words, command.environment(), command.directory(), command.log())
                        .with("RAFT_WRITE_TIMEOUT_MS", "60000"));
        node.awaitOk(spec.url("/health/ready"), LIMIT);
        return node;
    }

    private void store(int from) throws IOException {
        String puts = IntStream.range(from, from + KEYS_AT_ONCE)
                .mapToObj(i -> "{\"put\":\"r/" + i + "/" + LONG + "\",\"value\":1}")
                .collect(Collectors.joining(","));
        Reply stored = http.post(spec.url("/txn"), "{\"then\":[" + puts + "]}");
        assertEquals(200, stored.status(), stored::toString);
    }

    private int watch(AtomicInteger heard) {
        try {
            return new EventClient()
                    .read(spec.url("/watch?prefix=r/"), () -> heard.get() >= KEYS, event -> heard.incrementAndGet());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertServes(ServerProcess node) {
        eventually(LIMIT, () -> {
            assertEquals(0, metric("raftkv_store_keys"), node::logTail);
            assertEquals(200, http.get(spec.url("/health/ready")).status(), node::logTail);
        });
        assertTrue(!node.log().contains("OutOfMemoryError"), node::logTail);
    }

    private double metric(String name) throws IOException {
        return http.get(spec.url("/metrics"))
                .text()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.split(" ")[1]))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not told"));
    }

    /** So that the node makes it again from its log. */
    private void loseStore() throws IOException {
        try (Stream<Path> groups = Files.list(spec.dataDirectory().resolve("raft"))) {
            for (Path group : groups.toList()) {
                FileTree.delete(group.resolve("kv"));
            }
        }
    }
}
