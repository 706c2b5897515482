package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig.Consul;
import dev.raftkv.model.Role;
import dev.raftkv.rest.ConsulRecording;
import dev.raftkv.rest.RawHttp;
import dev.raftkv.testkit.TestConfigs;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What libraries ask of Consul is answered by a follower as by the leader. */
class ConsulClientsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Consul ON = new Consul(true, "dc1", Duration.ofSeconds(10));

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"kiwi", "go", "patroni", "python"})
    void aFollowerAnswersAsItWasRecorded(String client) throws IOException {
        try (HttpNodes nodes = new HttpNodes(directory, 3)) {
            for (int node = 0; node < 3; node++) {
                nodes.start(node, TestConfigs.with(nodes.config(node, HttpNodes.id(node), nodes.list()), ON));
            }
            eventually(SOON, () -> assertEquals(2, followers(nodes).size()));
            int follower = followers(nodes).get(0);
            RawHttp http = new RawHttp(URI.create(nodes.url(follower)).getPort(), "");
            eventually(SOON, () -> assertEquals(404, http.get("/v1/kv/nothing").status()));
            ConsulRecording.of(client).askedOf(HttpNodes.id(follower)).replay(http);
        }
    }

    private static List<Integer> followers(HttpNodes nodes) {
        return IntStream.range(0, 3)
                .filter(node -> nodes.node(node).kv().status().role() == Role.FOLLOWER)
                .boxed()
                .toList();
    }
}
