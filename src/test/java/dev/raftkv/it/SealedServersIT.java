package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.Nginx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two nodes that know each other by a secret, where somebody else's server or a proxy stands between them. */
final class SealedServersIT {
    @ParameterizedTest
    @EnumSource(Container.class)
    void nodesInAServerKnowEachOther(Container container) throws IOException, GeneralSecurityException {
        String name = "sealed-" + container.name().toLowerCase(Locale.ROOT);
        try (SealedNodes nodes = new SealedNodes(container, name, 2)) {
            form(nodes);
            check(nodes);
        }
    }

    private static void form(SealedNodes nodes) throws IOException {
        nodes.start();
        nodes.start();
        nodes.awaitMembers(1, 0, 1);
        nodes.join(1);
        nodes.awaitMembers(2, 0, 1);
    }

    private static void check(SealedNodes nodes) throws IOException {
        nodes.checkFollower(1 - nodes.leader());
        for (int node = 0; node < 2; node++) {
            String log = nodes.process(node).log();
            assertFalse(log.contains("refused: a node"), log);
        }
    }

    /** They ask each other by their public addresses, and so through the proxy, which leaves their seals as they are. */
    @Test
    void nodesBehindAProxyKnowEachOther() throws IOException, GeneralSecurityException {
        assumeTrue(Nginx.isInstalled(), "nginx is not installed: apt-get install nginx-light");
        List<Integer> ports = FreePorts.take(2);
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        Path directory = Build.directory("sealed-nginx-proxy");
        String proxied = "http://127.0.0.1:" + ports.get(0) + "/kv/";
        try (SealedNodes nodes = new SealedNodes(
                        (spec, base) -> war.node(spec, base).with("RAFT_HTTP_ADDRESS", proxied + spec.nodeId()),
                        "sealed-nginx",
                        2);
                Nginx nginx = Nginx.start(
                        directory,
                        ports.get(0),
                        List.of(nodes.spec(0).httpPort(), nodes.spec(1).httpPort(), ports.get(1)),
                        "")) {
            form(nodes);
            check(nodes);
            int follower = 1 - nodes.leader();
            Http http = Http.plain(SealedNodes.LIMIT);
            Reply written = http.put(nginx.url(follower, "/store/proxied"), "1", "Authorization", "Bearer of-alice");
            assertEquals(200, written.status(), written::toString);
            assertEquals(
                    403,
                    http.put(nginx.url(follower, "/store/proxied"), "2", "Authorization", "Bearer of-bob")
                            .status());
            assertEquals(401, http.get(nginx.url("/store/proxied")).status());
            String path = "/store/proxied?consistency=linearizable";
            Reply read = http.get(nginx.url(follower, path), "Authorization", "Bearer of-bob");
            assertEquals(200, read.status(), read::toString);
            // What a follower has passed on to the leader has come through the proxy.
            eventually(Duration.ofSeconds(10), () -> {
                String log = Files.readString(directory.resolve("access.log"));
                String leaderPath = "PUT /kv/node" + (nodes.leader() + 1) + "/store/proxied";
                assertTrue(log.contains(leaderPath), log);
            });
        }
    }
}
