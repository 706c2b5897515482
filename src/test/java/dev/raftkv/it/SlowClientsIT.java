package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Alone;
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
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever reads or sends slowly, or waits and goes, holds nothing that others need. */
@Alone
final class SlowClientsIT {
    private static final int SENDERS = 200;
    private static final int DEAF = 200;
    /** More than the files that the node may open. */
    private static final int VANISHING = 1200;

    private static final int SECONDS = 12;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration ALIVE_WITHIN = Duration.ofSeconds(1);
    private static final Duration SERVED_WITHIN = Duration.ofSeconds(2);

    /** Long enough to tell one that is slow from one that never answers. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);

    /** The clients come within seconds: all at once they would only show how much work two processors can do. */
    private static final Duration BETWEEN_CLIENTS = Duration.ofMillis(10);

    /** As long as containers keep an idle connection, and twice the time between two signs of life. */
    private static final Duration GIVEN_BACK_WITHIN = Duration.ofSeconds(60);

    /** Files that the node may have opened meanwhile, for its log and store. */
    private static final int MORE_FILES = 20;

    private static final int VALUE = 1_000_000;
    private static final String BIG = "\"" + "x".repeat(VALUE) + "\"";
    private static final String READS =
            "{\"then\":[" + String.join(",", Collections.nCopies(8, "{\"get\":\"big\"}")) + "]}";

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

    /** How many times slower this machine may have been in the last minute because of what else it did. */
    private static int slowness() {
        OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
        double load = machine.getSystemLoadAverage() / machine.getAvailableProcessors();
        return 1 + (int) Math.max(0, load);
    }

    /** What a client saw: how often it was served, and how long that took at most. */
    private record Service(int count, Duration worst) {
        void require(int least, Duration limit) {
            assertTrue(count > least, () -> this + ", and not more than " + least + " times");
            Duration now = limit.multipliedBy(slowness());
            assertTrue(worst.compareTo(now) <= 0, () -> this + ", and not within " + now);
        }
    }

    @ParameterizedTest
    @EnumSource(Server.class)
    @Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aNodeServesOthersAllTheSame(Server server) throws Exception {
        Path directory = Build.directory("slow-clients-" + server.name().toLowerCase(Locale.ROOT));
        List<Integer> ports = FreePorts.take(2);
        NodeSpec spec = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
        Files.createDirectories(directory);
        ServerCommand command = withFewFiles(server.command.node(spec, directory));
        ExecutorService others = Executors.newFixedThreadPool(2);
        try (ServerProcess process = ServerProcess.start(command)) {
            process.awaitOk(spec.url("/health/ready"), START_LIMIT);
            Http client = Http.plain(ANSWER_LIMIT);
            // What a watch from the first change has to show.
            for (int i = 0; i < 10; i++) {
                assertEquals(200, client.put(spec.url("/store/big"), BIG).status());
            }
            warmUp(client, spec);
            long before = openFiles(process);

            CompletableFuture<Service> alive = CompletableFuture.supplyAsync(() -> repeat(() -> isAlive(spec)), others);
            CompletableFuture<Service> served =
                    CompletableFuture.supplyAsync(() -> repeat(() -> isServed(client, spec)), others);
            try (SlowClients clients = new SlowClients(spec.httpPort())) {
                crowd(clients);
                for (int second = 0; second < SECONDS; second++) {
                    long next = System.nanoTime() + Duration.ofSeconds(1).toNanos();
                    clients.sendAByte();
                    for (int i = 0; i < VANISHING / SECONDS; i++) {
                        clients.vanish();
                    }
                    LockSupport.parkNanos(next - System.nanoTime());
                    assertFalse(alive.isDone() || served.isDone(), () -> failure(alive, served, process));
                }
                assertTrue(
                        clients.refused() < VANISHING / 2, () -> clients.refused() + " clients found the door closed");
            } finally {
                over = true;
            }
            alive.get(30, TimeUnit.SECONDS).require(SECONDS, ALIVE_WITHIN);
            served.get(30, TimeUnit.SECONDS).require(SECONDS / 2, SERVED_WITHIN);

            eventually(GIVEN_BACK_WITHIN, () -> {
                String metrics = client.get(spec.url("/metrics")).text();
                assertTrue(metrics.contains("\nraftkv_watches 0\n"), () -> "watches are left");
                long now = openFiles(process);
                assertTrue(now <= before + MORE_FILES, () -> "open files: " + before + ", then " + now);
            });
            String log = Files.readString(command.log());
            assertFalse(log.contains("Too many open files"), process::logTail);
            assertFalse(log.contains("OutOfMemoryError"), process::logTail);
        } finally {
            over = true;
            others.shutdownNow();
        }
    }

