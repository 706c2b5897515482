package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes that know each other by names and form a cluster by themselves, as the pods of Kubernetes do. */
final class NamedNodesIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int SIZE = 3;

    private final Http http = Http.plain(Duration.ofSeconds(10));
    private final ServerProcess[] nodes = new ServerProcess[SIZE];
    /** Loopback addresses, one for each machine that a node was on. */
    private final String[] addresses = {"127.0.0.11", "127.0.0.12", "127.0.0.13"};

    private Path directory;
    private Path hosts;
    private List<Integer> ports;

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(
                System.getProperty("os.name").equals("Linux"),
                "other systems have one loopback address unless told so");
        directory = Files.createDirectories(Build.directory("named-nodes"));
        hosts = directory.resolve("hosts");
        ports = FreePorts.take(2 * SIZE);
    }

    @AfterEach
    void stop() {
        Stream.of(nodes).filter(node -> node != null).forEach(ServerProcess::close);
    }

    @Test
    void aNodeThatComesBackAtAnotherAddressIsFoundByItsName() throws IOException {
        for (int node = 0; node < SIZE; node++) {
            start(node);
        }
        for (int node = 0; node < SIZE; node++) {
            awaitReady(node);
        }
        put("before", 1);
        // The founder leads, and hands over.
        for (int node : List.of(2, 0)) {
            nodes[node].stop();
            addresses[node] = "127.0.0.2" + node;
            put("moved" + node, 1);
            start(node);
            awaitReady(node);
            for (String key : List.of("before", "moved" + node)) {
                Reply read = http.get(url(node, "/store/" + key + "?consistency=linearizable"));
                assertEquals(200, read.status(), read::toString);
            }
        }
    }

    private void start(int node) throws IOException {
        writeHosts();
        Path base = directory.resolve(name(node));
        String all = IntStream.range(0, SIZE)
                .mapToObj(each -> "http://" + name(each) + ":" + ports.get(each))
                .collect(Collectors.joining(","));
        // The time-outs of the cache are those of deploy/kubernetes.
        String options = Build.SHORT_LIFE + " -Djdk.net.hosts.file=" + hosts
                + " -Dsun.net.inetaddr.ttl=5 -Dsun.net.inetaddr.negative.ttl=1";
        Map<String, String> environment = Map.of(
                "RAFT_NODE_ID",
                name(node),
                "RAFT_HOST",
                name(node),
                "RAFT_BIND_HOST",
                addresses[node],
                "RAFT_INSECURE",
                "true",
                "RAFT_PORT",
                "" + ports.get(SIZE + node),
                "SERVER_PORT",
                "" + ports.get(node),
                "RAFT_VOL_DIR",
                base.resolve("data").toString(),
                "RAFT_JOIN",
                all,
                "RAFT_FOLLOWER_WRITES",
                "forward",
                "JDK_JAVA_OPTIONS",
                options);
        nodes[node] = ServerProcess.start(new ExecutableWar(Build.war(), Build.deploy())
                .command(List.of("--http-host=0.0.0.0"), environment, base));
    }

    private void writeHosts() throws IOException {
        StringBuilder lines = new StringBuilder("127.0.0.1 localhost\n");
        for (int node = 0; node < SIZE; node++) {
            lines.append(addresses[node]).append(' ').append(name(node)).append('\n');
        }
        // At once, as a node may be reading it.
        Path next = Files.writeString(directory.resolve("hosts.next"), lines);
        Files.move(next, hosts, StandardCopyOption.ATOMIC_MOVE);
    }

    private void awaitReady(int node) {
        nodes[node].awaitOk(url(node, "/health/ready"), SOON);
        eventually(SOON, () -> {
            Reply stats = http.get(url(node, "/raft/stats"));
            assertEquals(SIZE, stats.json().at("/data/latest_configuration").size(), stats::toString);
        });
    }

    private void put(String key, int value) {
        eventually(SOON, () -> {
            Reply reply = http.put(url(1, "/store/" + key), "" + value);
            assertTrue(reply.status() == 200, reply::toString);
        });
    }

    private String url(int node, String path) {
        return "http://127.0.0.1:" + ports.get(node) + path;
    }

    private static String name(int node) {
        return "raftkv-" + node;
    }
}
