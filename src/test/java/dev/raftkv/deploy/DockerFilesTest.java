package dev.raftkv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.raftkv.config.ConfigSources;
import dev.raftkv.config.Deployment;
import dev.raftkv.config.Exposure;
import dev.raftkv.config.NodeConfig;
import dev.raftkv.config.NodeConfig.Security;
import dev.raftkv.config.Setting;
import dev.raftkv.config.Source;
import dev.raftkv.model.StartException;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

final class DockerFilesTest {
    private static final Path DOCKER = Path.of("deploy", "docker");
    private static final Path BASH = Path.of("/bin/bash");
    private static final String DATA = "/data";
    private static final int STOP_STEPS = 5;
    private static final String EVERYWHERE = "0.0.0.0";
    private static final String PASSWORD = "of-this-test";

    @TempDir
    private Path directory;

    @Test
    void eachOfTheFiveNodesIsOneThatTheOthersAndTheHostReach() throws IOException {
        Map<String, Object> services = map(compose().get("services"));
        assertEquals(Set.of("node1", "node2", "node3", "node4", "node5"), services.keySet());
        Set<String> ports = new HashSet<>();
        for (String name : services.keySet()) {
            Map<String, Object> service = map(services.get(name));
            Map<String, String> environment = new TreeMap<>(Map.of("RAFT_VOL_DIR", DATA));
            map(service.get("environment")).forEach((key, value) -> environment.put(key, value.toString()));
            NodeConfig node = load(environment);

            assertEquals(name, node.nodeId());
            assertEquals(name, node.raftAddress().host());
            assertEquals("https://" + name + ":" + environment.get("SERVER_PORT"), node.httpAddress());
            String port = environment.get("SERVER_PORT");
            assertEquals(List.of("127.0.0.1:" + port + ":" + port), service.get("ports"));
            assertTrue(ports.add(port), port);
            assertEquals(
                    List.of(
                            name + ":" + DATA,
                            "./secrets/" + name + ":" + node.security().tls().orElseThrow() + ":ro"),
                    service.get("volumes"));
            assertEquals(Optional.empty(), new Exposure(node, Optional.of(EVERYWHERE)).check());
            assertSecretsAreMounted(service, node.security());
        }
        assertEquals(services.keySet(), map(compose().get("volumes")).keySet());
    }

    /** Where Docker puts them. */
    private static void assertSecretsAreMounted(Map<String, Object> service, Security security) throws IOException {
        Set<String> wanted = Set.of(
                security.tokens().orElseThrow().toString(),
                security.nodeSecret().orElseThrow().toString());
        Set<String> mounted = new HashSet<>();
        Map<String, Object> secrets = map(compose().get("secrets"));
        for (Object secret : (List<?>) service.get("secrets")) {
            mounted.add("/run/secrets/" + secret);
            assertEquals(
                    "./secrets/" + secret, map(secrets.get(secret.toString())).get("file"));
        }
        assertEquals(wanted, mounted);
        assertEquals(secrets.size(), mounted.size());
    }

    /** Its port is published, and its loopback is nobody's: so it needs to be told who may do what. */
    @Test
    void theImageListensForOthersAndSoDoesNotStartUnprotected() throws IOException {
        assertTrue(Files.readAllLines(DOCKER.resolve("Dockerfile")).contains("ENV RAFT_HTTP_HOST=" + EVERYWHERE));
        NodeConfig node = load(Map.of());
        assertThrows(StartException.class, () -> new Exposure(node, Optional.of(EVERYWHERE)).check());
    }

    /** What nobody may see is neither kept by Git nor sent to the Docker engine, which is sent what is named only. */
    @Test
    void secretsStayOnTheMachineThatTheyWereMadeOn() throws IOException {
        assertTrue(Files.readAllLines(Path.of(".gitignore")).contains("deploy/docker/secrets/"));
        assertEquals(
                "*",
                Files.readAllLines(DOCKER.resolve("Dockerfile.dockerignore")).get(1));
    }

    private static NodeConfig load(Map<String, String> settings) {
        ConfigSources sources = new ConfigSources(List.of(Source.environment(settings)));
        assertEquals(List.of(), sources.warnings());
        return sources.load(new Deployment("", Optional.empty(), Path.of("").toAbsolutePath()))
                .node();
    }

    @Test
    void thereIsTimeForAnOrderlyStop() throws IOException {
        long stop = STOP_STEPS * Long.parseLong(Setting.RAFT_STOP_TIMEOUT_MS.defaultText());
        for (Object service : map(compose().get("services")).values()) {
            String period = map(service).get("stop_grace_period").toString();
            assertTrue(period.matches("[0-9]+s"), period);
            assertTrue(TimeUnit.SECONDS.toMillis(Long.parseLong(period.replace("s", ""))) > stop, period);
        }
    }

