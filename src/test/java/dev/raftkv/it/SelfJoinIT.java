package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeCommand;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that ask to be joined by themselves. */
final class SelfJoinIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(90);
    private static final NodeCommand PROGRAM =
            (node, base) -> new ExecutableWar(Build.war(), Build.deploy()).node(node, base);

    private final Http http = Http.plain(Duration.ofSeconds(10));
    private final List<NodeSpec> specs = new ArrayList<>();
    private final List<ServerProcess> processes = new ArrayList<>();
    private final Map<Integer, Path> logs = new HashMap<>();
    private Path directory;

    /** It is the program, but where a test says otherwise. */
    private NodeCommand servers = PROGRAM;

    @BeforeEach
    void choosePorts() throws IOException {
        directory = Build.directory("self-join");
        List<Integer> ports = FreePorts.take(6);
        for (int node = 0; node < 3; node++) {
            String id = "node" + (node + 1);
            specs.add(new NodeSpec(id, ports.get(2 * node), ports.get(2 * node + 1), directory.resolve(id + "-data")));
        }
    }

    @AfterEach
    void stop() {
        processes.forEach(ServerProcess::close);
    }

    @Test
    void nodesWithTheSameListFormOneClusterAndNothingHappensAfterARestart() throws IOException {
        servers = Container.JETTY_12_1;
        String list = address(0) + "," + address(1) + "," + address(2);
        for (int node = 2; node >= 0; node--) {
            start(node, list);
        }
        awaitClusterOfThree();
        for (int node = 0; node < 3; node++) {
            int number = node;
            eventually(
                    JOIN_LIMIT,
                    () -> assertEquals(
                            200,
                            http.get(specs.get(number).url("/health/ready")).status()));
        }

        Reply stored = store(0);
        assertEquals(200, stored.status(), stored::toString);
        List<Integer> before = lengths();
        processes.forEach(ServerProcess::stop);
        processes.clear();
        for (int node = 0; node < 3; node++) {
            start(node, list);
        }
        awaitClusterOfThree();
        for (int node = 0; node < 3; node++) {
            int number = node;
            String log = log(node);
            eventually(
                    START_LIMIT,
                    () -> assertTrue(log(number)
                            .substring(before.get(number))
                            .contains("has done with RAFT_JOIN: it is a member of a cluster of 3")));
            eventually(
                    START_LIMIT,
                    () -> assertEquals(
                            200, http.get(specs.get(number).url("/store/key")).status(), () -> log));
        }
    }

    @Test
    void aNodeAsksUntilSomebodyAnswersAndIsNotReadyBeforeAndAFollowerSendsItToTheLeader() throws IOException {
        start(1, address(0));
        processes.get(0).awaitOk(specs.get(1).url("/health/live"), START_LIMIT);
        Reply ready = http.get(specs.get(1).url("/health/ready"));
        assertEquals(503, ready.status(), ready::toString);
        assertTrue(ready.json().path("checks").findValuesAsText("check").contains("joining"), ready::toString);
        eventually(
                JOIN_LIMIT,
                () -> assertTrue(
                        log(1).contains("is not joined yet: no node of the list is a member of a cluster yet")));

        start(0, "");
        eventually(JOIN_LIMIT, () -> {
            assertEquals(2, stats(1).path("latest_configuration").size());
            assertEquals("node1", stats(1).path("leader_id").asText());
            assertEquals(200, http.get(specs.get(1).url("/health/ready")).status());
        });

        start(2, address(1));
        awaitClusterOfThree();
    }

    @Test
    void aNodeAsksNeitherItselfNorIfItHoldsKeys() throws IOException {
        start(0, address(0));
        eventually(START_LIMIT, () -> assertTrue(log(0).contains("node node1 founds the cluster")));
        processes.get(0).awaitOk(specs.get(0).url("/health/ready"), START_LIMIT);
        start(1, "");
        processes.get(1).awaitOk(specs.get(1).url("/health/ready"), START_LIMIT);
        assertEquals(200, store(1).status());
        processes.get(1).stop();

        start(1, address(0));
        eventually(
                START_LIMIT,
                () -> assertTrue(
                        log(1).contains("has done with RAFT_JOIN: it holds keys (1) that others do not know")));
        eventually(
                START_LIMIT,
                () -> assertEquals(
                        200, http.get(specs.get(1).url("/health/ready")).status()));
        assertEquals(1, stats(1).path("latest_configuration").size());
    }

    /** Whom to kill when a node has just been given the group of the founder, and is not known to be a member. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Timeout(300)
    void aJoinThatBreaksOffIsMade(boolean leader) throws IOException {
        String list = address(0) + "," + address(1) + "," + address(2);
        for (int node = 0; node < 3; node++) {
            start(node, list);
        }
        Path marker = specs.get(1).dataDirectory().resolve("node.properties");
        long deadline = System.nanoTime() + JOIN_LIMIT.toNanos();
        String seen = "";
        while (!seen.contains("stage=entering") && !seen.contains("stage=member")) {
            assertTrue(System.nanoTime() < deadline, "node2 was not taken in: " + seen);
            seen = Files.exists(marker) ? Files.readString(marker) : "";
        }
        int killed = leader ? 0 : 1;
        processes.get(killed).kill();
        start(killed, list);

        awaitClusterOfThree();
        for (int node = 0; node < 3; node++) {
            int number = node;
            eventually(
                    JOIN_LIMIT,
                    () -> assertEquals(
                            200,
                            http.get(specs.get(number).url("/health/ready")).status()));
        }
        assertEquals(200, store(0).status());
    }

    private void start(int node, String list) throws IOException {
        Path base = directory.resolve(specs.get(node).nodeId());
        Files.createDirectories(base);
        ServerCommand command = servers.node(specs.get(node), base).with("RAFT_JOIN", list);
        logs.put(node, command.log());
        processes.add(ServerProcess.start(command));
    }

    private void awaitClusterOfThree() {
        eventually(JOIN_LIMIT, () -> {
            String leader = stats(0).path("leader_id").asText();
            assertTrue(leader.startsWith("node"), leader);
            for (int node = 0; node < 3; node++) {
                JsonNode stats = stats(node);
                assertEquals(3, stats.path("latest_configuration").size(), stats::toString);
                assertEquals(leader, stats.path("leader_id").asText(), stats::toString);
            }
        });
    }

    private Reply store(int node) {
        Http curl = Http.following(Duration.ofSeconds(10));
        return eventually(START_LIMIT, () -> curl.post(specs.get(node).url("/store"), "{\"key\":\"key\",\"value\":1}"));
    }

    private JsonNode stats(int node) throws IOException {
        Reply reply = http.get(specs.get(node).url("/raft/stats"));
        assertEquals(200, reply.status(), reply::toString);
        return reply.json().path("data");
    }

    private String address(int node) {
        return specs.get(node).url("");
    }

    private List<Integer> lengths() throws IOException {
        List<Integer> lengths = new ArrayList<>();
        for (int node = 0; node < 3; node++) {
            lengths.add(log(node).length());
        }
        return lengths;
    }

    private String log(int node) throws IOException {
        return Files.readString(logs.get(node));
    }
}
