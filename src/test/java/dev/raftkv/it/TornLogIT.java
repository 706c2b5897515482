package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Eventually;
import dev.raftkv.testkit.ExecutableWar;
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
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code kill -9} while large entries are written: the node starts again each time, and has all that it acknowledged. */
final class TornLogIT {
    private static final int KILLS = 6;
    private static final int VALUE_BYTES = 8_000_000;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Http http = Http.plain(Duration.ofSeconds(20));
    private final AtomicInteger acknowledged = new AtomicInteger(-1);

    @Test
    @Timeout(240)
    void aNodeThatIsKilledWhileItWritesStartsAgain() throws Exception {
        Path directory = Build.directory("torn-log");
        List<Integer> ports = FreePorts.take(2);
        NodeSpec spec = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
        ServerCommand command = new ExecutableWar(Build.war(), Build.deploy())
                .node(spec, directory)
                .with("RAFT_MAX_VALUE_BYTES", "8388608");
        Random random = new Random(7);
        for (int kill = 0; kill < KILLS; kill++) {
            try (ServerProcess server = ServerProcess.start(command)) {
                server.awaitOk(spec.url("/health/ready"), START_LIMIT);
                assertKept(spec);
                CompletableFuture<Void> writes = CompletableFuture.runAsync(() -> write(spec));
                int goal = acknowledged.get() + 1 + random.nextInt(2);
                Eventually.eventually(START_LIMIT, () -> assertTrue(acknowledged.get() >= goal));
                awaitGrowth(spec);
                LockSupport.parkNanos(random.nextInt(10_000_000));
                server.kill();
                writes.join();
            }
        }
    }

    private void assertKept(NodeSpec spec) throws IOException {
        int last = acknowledged.get();
        if (last >= 0) {
            Reply reply = http.get(spec.url("/store/key" + last % 3));
            assertEquals(200, reply.status());
            assertTrue(number(reply) >= last, () -> "acknowledged " + last + ", found " + number(reply));
        }
    }

    private static int number(Reply reply) {
        return Integer.parseInt(reply.text().replaceAll("(?s).*?#(\\d+)#.*", "$1"));
    }

    /** Until the node is gone. */
    private void write(NodeSpec spec) {
        String filling = "x".repeat(VALUE_BYTES);
        for (int i = acknowledged.get() + 1; ; i++) {
            try {
                Reply reply = http.put(spec.url("/store/key" + i % 3), "\"#" + i + "#" + filling + "\"");
                if (reply.status() != 200 && reply.status() != 201) {
                    return;
                }
                acknowledged.set(i);
            } catch (IOException e) {
                return;
            }
        }
    }

    private static long logBytes(NodeSpec spec) {
        try (Stream<Path> files = Files.walk(spec.dataDirectory().resolve("raft"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("log_"))
                    .mapToLong(TornLogIT::size)
                    .sum();
        } catch (IOException | java.io.UncheckedIOException e) {
            return 0;
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            // It was renamed or deleted just now.
            return 0;
        }
    }

    /** The log grows by zeros just before an entry is written there. */
    private static void awaitGrowth(NodeSpec spec) {
        long size = logBytes(spec);
        long deadline = System.nanoTime() + 1_000_000_000L;
        while (logBytes(spec) <= size && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
    }
}
