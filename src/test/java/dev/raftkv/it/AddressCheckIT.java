package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node that says a wrong HTTP address of itself is found out before it leads. */
@Timeout(300)
final class AddressCheckIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final Http http = Http.plain(Duration.ofSeconds(30));
    private final Path directory = Build.directory("address-check");
    private final List<Integer> ports = FreePorts.take(5);

    AddressCheckIT() throws IOException {}

    @Test
    void aPortWhereNobodyListensAndTheAddressOfAnotherAreTold() throws IOException {
        NodeSpec first = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("node1"));
        NodeSpec second = new NodeSpec("node2", ports.get(2), ports.get(3), directory.resolve("node2"));
        try (ServerProcess one = start(first, "http://127.0.0.1:" + ports.get(4));
                ServerProcess two = start(second, first.url(""))) {
            one.awaitOk(first.url("/raft/stats"), LIMIT);
            two.awaitOk(second.url("/raft/stats"), LIMIT);
            Reply joined = http.post(
                    first.url("/raft/join"),
                    "{\"node_id\": \"node2\", \"raft_address\": \"" + second.raftAddress() + "\"}");
            assertEquals(200, joined.status(), joined::toString);

            for (NodeSpec node : List.of(first, second)) {
                awaitMetric(node, "raftkv_http_address_wrong{member=\"node1\"} 1");
                awaitMetric(node, "raftkv_http_address_wrong{member=\"node2\"} 1");
            }
            assertTrue(
                    one.log()
                            .contains("node1 runs, but does not answer at its HTTP address http://127.0.0.1:"
                                    + ports.get(4) + ", and requests come in at port " + ports.get(0)
                                    + ": set its RAFT_HTTP_ADDRESS"),
                    one::logTail);
            assertTrue(
                    two.log().contains("node1 answers at " + first.url("") + ", the HTTP address of node2"),
                    two::logTail);
        }
    }

    private void awaitMetric(NodeSpec node, String line) {
        eventually(LIMIT, () -> {
            String metrics = http.get(node.url("/metrics")).text();
            assertTrue(metrics.lines().anyMatch(line::equals), () -> line + " is not in\n" + metrics);
        });
    }

    private static ServerProcess start(NodeSpec node, String httpAddress) throws IOException {
        return ServerProcess.start(new ExecutableWar(Build.war(), Build.deploy())
                .node(node, node.dataDirectory().resolveSibling(node.nodeId() + "-log"))
                .with("RAFT_HTTP_ADDRESS", httpAddress));
    }
}