    private static void crowd(SlowClients clients) throws IOException {
        for (int i = 0; i < SENDERS; i++) {
            clients.addSender();
            LockSupport.parkNanos(BETWEEN_CLIENTS.toNanos());
        }
        for (int i = 0; i < DEAF / 5; i++) {
            clients.addWithoutReading("/store/big", 4);
            clients.addWithoutReading("/store/absent", 2000);
            clients.addWithoutReading("/store?prefix=big", 4);
            clients.addWithoutReading("/txn", READS);
            clients.addWithoutReading("/watch?key=big&from_revision=1", 4);
            LockSupport.parkNanos(BETWEEN_CLIENTS.multipliedBy(5).toNanos());
        }
    }

    private static ServerCommand withFewFiles(ServerCommand command) {
        List<String> words = new ArrayList<>(List.of("sh", "-c", "ulimit -n 1024 && exec \"$@\"", "sh"));
        words.addAll(command.words());
        return new ServerCommand(words, command.environment(), command.directory(), command.log());
    }

    private static String failure(
            CompletableFuture<Service> alive, CompletableFuture<Service> served, ServerProcess process) {
        return "alive: " + end(alive) + ", served: " + end(served) + "\n" + process.logTail();
    }

    private static String end(CompletableFuture<Service> client) {
        return client.isDone()
                ? client.handle((service, failure) -> reasons(failure)).join()
                : "goes on";
    }

    private static String reasons(Throwable failure) {
        return failure == null || failure.getCause() == null
                ? failure + ""
                : failure + ", " + reasons(failure.getCause());
    }

    private interface Try {
        void run() throws IOException;
    }

    /** Goes on until it is over. */
    private Service repeat(Try step) {
        int count = 0;
        long worst = 0;
        while (!over) {
            long begun = System.nanoTime();
            try {
                step.run();
            } catch (IOException e) {
                throw new IllegalStateException("after " + count + " answers", e);
            }
            worst = Math.max(worst, System.nanoTime() - begun);
            count++;
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
        return new Service(count, Duration.ofNanos(worst));
    }

    private static void warmUp(Http client, NodeSpec spec) throws IOException {
        for (int i = 0; i < 50; i++) {
            isServed(client, spec);
            isAlive(spec);
        }
    }

    /** By a connection of its own, as an orchestrator looks. */
    private static void isAlive(NodeSpec spec) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL(spec.url("/health/live")).openConnection();
        connection.setConnectTimeout((int) ANSWER_LIMIT.toMillis());
        connection.setReadTimeout((int) ANSWER_LIMIT.toMillis());
        connection.setRequestProperty("Connection", "close");
        try (InputStream body = connection.getInputStream()) {
            body.readAllBytes();
        }
        assertEquals(200, connection.getResponseCode());
    }

    private static void isServed(Http client, NodeSpec spec) throws IOException {
        assertEquals(
                200,
                client.post(spec.url("/store"), "{\"key\":\"k\",\"value\":1}").status());
        assertEquals(
                200, client.get(spec.url("/store/k?consistency=linearizable")).status());
    }

    private static long openFiles(ServerProcess process) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return files.count();
        }
    }
}
