package dev.raftkv.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.Auth;
import dev.raftkv.config.NodeConfig.Consul;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.config.NodeConfig.Limits;
import dev.raftkv.config.NodeConfig.Security;
import dev.raftkv.config.NodeConfig.Storage;
import dev.raftkv.config.NodeConfig.Timeouts;
import dev.raftkv.model.Address;
import dev.raftkv.model.ReadLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigSourcesTest {
    private static final Deployment ROOT =
            new Deployment("", Optional.empty(), Path.of("").toAbsolutePath());
    private static final long MIB = 1024 * 1024;

    @Test
    void nodeWithoutSettingsHasTheDefaults() {
        NodeConfig config = load(Map.of());

        NodeConfig expected = new NodeConfig(
                "node1",
                new Address("127.0.0.1", 1111),
                "127.0.0.1",
                "http://127.0.0.1:8080",
                Path.of("raftkv-data/node1").toAbsolutePath(),
                FollowerWrites.REDIRECT,
                ReadLevel.EVENTUAL,
                List.of(),
                new Timeouts(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(5)),
                new Limits(1_048_576, 10_000, 20_000),
                new Storage(32 * MIB, 100 * MIB, 100_000, 64 * MIB),
                Security.NONE);
        assertEquals(expected, config);
    }

    @Test
    void everySettingReachesTheConfiguration(@TempDir Path directory) {
        Map<String, String> values = new HashMap<>();
        values.put("RAFT_NODE_ID", "n7");
        values.put("RAFT_HOST", "10.0.0.7");
        values.put("RAFT_BIND_HOST", "0.0.0.0");
        values.put("RAFT_PORT", "1117");
        values.put("RAFT_VOL_DIR", directory.toString());
        values.put("RAFT_HTTP_ADDRESS", "https://n7.example.org/kv/");
        values.put("RAFT_FOLLOWER_WRITES", "forward");
        values.put("RAFT_JOIN", "http://n1:1/ , https://n2.example.org/kv");
        values.put("RAFT_ELECTION_TIMEOUT_MS", "1001");
        values.put("RAFT_WRITE_TIMEOUT_MS", "1002");
        values.put("RAFT_READ_LEVEL", "linearizable");
        values.put("RAFT_READ_TIMEOUT_MS", "1011");
        values.put("RAFT_JOIN_TIMEOUT_MS", "1003");
        values.put("RAFT_STOP_TIMEOUT_MS", "1004");
        values.put("RAFT_MAX_VALUE_BYTES", "1005");
        values.put("RAFT_MAX_PENDING_WRITES", "1006");
        values.put("RAFT_MAX_WATCHES", "1012");
        values.put("RAFT_CONSUL", "off");
        values.put("RAFT_CONSUL_DATACENTER", "south");
        values.put("RAFT_CONSUL_SESSION_TTL_MIN_MS", "1013");
        values.put("RAFT_CACHE_MB", "65536");
        values.put("RAFT_MIN_FREE_DISK_MB", "1008");
        values.put("RAFT_SNAPSHOT_ENTRIES", "1009");
        values.put("RAFT_SNAPSHOT_LOG_MB", "1010");
        values.put("RAFT_AUTH", directory + "/tokens");
        values.put("RAFT_NODE_SECRET", directory + "/secret");
        values.put("RAFT_TLS", directory + "/tls");
        values.put("RAFT_INSECURE", "true");
        values.put("RAFT_ALLOWED_HOSTS", "kv.example.org, [::1]");
        values.put("RAFT_CORS_ORIGINS", "https://App.example.org:443, http://localhost:3000");
        values.put("RAFT_RECOVER", "2026-11-26");

        NodeConfig expected = new NodeConfig(
                "n7",
                new Address("10.0.0.7", 1117),
                "0.0.0.0",
                "https://n7.example.org/kv",
                directory,
                FollowerWrites.FORWARD,
                ReadLevel.LINEARIZABLE,
                List.of("http://n1:1", "https://n2.example.org/kv"),
                new Timeouts(
                        Duration.ofMillis(1001),
                        Duration.ofMillis(1002),
                        Duration.ofMillis(1011),
                        Duration.ofMillis(1003),
                        Duration.ofMillis(1004)),
                new Limits(1005, 1006, 1012),
                new Storage(65536 * MIB, 1008 * MIB, 1009, 1010 * MIB),
                new Security(
                        Auth.FILE,
                        Optional.of(directory.resolve("tokens")),
                        Optional.of(directory.resolve("secret")),
                        Optional.of(directory.resolve("tls")),
                        true,
                        List.of("kv.example.org", "::1"),
                        List.of("https://app.example.org", "http://localhost:3000")),
                Optional.of("2026-11-26"),
                new Consul(false, "south", Duration.ofMillis(1013)));
        assertEquals(expected, load(values));
    }

    @Test
    void defaultsFollowTheSettingsThatTheyName() {
        Map<String, String> values = Map.of("RAFT_NODE_ID", "node2", "RAFT_HOST", "node2.lan", "SERVER_PORT", "2222");

        NodeConfig config = sources(values)
                .load(new Deployment("/kv", Optional.empty(), Path.of("").toAbsolutePath()))
                .node();

        assertEquals("http://node2.lan:2222/kv", config.httpAddress());
        assertEquals("node2.lan", config.raftBindHost());
        assertEquals(Path.of("raftkv-data/node2").toAbsolutePath(), config.dataDirectory());
    }

    @Test
    void ipv6HostStandsInBracketsInTheAddressesOnly() {
        NodeConfig config = load(Map.of("RAFT_HOST", "[2001:db8::7]"));

        assertEquals("2001:db8::7", config.raftBindHost());
        assertEquals("[2001:db8::7]:1111", config.raftAddress().toString());
        assertEquals("http://[2001:db8::7]:8080", config.httpAddress());
    }

    @Test
    void firstSourceThatHasASettingWins() {
        Source parameters = Source.of("context parameter", Map.of("RAFT_NODE_ID", "a"));
        Source properties = Source.of("system property", Map.of("RAFT_NODE_ID", "b", "RAFT_PORT", "1112"));
        Source environment =
                Source.environment(Map.of("RAFT_NODE_ID", "c", "RAFT_PORT", "1113", "SERVER_PORT", "2223"));

        EffectiveConfig config = new ConfigSources(List.of(parameters, properties, environment)).load(ROOT);

        assertEquals("a", config.node().nodeId());
        assertEquals(1112, config.node().raftAddress().port());
        assertEquals("http://127.0.0.1:2223", config.node().httpAddress());
        assertEquals(
                List.of(
                        "SERVER_PORT=2223 (environment variable)",
                        "RAFT_NODE_ID=a (context parameter)",
                        "RAFT_PORT=1112 (system property)"),
                config.given());
        assertEquals(
                List.of("RAFT_HOST=127.0.0.1 (default)", "RAFT_BIND_HOST=127.0.0.1 (default)"),
                config.defaults().subList(0, 2));
        assertEquals(Setting.values().length - 3, config.defaults().size());
    }

    @Test
    void emptyVariableOfTheEnvironmentCountsAsNotSet() {
        ConfigSources sources = new ConfigSources(List.of(Source.environment(Map.of("RAFT_NODE_ID", " "))));

        assertEquals("node1", sources.load(ROOT).node().nodeId());
    }

    @Test
    void emptySystemPropertyIsRefused() {
        Properties properties = new Properties();
        properties.setProperty("RAFT_NODE_ID", "");
        ConfigSources sources = new ConfigSources(List.of(Source.systemProperties(properties)));

        assertEquals(
                List.of("RAFT_NODE_ID= (system property): give 1 to 64 characters of A-Z a-z 0-9 . _ -"),
                assertThrows(ConfigException.class, () -> sources.load(ROOT)).problems());
    }

    @Test
    void whiteSpaceAroundAValueIsIgnored() {
        assertEquals("node2", load(Map.of("RAFT_NODE_ID", "\n  node2 ")).nodeId());
    }

    @Test
    void allProblemsAreReportedTogether() {
        assertEquals(
                List.of(
                        "RAFT_NODE_ID=a b (test): give 1 to 64 characters of A-Z a-z 0-9 . _ -",
                        "RAFT_PORT=99999 (test): give a port from 1 to 65535",
                        "RAFT_FOLLOWER_WRITES=proxy (test): give redirect, forward or reject",
                        "RAFT_CACHE_MB=0 (test): give a whole number of MiB from 1 to 65536"),
                problems(Map.of(
                        "RAFT_NODE_ID",
                        "a b",
                        "RAFT_PORT",
                        "99999",
                        "RAFT_FOLLOWER_WRITES",
                        "proxy",
                        "RAFT_CACHE_MB",
                        "0")));
    }

    @Test
    void problemIsOneShortLineWhateverTheValueHolds() {
        String problem =
                problems(Map.of("RAFT_NODE_ID", "a\nb" + "c".repeat(10_000))).get(0);

        assertTrue(problem.startsWith("RAFT_NODE_ID=a?bccc"), problem);
        assertTrue(problem.length() < 300, problem);
    }

    @Test
    void wildcardHostIsRefusedAndToldApartFromTheBindHost() {
        String problem = problems(Map.of("RAFT_HOST", "0.0.0.0")).get(0);

        assertTrue(problem.endsWith("to listen on all addresses, use RAFT_BIND_HOST"), problem);
    }

    @Test
    void raftPortMustDifferFromTheHttpPort() {
        assertEquals(
                List.of("RAFT_PORT=8080 (test): give a port that differs from SERVER_PORT=8080 (default)"),
                problems(Map.of("RAFT_PORT", "8080")));
    }

    @Test
    void dataInsideTheWebApplicationIsRefused(@TempDir Path webapps) throws IOException {
        Path webApplication = Files.createDirectory(webapps.resolve("kv"));
        Path link = Files.createSymbolicLink(webapps.resolve("link"), webApplication);
        Deployment deployment =
                new Deployment("/kv", Optional.of(webApplication), Path.of("").toAbsolutePath());

        for (Path inside : List.of(webApplication, webApplication.resolve("WEB-INF/data"), link.resolve("data"))) {
            ConfigSources sources = sources(Map.of("RAFT_VOL_DIR", inside.toString()));
            ConfigException e = assertThrows(ConfigException.class, () -> sources.load(deployment));
            assertTrue(e.getMessage().contains("give a directory outside the web application"), e.getMessage());
        }
        Path beside = webapps.resolve("kv-data");
        assertEquals(
                beside,
                sources(Map.of("RAFT_VOL_DIR", beside.toString()))
                        .load(deployment)
                        .node()
                        .dataDirectory());
    }

    @Test
    void aRelativeDataDirectoryBeginsAtTheBaseOfTheServer(@TempDir Path base) {
        Deployment deployment = new Deployment("", Optional.empty(), base);

        assertEquals(
                base.resolve("raftkv-data/node1"),
                sources(Map.of()).load(deployment).node().dataDirectory());
        assertEquals(
                base.resolve("data"),
                sources(Map.of("RAFT_VOL_DIR", "x/../data"))
                        .load(deployment)
                        .node()
                        .dataDirectory());
    }

    @Test
    void aNodeDoesNotStartEmptyWhereItsDataIsBelowTheWorkingDirectory(@TempDir Path base) throws IOException {
        Path former = Files.createDirectories(Path.of("target/former-data").toAbsolutePath());
        Files.writeString(former.resolve("node.properties"), "");
        ConfigSources sources = sources(Map.of("RAFT_VOL_DIR", "target/former-data"));
        Deployment deployment = new Deployment("", Optional.empty(), base);

        assertEquals(
                List.of("RAFT_VOL_DIR=target/former-data (test): give where the data is, " + former
                        + ", or move that to " + base.resolve("target/former-data")
                        + ", where a relative path leads to now"),
                assertThrows(ConfigException.class, () -> sources.load(deployment))
                        .problems());

        Path moved = Files.createDirectories(base.resolve("target/former-data"));
        Files.writeString(moved.resolve("node.properties"), "");
        assertEquals(moved, sources.load(deployment).node().dataDirectory());
    }

    @Test
    void dataDirectoryThatIsAFileIsRefused(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        String wanted = " (test): give a directory: " + file + " is none";

        assertEquals(List.of("RAFT_VOL_DIR=" + file + wanted), problems(Map.of("RAFT_VOL_DIR", file.toString())));
        Path below = file.resolve("a/b");
        assertEquals(List.of("RAFT_VOL_DIR=" + below + wanted), problems(Map.of("RAFT_VOL_DIR", below.toString())));
    }

    @Test
    void loadingCreatesNoDirectory(@TempDir Path directory) {
        Path data = directory.resolve("a/b");

        load(Map.of("RAFT_VOL_DIR", data.toString()));

        assertTrue(Files.notExists(directory.resolve("a")));
    }

    @Test
    void namesThatAreNoSettingsAreReportedWithTheOneMeant() {
        Map<String, String> values = Map.of(
                "RAFT_NODEID",
                "",
                "RAFT_CACHE",
                "64",
                "RAFT_SERVICE_HOST",
                "10.0.0.1",
                "PATH",
                "/bin",
                "raft_port",
                "1");

        assertEquals(
                List.of(
                        "RAFT_CACHE (test) is no setting of raftkv: did you mean RAFT_CACHE_MB?",
                        "RAFT_NODEID (test) is no setting of raftkv: did you mean RAFT_NODE_ID?",
                        "RAFT_SERVICE_HOST (test) is no setting of raftkv"),
                sources(values).warnings());
    }

    private static NodeConfig load(Map<String, String> values) {
        return sources(values).load(ROOT).node();
    }

    private static List<String> problems(Map<String, String> values) {
        return assertThrows(ConfigException.class, () -> load(values)).problems();
    }

    private static ConfigSources sources(Map<String, String> values) {
        return new ConfigSources(List.of(Source.of("test", values)));
    }
}
