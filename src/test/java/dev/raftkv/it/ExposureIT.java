package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.Eventually;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A node that nobody has protected is for its own machine, whatever it runs in. */
final class ExposureIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final String OUTSIDE = "198.18.0.1";

    private final Http http = Http.plain(Duration.ofSeconds(10));
    private Path directory;
    private NodeSpec spec;

    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createDirectories(Build.directory("exposure"));
        List<Integer> ports = FreePorts.take(2);
        spec = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            RAFT_BIND_HOST    | 0.0.0.0                | RAFT_TLS  | because RAFT_BIND_HOST is 0.0.0.0
            RAFT_HTTP_HOST    | 0.0.0.0                | RAFT_AUTH | because its HTTP port listens on 0.0.0.0
            RAFT_HTTP_ADDRESS | http://198.18.0.1/kv/a | RAFT_AUTH | because RAFT_HTTP_ADDRESS is http://198.18.0.1/kv/a
            """)
    void theProgramEndsAndItsLastLineSaysWhatToSet(String setting, String value, String missing, String because)
            throws IOException {
        try (ServerProcess ended = ServerProcess.start(program(Map.of(setting, value)))) {
            assertTrue(ended.awaitEnd(START_LIMIT), ended::logTail);
            String last =
                    ended.log().strip().lines().reduce((before, line) -> line).orElse("");
            assertTrue(last.contains("this node did not start: others reach"), ended::logTail);
            assertTrue(last.contains(because), last);
            assertTrue(last.contains("Set " + missing + " to ") || last.contains("and " + missing + " to "), last);
            assertTrue(last.endsWith("Correct this, then start the node again."), last);
            assertFalse(ended.log().contains("Exception"), ended::logTail);
        }
        assertFalse(Files.exists(spec.dataDirectory()));
        assertEquals(1, exitCode(program(Map.of(setting, value))));
    }

    @Test
    void theProgramThatIsToldThatTheNetworkIsTrustedWarnsOnce() throws IOException {
        Map<String, String> settings = Map.of("RAFT_BIND_HOST", "0.0.0.0", "RAFT_INSECURE", "true");
        try (ServerProcess server = ServerProcess.start(program(settings))) {
            server.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            Optional<String> own = ownAddress();
            if (own.isPresent()) {
                assertEquals(200, http.get(at(own.get(), "/raft/stats")).status());
            }
            assertEquals(200, http.get(spec.url("/raft/stats")).status());
            List<String> warnings = server.log()
                    .lines()
                    .filter(line -> line.contains("RAFT_INSECURE says"))
                    .toList();
            assertEquals(1, warnings.size(), server::logTail);
            assertTrue(warnings.get(0).contains(" WARN "), warnings::toString);
        }
    }

    @Test
    void withoutAnySettingTheProgramListensOnThisMachineOnly() throws IOException {
        String own = ownAddress().orElse("");
        assumeTrue(!own.isEmpty(), "this machine has no address but loopback");
        try (ServerProcess server = ServerProcess.start(program(Map.of()))) {
            server.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            assertThrows(ConnectException.class, () -> http.get(at(own, "/raft/stats")));
            assertFalse(server.log().contains("RAFT_INSECURE"), server::logTail);
        }
    }

    @ParameterizedTest
    @EnumSource(Container.class)
    void aServerOfOthersSaysOnEveryUrlWhatToSet(Container container) throws IOException {
        try (ServerProcess server = ServerProcess.start(in(container).with("RAFT_HOST", OUTSIDE))) {
            for (String path : List.of("/", "/raft/stats", "/store/key", "/health/live", "/health/ready", "/metrics")) {
                assertSaysWhatToSet(503, "127.0.0.1", path);
            }
            if (ownAddress().isPresent()) {
                assertSaysWhatToSet(503, ownAddress().get(), "/store/key");
            }
            assertTrue(server.isAlive());
        }
        assertFalse(Files.exists(spec.dataDirectory()));
    }

    @ParameterizedTest
    @EnumSource(Container.class)
    void aServerOfOthersThatListensEverywhereAnswersThisMachineOnly(Container container) throws IOException {
        String own = ownAddress().orElse("");
        assumeTrue(!own.isEmpty(), "this machine has no address but loopback");
        try (ServerProcess server = ServerProcess.start(in(container))) {
            server.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            for (String path : List.of("/", "/raft/stats", "/store/key", "/store", "/health/live", "/metrics")) {
                assertSaysWhatToSet(403, own, path);
            }
            Reply write = http.post(at(own, "/store"), "{\"key\":\"k\",\"value\":1}");
            assertEquals(403, write.status(), write::toString);
            assertEquals(404, http.get(spec.url("/store/k")).status());
            server.stop();
        }
        try (ServerProcess server = ServerProcess.start(in(container).with("RAFT_INSECURE", "true"))) {
            server.awaitOk(spec.url("/raft/stats"), START_LIMIT);
            assertEquals(200, http.get(at(own, "/raft/stats")).status());
            server.stop();
        }
    }

    private void assertSaysWhatToSet(int status, String host, String path) throws IOException {
        Reply reply = Eventually.eventually(START_LIMIT, () -> http.get(at(host, path)));
        assertEquals(status, reply.status(), reply::toString);
        assertEquals(
                "application/problem+json",
                reply.headers().firstValue("Content-Type").orElse(""));
        String error = reply.json().path("error").asText();
        assertTrue(error.contains("RAFT_AUTH to container") && error.contains("RAFT_INSECURE to true"), error);
    }

    private String at(String host, String path) {
        return "http://" + host + ":" + spec.httpPort() + path;
    }

    private ServerCommand program(Map<String, String> settings) throws IOException {
        ServerCommand command = new ExecutableWar(Build.war(), Build.deploy()).node(spec, directory);
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            command = command.with(setting.getKey(), setting.getValue());
        }
        return command;
    }

    private ServerCommand in(Container container) throws IOException {
        Path base = directory.resolve(container.name().toLowerCase(Locale.ROOT));
        Files.createDirectories(base);
        return container.node(spec, base);
    }

    private static int exitCode(ServerCommand command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command.words())
                .directory(command.directory().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(command.environment());
        Process process = builder.start();
        try {
            return process.onExit()
                    .orTimeout(START_LIMIT.toSeconds(), TimeUnit.SECONDS)
                    .join()
                    .exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    /** One at which others might reach this machine. */
    private static Optional<String> ownAddress() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .map(InetAddress::getHostAddress)
                .findFirst();
    }
}
