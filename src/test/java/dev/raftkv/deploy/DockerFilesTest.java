package dev.raftkv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.raftkv.config.ConfigSources;
import dev.raftkv.config.Deployment;
import dev.raftkv.config.NodeConfig;
import dev.raftkv.config.Setting;
import dev.raftkv.config.Source;
import dev.raftkv.testkit.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

final class DockerFilesTest {
    private static final Path DOCKER = Path.of("deploy", "docker");
    private static final Path BASH = Path.of("/bin/bash");
    private static final String DATA = "/data";
    private static final int STOP_STEPS = 4;

    @Test
    void eachOfTheFiveNodesIsOneThatTheOthersAndTheHostReach() throws IOException {
        Map<String, Object> services = map(compose().get("services"));
        assertEquals(Set.of("node1", "node2", "node3", "node4", "node5"), services.keySet());
        Set<String> ports = new HashSet<>();
        for (String name : services.keySet()) {
            Map<String, Object> service = map(services.get(name));
            Map<String, String> environment = new TreeMap<>(Map.of("RAFT_VOL_DIR", DATA));
            map(service.get("environment")).forEach((key, value) -> environment.put(key, value.toString()));
            ConfigSources sources = new ConfigSources(List.of(Source.environment(environment)));
            assertEquals(List.of(), sources.warnings());
            NodeConfig node = sources.load(
                            new Deployment("", Optional.empty(), Path.of("").toAbsolutePath()))
                    .node();

            assertEquals(name, node.nodeId());
            assertEquals(name, node.raftAddress().host());
            assertEquals("http://" + name + ":" + environment.get("SERVER_PORT"), node.httpAddress());
            String port = environment.get("SERVER_PORT");
            assertEquals(List.of("127.0.0.1:" + port + ":" + port), service.get("ports"));
            assertTrue(ports.add(port), port);
            assertEquals(List.of(name + ":" + DATA), service.get("volumes"));
        }
        assertEquals(services.keySet(), map(compose().get("volumes")).keySet());
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
    void theHealthCheckPassesWhenTheNodeSaysThatItLives() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(BASH), "no bash, which the image has");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        int[] status = {200};
        server.createContext("/", exchange -> {
            boolean asked = exchange.getRequestURI().getPath().equals("/health/live");
            exchange.sendResponseHeaders(asked ? status[0] : 404, -1);
            exchange.close();
        });
        server.start();
        try {
            assertEquals(0, health(server.getAddress().getPort()));
            status[0] = 503;
            assertEquals(1, health(server.getAddress().getPort()));
        } finally {
            server.stop(0);
        }
        assertEquals(1, health(FreePorts.take(1).get(0)));
    }

    private static int health(int port) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        BASH.toString(), DOCKER.resolve("health.sh").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("SERVER_PORT", Integer.toString(port));
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
        assertEquals(Set.of("name", "services", "volumes"), keys);
        return compose;
    }

    private static Map<String, Object> map(Object yaml) {
        Map<String, Object> map = new TreeMap<>();
        ((Map<?, ?>) yaml).forEach((key, value) -> map.put(key.toString(), value));
        return map;
    }
}
