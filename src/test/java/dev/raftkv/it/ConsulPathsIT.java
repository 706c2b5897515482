package dev.raftkv.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.rest.RawHttp;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Nginx;
import dev.raftkv.testkit.NodeCommand;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each path below {@code /v1} is the key that it says, or refused: in no server is it another key. */
final class ConsulPathsIT {
    private static final Duration SOON = Duration.ofSeconds(90);

    private static final Map<String, String> KEYS = Map.of(
            "semi;colon", "semi;colon",
            "semi%3Bescaped", "semi;escaped",
            "a%20space", "a space",
            "%C3%A7", "\u00e7",
            "a+plus", "a+plus",
            "folder/", "folder/",
            "two//slashes", "two//slashes",
            "escaped%2Fslash", "escaped/slash",
            "escaped%2F%2Fslashes", "escaped//slashes",
            "100%25", "100%");

    private static final List<String> REFUSED = List.of(
            "/v1/kv/nul%00",
            "/v1/kv/no%FFtext",
            "/v1/kv/odd%zz",
            "/v1/kv//first",
            "/v1/kv/%2Ffirst",
            "/v1/kv/a/../dots",
            "/v1/kv/a/%2e%2e/dots",
            "/v1/kv/a%2F..%2Fdots",
            "/v1/kv/./dot",
            "/v1/kv/%20before",
            "/v1/kv/after%20");

    /** They are not what they would be resolved to. Some servers give them to other parts of the application. */
    private static final List<String> ELSEWHERE = List.of(
            "/x/../v1/kv/elsewhere",
            "//v1/kv/elsewhere",
            "/v1//kv/elsewhere",
            "/v1;x/kv/elsewhere",
            "/v%31/kv/elsewhere",
            "/v1%2Fkv/elsewhere",
            "/v1/kv%2Felsewhere",
            "/v1/./kv/elsewhere");

    @ParameterizedTest
    @EnumSource(Container.class)
    void inEachServer(Container container) throws IOException {
        check("consul-paths-" + container.name().toLowerCase(Locale.ROOT), container, false);
    }

    @Test
    void ofTheProgram() throws IOException {
        NodeCommand program = (node, base) -> new ExecutableWar(Build.war(), Build.deploy())
                .node(node, base)
                .with("JDK_JAVA_OPTIONS", Build.SHORT_LIFE);
        check("consul-paths-program", program, false);
    }

    @Test
    void behindNginx() throws IOException {
        assumeTrue(Nginx.isInstalled(), "nginx is not installed: apt-get install nginx-light");
        check("consul-paths-nginx", Container.TOMCAT_11, true);
    }

    private static void check(String name, NodeCommand servers, boolean proxied) throws IOException {
        Path directory = Build.directory(name);
        List<Integer> ports = FreePorts.take(5);
        Path base = directory.resolve("node1");
        NodeSpec spec = new NodeSpec("node1", ports.get(0), ports.get(1), base.resolve("data"));
        Files.createDirectories(base);
        try (ServerProcess node = ServerProcess.start(servers.node(spec, base))) {
            node.awaitOk(spec.url("/health/ready"), SOON);
            ConsulNodes.awaitWrites(spec.url(""));
            if (proxied) {
                List<Integer> nodes = List.of(ports.get(0), ports.get(3), ports.get(4));
                try (Nginx nginx = Nginx.start(directory.resolve("nginx"), ports.get(2), nodes, "")) {
                    assertTrue(nginx.url("").endsWith(":" + ports.get(2) + "/kv"));
                    check(new RawHttp(ports.get(2), "/kv"), spec);
                }
            } else {
                check(new RawHttp(spec.httpPort(), ""), spec);
            }
        }
    }

    private static void check(RawHttp server, NodeSpec spec) throws IOException {
        Set<String> expected = new TreeSet<>(KEYS.values());
        expected.add("first");
        KEYS.forEach((path, key) -> {
            RawHttp.Answer stored = put(server, "/v1/kv/" + path, path);
            assertEquals("200 true", stored.status() + " " + stored.body(), path);
            assertEquals(path, server.get("/v1/kv/" + path + "?raw").body());
        });
        // Where a server lets it through, it is a key.
        RawHttp.Answer backslash = put(server, "/v1/kv/back%5Cslash", "x");
        if (backslash.status() == 200) {
            expected.add("back\\slash");
        } else {
            assertEquals(400, backslash.status(), backslash::toString);
        }
        for (String path : REFUSED) {
            RawHttp.Answer refused = put(server, path, "x");
            assertEquals(400, refused.status(), () -> path + ": " + refused);
        }
        for (String path : ELSEWHERE) {
            RawHttp.Answer refused = put(server, path, "x");
            assertTrue(List.of(400, 404, 405).contains(refused.status()), () -> path + ": " + refused);
        }
        Set<String> there = new TreeSet<>();
        new JsonMapper()
                .readTree(new RawHttp(spec.httpPort(), "").get("/v1/kv/?keys").body())
                .forEach(key -> there.add(key.asText()));
        assertEquals(expected, there);
    }

    private static RawHttp.Answer put(RawHttp server, String path, String value) {
        byte[] body = value.getBytes(UTF_8);
        return server.send("PUT", path, "Content-Length: " + body.length + "\r\n", body);
    }
}
