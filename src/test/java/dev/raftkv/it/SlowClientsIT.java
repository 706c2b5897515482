package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.NodeCommand;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever reads or sends slowly, or waits and goes, holds nothing that others need. */
final class SlowClientsIT {
    private static final int SENDERS = 200;
    private static final int DEAF = 200;
    private static final int VANISHING = 2000;
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration ALIVE_WITHIN = Duration.ofSeconds(1);
    private static final Duration SERVED_WITHIN = Duration.ofSeconds(2);

    /** As long as containers keep an idle connection, and twice the time between two signs of life. */
    private static final Duration GIVEN_BACK_WITHIN = Duration.ofSeconds(60);

    /** Files that the node may have opened meanwhile, for its log and store. */
    private static final int MORE_FILES = 20;

    /** How the node is run. */
    enum Server {
        EXECUTABLE((node, base) -> new ExecutableWar(Build.war(), Build.deploy()).node(node, base)),
        TOMCAT(Container.TOMCAT_11),
        JETTY(Container.JETTY_12_1);

        private final NodeCommand command;

        Server(NodeCommand command) {
            this.command = command;
        }
    }

    private volatile boolean over;

    @ParameterizedTest
    @EnumSource(Server.class)
    @Timeout(300)
    void aNodeServesOthersAllTheSame(Server server) throws Exception {
        Path directory = Build.directory("slow-clients-" + server.name().toLowerCase(Locale.ROOT));
        List<Integer> ports = FreePorts.take(2);
        NodeSpec spec = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
        Files.createDirectories(directory);
        ServerCommand command = withFewFiles(server.command.node(spec, directory));
        try (ServerProcess process = ServerProcess.start(command)) {
            process.awaitOk(spec.url("/health/ready"), START_LIMIT);
            Http client = Http.plain(SERVED_WITHIN);
            String value = "\"" + "x".repeat(1_000_000) + "\"";
            assertEquals(200, client.put(spec.url("/store/big"), value).status());
            warmUp(client, spec);
            long before = openFiles(process);
            over = false;

            CompletableFuture<Integer> alive =
                    CompletableFuture.supplyAsync(() -> repeat(() -> isAlive(Http.plain(ALIVE_WITHIN), spec)));
            CompletableFuture<Integer> served = CompletableFuture.supplyAsync(() -> repeat(() -> isServed(client, spec)));
            try (SlowClients clients = new SlowClients(spec.httpPort())) {
                clients.addSenders(SENDERS);
                clients.addWithoutReading(DEAF, "/store/big");
                for (int second = 0; second < 20; second++) {
                    clients.sendAByte();
                    for (int i = 0; i < VANISHING / 20; i++) {
                        clients.vanish();
                    }
                    LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
                    assertFalse(alive.isDone() || served.isDone(), () -> failure(alive, served, process));
                }
            } finally {
                over = true;
            }
            assertTrue(alive.join() > 20, alive::toString);
            assertTrue(served.join() > 10, served::toString);

            eventually(GIVEN_BACK_WITHIN, () -> {
                String metrics = client.get(spec.url("/metrics")).text();
                assertTrue(metrics.contains("\nraftkv_watches 0\n"), () -> "watches are left");
                long now = openFiles(process);
                assertTrue(now <= before + MORE_FILES, () -> "open files: " + before + ", then " + now);
            });
            String log = Files.readString(command.log());
            assertFalse(log.contains("Too many open files"), process::logTail);
            assertFalse(log.contains("OutOfMemoryError"), process::logTail);
        }
    }

    private static ServerCommand withFewFiles(ServerCommand command) {
        List<String> words = new ArrayList<>(List.of("sh", "-c", "ulimit -n 1024 && exec \"$@\"", "sh"));
        words.addAll(command.words());
        return new ServerCommand(words, command.environment(), command.directory(), command.log());
    }

    private static String failure(
            CompletableFuture<Integer> alive, CompletableFuture<Integer> served, ServerProcess process) {
        return "alive: " + end(alive) + ", served: " + end(served) + "\n" + process.logTail();
    }

    private static String end(CompletableFuture<Integer> client) {
        return client.isDone() ? client.handle((count, failure) -> failure + "").join() : "goes on";
    }

    private interface Try {
        void run() throws IOException;
    }

    /** How often it went well until it was over. */
    private int repeat(Try step) {
        int count = 0;
        while (!over) {
            try {
                step.run();
            } catch (IOException e) {
                throw new IllegalStateException("after " + count + " answers", e);
            }
            count++;
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
        return count;
    }

    private static void warmUp(Http client, NodeSpec spec) throws IOException {
        for (int i = 0; i < 50; i++) {
            isServed(client, spec);
            isAlive(client, spec);
        }
    }

    private static void isAlive(Http client, NodeSpec spec) throws IOException {
        assertEquals(200, client.get(spec.url("/health/live")).status());
    }

    private static void isServed(Http client, NodeSpec spec) throws IOException {
        assertEquals(
                200,
                client.post(spec.url("/store"), "{\"key\":\"k\",\"value\":1}").status());
        assertEquals(
                200,
                client.get(spec.url("/store/k?consistency=linearizable")).status());
    }

    private static long openFiles(ServerProcess process) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return files.count();
        }
    }
}
