package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeCommand;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.time.Duration;

/** Nodes that are asked as Consul is. */
final class ConsulNodes {
    private static final Duration SOON = Duration.ofSeconds(30);

    private ConsulNodes() {}

    /** Three nodes of one cluster, each of {@code java -jar}, that take Consul's writes. */
    static ServerCluster start(String name) throws IOException {
        NodeCommand program = (node, base) -> new ExecutableWar(Build.war(), Build.deploy())
                .node(node, base)
                .with("JDK_JAVA_OPTIONS", Build.SHORT_LIFE);
        ServerCluster cluster = ServerCluster.start(program, name);
        try {
            cluster.joinAll();
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                awaitWrites(cluster.url(node, ""));
            }
        } catch (IOException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    /** Waits until the node at the URL takes a write of Consul's. */
    static void awaitWrites(String url) {
        Http http = Http.plain(SOON);
        eventually(SOON, () -> {
            Reply reply = http.put(url + "/v1/kv/first", "x");
            assertEquals("200 true", reply.status() + " " + reply.text());
        });
    }
}