    @Test
    void theImageIsNotRootsAndGetsAllThatItCopies() throws IOException {
        List<String> instructions = Files.readAllLines(DOCKER.resolve("Dockerfile"));
        assertTrue(instructions.contains("USER 10001:10001"));
        assertTrue(instructions.contains("VOLUME " + DATA));
        assertTrue(instructions.contains("ENV RAFT_VOL_DIR=" + DATA));
        Set<String> copied = new TreeSet<>();
        for (String instruction : instructions) {
            if (instruction.startsWith("COPY ")) {
                List<String> words = Arrays.asList(instruction.split(" "));
                copied.addAll(words.subList(1, words.size() - 1));
            }
        }
        Set<String> sent = new TreeSet<>();
        Files.readAllLines(DOCKER.resolve("Dockerfile.dockerignore")).stream()
                .filter(line -> line.startsWith("!"))
                .forEach(line -> sent.add(line.substring(1)));
        assertEquals(sent, copied);
        assertTrue(copied.remove("target/raftkv.war"));
        for (String file : copied) {
            assertTrue(Files.exists(Path.of(file)), file);
        }
    }

    @Test
    void theImageStartsAsItMadeItsArchiveOfClasses() throws IOException {
        List<String> instructions = Files.readAllLines(DOCKER.resolve("Dockerfile"));
        String use = "\"-XX:SharedArchiveFile=/opt/raftkv/raftkv.jsa\", ";
        List<String> starts = instructions.stream()
                .filter(line -> line.startsWith("ENTRYPOINT ") && line.contains(use))
                .map(line ->
                        line.replace("ENTRYPOINT ", "RUN ").replace(use, "").replace("]", ", \"--cds\"]"))
                .toList();
        assertEquals(
                starts,
                instructions.stream().filter(line -> line.contains("--cds")).toList());
        assertEquals(1, starts.size());
    }

    @Test
    void theHealthCheckPassesWhenTheNodeSaysThatItLives() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(BASH), "no bash, which the image has");
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        assertHealthIsSeen(HttpServer.create(loopback, 0), Map.of());
    }

    @Test
    void theHealthCheckSpeaksTlsIfTheNodeDoes() throws Exception {
        assumeTrue(
                Files.isExecutable(BASH) && Tool.isInstalled("openssl"), "no bash or no openssl, which the image has");
        Path store = directory.resolve("key.p12");
        Tool.Result made = Tool.run(
                directory,
                "",
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                "EC",
                "-dname",
                "CN=a",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString());
        assertEquals(0, made.exit(), made::output);
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        assertHealthIsSeen(server, Map.of("RAFT_TLS", directory.toString()));
    }

    private static void assertHealthIsSeen(HttpServer server, Map<String, String> settings)
            throws IOException, InterruptedException {
        int[] status = {200};
        server.createContext("/", exchange -> {
            boolean asked = exchange.getRequestURI().getPath().equals("/health/live");
            exchange.sendResponseHeaders(asked ? status[0] : 404, -1);
            exchange.close();
        });
        server.start();
        try {
            assertEquals(0, health(server.getAddress().getPort(), settings));
            status[0] = 503;
            assertEquals(1, health(server.getAddress().getPort(), settings));
        } finally {
            server.stop(0);
        }
        assertEquals(1, health(FreePorts.take(1).get(0), settings));
    }

    private static int health(int port, Map<String, String> settings) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        BASH.toString(), DOCKER.resolve("health.sh").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("SERVER_PORT", Integer.toString(port));
        builder.environment().putAll(settings);
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(10, TimeUnit.SECONDS), "the health check hangs");
        } finally {
            process.destroyForcibly();
        }
        return process.exitValue();
    }

    private static Map<String, Object> compose() throws IOException {
        String text = Files.readString(DOCKER.resolve("compose.yaml"));
        Map<String, Object> compose = map(new Yaml(new SafeConstructor(new LoaderOptions())).load(text));
        // Docker Compose takes no keys but these, and its extensions.
        Set<String> keys = new HashSet<>(compose.keySet());
        keys.removeIf(key -> key.startsWith("x-"));
        assertEquals(Set.of("name", "services", "secrets", "volumes"), keys);
        return compose;
    }

    private static Map<String, Object> map(Object yaml) {
        Map<String, Object> map = new TreeMap<>();
        ((Map<?, ?>) yaml).forEach((key, value) -> map.put(key.toString(), value));
        return map;
    }
}
