package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import dev.raftkv.tls.TestCertificates;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three machines lose their power under load, and two of them for good: {@code java -jar raftkv.war} with certificates and
 * {@code kill -9}. The third is that which led, because nobody else is sure to have all that was acknowledged.
 */
@Timeout(360)
final class RecoverFromKillsIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int NODES = 5;
    private static final int CLIENTS = 4;

    /** So many are in a snapshot, and as many in the log only. */
    private static final int WRITES = 300;

    private final ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
    private final ObjectMapper mapper = new ObjectMapper();
    private final List<NodeSpec> specs = new ArrayList<>();
    private final Map<Integer, ServerProcess> processes = new HashMap<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private Path directory;
    private final List<Path> certificates = new ArrayList<>();
    private Http http;

    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createDirectories(Build.directory("recover-from-kills"));
        TestCertificates authority = TestCertificates.in(directory.resolve("certs"));
        http = Http.trusting(Tls.open(authority.node("client")).context(), Duration.ofSeconds(10));
        List<Integer> ports = FreePorts.take(2 * NODES);
        for (int node = 0; node < NODES; node++) {
            String id = "node" + (node + 1);
            specs.add(new NodeSpec(id, ports.get(2 * node), ports.get(2 * node + 1), directory.resolve(id + "-data")));
            certificates.add(authority.node(id));
        }
    }

    @AfterEach
    void close() {
        stop.set(true);
        processes.values().forEach(ServerProcess::close);
    }

    @Test
    void allThatWasAcknowledgedIsThereAndAnOldMemberHarmsNothing() throws Exception {
        for (int node = 0; node < 3; node++) {
            start(node, Map.of());
        }
        for (int node = 0; node < 3; node++) {
            awaitReady(node);
        }
        assertEquals(200, join(1).status());
        assertEquals(200, join(2).status());
        killUnderWrites();

        start(0, Map.of("RAFT_RECOVER", "true"));
        awaitReady(0);
        Map<String, JsonNode> kept = keys(0);
        List<String> missing = acknowledged.stream()
                .filter(key -> !kept.containsKey(key))
                .sorted()
                .toList();
        assertEquals(List.of(), missing, () -> "of " + acknowledged.size() + " acknowledged writes are missing");
        assertTrue(processes.get(0).log().contains("was recovered (RAFT_RECOVER)"), processes.get(0)::logTail);

        for (int node = 3; node < NODES; node++) {
            start(node, Map.of());
            awaitReady(node);
            Reply joined = join(node);
            assertEquals(200, joined.status(), joined::toString);
        }
        anOldOneComesBack();
        Reply last = put(0, "last");
        assertEquals(200, last.status(), last::toString);
        Map<String, JsonNode> all = keys(0);
        assertTrue(all.keySet().containsAll(acknowledged) && all.containsKey("last"));
        for (int node = 3; node < NODES; node++) {
            assertEquals(all, keys(node), specs.get(node).nodeId());
        }
    }

    private void killUnderWrites() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            for (int number = 0; number < CLIENTS; number++) {
                int client = number;
                clients.submit(() -> write(client));
            }
            eventually(LIMIT, () -> assertTrue(acknowledged.size() >= WRITES));
            Reply snapshot = http.post(url(0, "/raft/snapshot"), "");
            assertEquals(200, snapshot.status(), snapshot::toString);
            int then = acknowledged.size();
            eventually(LIMIT, () -> assertTrue(acknowledged.size() >= then + WRITES));
            assertEquals("Leader", stats(0).path("state").asText());
            processes.get(1).kill();
            processes.get(2).kill();
            processes.get(0).kill();
        } finally {
            stop.set(true);
            clients.shutdown();
            assertTrue(clients.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS));
        }
    }

    private void write(int client) {
        for (int number = 0; !stop.get(); number++) {
            String key = "client" + client + "-" + number;
            try {
                if (put(0, key).status() == 200) {
                    acknowledged.add(key);
                }
            } catch (IOException e) {
                // Unknown: it may be there or not.
            }
        }
    }

    private void anOldOneComesBack() throws IOException {
        start(1, Map.of());
        eventually(
                START_LIMIT,
                () -> assertEquals("node2", stats(1).path("node_id").asText()));
        Reply refused = join(1);
        assertEquals(409, refused.status(), refused::toString);
        assertTrue(refused.text().contains("node2 belongs to another cluster"), refused::toString);
        assertNotEquals(200, put(1, "wild").status());
        Reply beside = put(0, "beside");
        assertEquals(200, beside.status(), beside::toString);
        assertEquals(404, http.get(url(1, "/store/beside")).status());
        assertNotEquals("Leader", stats(1).path("state").asText());
        assertEquals(404, http.get(url(0, "/store/wild")).status());
    }

    /** What a node holds, which has all that was acknowledged; each key with all that is known about it. */
    private Map<String, JsonNode> keys(int node) throws IOException {
        Reply backup = http.get(url(node, "/backup?consistency=linearizable"));
        assertEquals(200, backup.status(), backup::toString);
        Map<String, JsonNode> keys = new TreeMap<>();
        for (String line : backup.text().lines().toList()) {
            JsonNode json = mapper.readTree(line);
            if (json.has("key")) {
                keys.put(json.path("key").asText(), json);
            }
        }
        return keys;
    }

    private void start(int node, Map<String, String> settings) throws IOException {
        NodeSpec spec = specs.get(node);
        ServerCommand command = war.node(spec, directory.resolve(spec.nodeId()))
                .with("RAFT_TLS", certificates.get(node).toString());
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            command = command.with(setting.getKey(), setting.getValue());
        }
        processes.put(node, ServerProcess.start(command));
    }

    private void awaitReady(int node) {
        eventually(
                START_LIMIT,
                () -> assertEquals(
                        200,
                        http.get(url(node, "/health/ready")).status(),
                        () -> processes.get(node).logTail()));
    }

    private JsonNode stats(int node) throws IOException {
        return http.get(url(node, "/raft/stats")).json().path("data");
    }

    private Reply put(int node, String key) throws IOException {
        return http.put(url(node, "/store/" + key), "1");
    }

    private Reply join(int node) throws IOException {
        return http.post(
                url(0, "/raft/join"),
                "{\"node_id\":\"" + specs.get(node).nodeId() + "\",\"raft_address\":\""
                        + specs.get(node).raftAddress() + "\"}");
    }

    private String url(int node, String path) {
        return specs.get(node).url(path).replaceFirst("^http:", "https:");
    }
}
