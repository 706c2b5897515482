package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.Eventually;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node that cannot start says why on every URL. */
final class StartFailureIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Http http = Http.plain(Duration.ofSeconds(10));
    private Path directory;
    private List<Integer> ports;

    @BeforeEach
    void prepare() throws IOException {
        directory = Build.directory("start-failure");
        ports = FreePorts.take(4);
    }

    @Test
    void aWrongSettingIsNamedOnEveryUrl() throws IOException {
        ServerCommand wrong = command(spec("node1", 0, "node1")).with("RAFT_PORT", "abc");
        assertSaysOnEveryUrl(wrong, ports.get(0), "RAFT_PORT", "abc");
    }

    @Test
    void aRaftPortInUseIsNamedOnEveryUrl() throws IOException {
        NodeSpec spec = spec("node1", 0, "node1");
        try (ServerSocket taken = new ServerSocket(spec.raftPort(), 1, InetAddress.getByName("127.0.0.1"))) {
            assertSaysOnEveryUrl(command(spec), spec.httpPort(), Integer.toString(taken.getLocalPort()));
        }
    }

    @Test
    void aDataDirectoryOfAnotherNodeIsNamedOnEveryUrl() throws IOException {
        NodeSpec first = spec("node1", 0, "node1");
        try (ServerProcess owner = ServerProcess.start(command(first))) {
            owner.awaitOk(first.url("/raft/stats"), START_LIMIT);
            NodeSpec second = new NodeSpec("node2", ports.get(2), ports.get(3), first.dataDirectory());
            assertSaysOnEveryUrl(
                    command(second), second.httpPort(), first.dataDirectory().toString());
        }
    }

    private void assertSaysOnEveryUrl(ServerCommand command, int port, String... words) throws IOException {
        try (ServerProcess server = ServerProcess.start(command)) {
            for (String path : List.of(
                    "/",
                    "/api/",
                    "/page.js",
                    "/openapi.json",
                    "/raft/stats",
                    "/store/key",
                    "/health/live",
                    "/health/ready",
                    "/metrics")) {
                String url = "http://127.0.0.1:" + port + path;
                Reply reply = Eventually.eventually(START_LIMIT, () -> http.get(url));
                assertEquals(503, reply.status(), () -> reply + "\n" + server.logTail());
                assertEquals("60", reply.headers().firstValue("Retry-After").orElse("none"));
                for (String word : words) {
                    assertTrue(reply.json().path("error").asText().contains(word), reply::toString);
                }
            }
            assertTrue(server.isAlive());
        }
    }

    private NodeSpec spec(String id, int firstPort, String data) {
        return new NodeSpec(id, ports.get(firstPort), ports.get(firstPort + 1), directory.resolve(data + "-data"));
    }

    private ServerCommand command(NodeSpec spec) throws IOException {
        Path base = directory.resolve(spec.nodeId());
        Files.createDirectories(base);
        return Container.JETTY_12_1.node(spec, base);
    }
}
