package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig.Consul;
import dev.raftkv.consul.ConsulCaller;
import dev.raftkv.consul.compare.Asked;
import dev.raftkv.model.Role;
import dev.raftkv.rest.ConsulRecording;
import dev.raftkv.rest.RawHttp;
import dev.raftkv.testkit.TestConfigs;
import dev.raftkv.testkit.Together;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What libraries ask of Consul is answered by the leader of three nodes as by a follower, also where they wait for news. */
@Timeout(120)
class ConsulClientsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int SIZE = 3;

    @TempDir
    static Path directory;

    /** One cluster for each role, as the same keys are in all recordings of a client. */
    private static final Map<Role, HttpNodes> CLUSTERS = new EnumMap<>(Role.class);

    @BeforeAll
    static void start() {
        for (Role role : List.of(Role.LEADER, Role.FOLLOWER)) {
            CLUSTERS.put(role, started(new HttpNodes(directory.resolve(role.name()), SIZE)));
        }
    }

    private static HttpNodes started(HttpNodes nodes) {
        Consul on = new Consul(true, "dc1", Duration.ofSeconds(10));
        Together.each(
                List.of(0, 1, 2),
                node -> nodes.start(node, TestConfigs.with(nodes.config(node, HttpNodes.id(node), nodes.list()), on)));
        eventually(
                SOON, () -> assertEquals(SIZE - 1, those(Role.FOLLOWER, nodes).size()));
        for (int node = 0; node < SIZE; node++) {
            RawHttp http = http(node, nodes);
            eventually(SOON, () -> assertEquals(404, http.get("/v1/kv/nothing").status()));
        }
        return nodes;
    }

    @AfterAll
    static void stop() {
        CLUSTERS.values().forEach(HttpNodes::close);
        CLUSTERS.clear();
    }

    private static RawHttp http(int node, HttpNodes nodes) {
        return new RawHttp(URI.create(nodes.url(node)).getPort(), "");
    }

    private static List<Integer> those(Role role, HttpNodes nodes) {
        return IntStream.range(0, SIZE)
                .filter(node -> nodes.node(node).kv().status().role() == role)
                .boxed()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ecwid", "kiwi", "go", "npm", "patroni", "python", "spring"})
    void theLeaderAnswersAsItWasRecorded(String client) throws IOException {
        replay(client, Role.LEADER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ecwid", "kiwi", "go", "npm", "patroni", "python", "spring"})
    void aFollowerAnswersAsItWasRecorded(String client) throws IOException {
        replay(client, Role.FOLLOWER);
    }

    private static void replay(String client, Role role) throws IOException {
        HttpNodes nodes = CLUSTERS.get(role);
        int node = those(role, nodes).get(0);
        Asked.at(new ConsulCaller(nodes.url(node))).clear();
        ConsulRecording.of(client).askedOf(HttpNodes.id(node)).replay(http(node, nodes));
    }
}
