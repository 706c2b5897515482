package dev.raftkv.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.rest.RawHttp;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.Nginx;
import dev.raftkv.testkit.NodeCommand;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.PrivateFiles;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However a path is written: in no server, set up as {@code deploy} says, does it mean another key or get past a role. */
final class PathsIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final String NOBODY = "";

    /** Paths that name a key, in all servers; or are refused, in Tomcat, as to those that have a backslash. */
    private static final Map<String, String> OF_KEYS = keys();

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("/store/a", "a");
        keys.put("/store/%61", "a");
        keys.put("/store/a/", "a");
        keys.put("/store/a/b", "a/b");
        keys.put("/store/a%2Fb", "a/b");
        keys.put("/store/a%2fb", "a/b");
        keys.put("/store/a//b", "a//b");
        keys.put("/store/a%2F/b", "a//b");
        keys.put("/store//a", "/a");
        keys.put("/store/%2Fa", "/a");
        keys.put("/store/a%25b", "a%b");
        keys.put("/store/a%252Fb", "a%2Fb");
        keys.put("/store/a%5Cb", "a\\b");
        keys.put("/store/x/..%2Fa", "x/../a");
        return keys;
    }

    /** Paths that are refused, by the server or by the node. */
    private static final List<String> OF_NONE = List.of(
            "/store/../store/a",
            "/store/./a",
            "/store/x/../a",
            "/store/%2e%2e/store/a",
            "/store/x/%2E%2E/a",
            "/store/x/.%2e/a",
            "/store/a/..",
            "/store/a/%2e",
            "/x/../store/a",
            "/x/..%2Fstore/a",
            "/x%2F..%2Fstore/a",
            "/x%5C..%5Cstore/a",
            "/..%2Fstore/a",
            "/.%2Fstore/a",
            "//store/a",
            "///store/a",
            "//;",
            "//a:b/store/a",
            "/x//store/a",
            "/%2Fstore/a",
            "/store%2Fa",
            "/store%5Ca",
            "/store;x/a",
            "/store/a;x",
            "/;x/store/a",
            "/s%74ore/a",
            "/s%2574ore/a",
            "/store/a%00b",
            "/store/a%FF",
            "/store/a%C0%AFb",
            "/store/a%zz",
            "/store/%2e%2e/health",
            "/health/live/../../store/a",
            "/health/live/..%2f..%2fstore/a",
            "/health/live%2F..%2F..%2Fstore/a",
            "/health/live;/../store/a",
            "/health/live//../../store/a",
            "/page.css/..%2Fstore/a",
            "/openapi.json%2F..%2Fstore/a",
            "/raft%2Fstats",
            "/raft//stats",
            "/raft/stats;x",
            "/x/../raft/stats",
            "/r%61ft/stats",
            "//metrics",
            "/x/../metrics",
            "/%6detrics",
            "/metrics;x",
            "/.%2Fmetrics",
            "/v1/kv/x/../a",
            "/x/../v1/kv/a",
            "//v1/kv/a",
            "/v1;x/kv/a",
            "/v%31/kv/a",
            "/v1%2Fkv/a",
            "/WEB-INF%2Fweb.xml",
            "/api%2F..%2FWEB-INF%2Fweb.xml",
            "/WEB-INF%5Cweb.xml",
            "/%57EB-INF//web.xml");

    /** Paths by which clients of Consul read and write keys of the same store. */
    private static final List<String> OF_CONSUL = List.of("/v1/kv/a", "/v1/kv/a%2Fb");

    /** Paths of what is open to all, as it is not open: whoever has a role may see it. */
    private static final List<String> OF_PAGES = List.of(
            "//page.css",
            "/x/../page.css",
            "/x%2F..%2Fpage.css",
            "/page.css%2F",
            "/page.css;x",
            "/%70age.css",
            "/api%2Fapi.js",
            "/api//api.js",
            "/api/x/..%2Fapi.js",
            "/x/../health/live",
            "/health%2Flive",
            "/health//live",
            "/store/%2e%2e/health/live",
            "/health/live;x",
            "/%68ealth/live");

    /** Where a node runs, and what stands before it. */
    enum Way {
        PROGRAM(Way::program),
        TOMCAT_10_1(Container.TOMCAT_10_1),
        TOMCAT_11(Container.TOMCAT_11),
        JETTY_12_1(Container.JETTY_12_1),
        PROGRAM_BEHIND_NGINX(Way::program),
        JETTY_12_1_BEHIND_NGINX(Container.JETTY_12_1);

        private final NodeCommand command;

        Way(NodeCommand command) {
            this.command = command;
        }

        private static ServerCommand program(NodeSpec node, Path base) throws IOException {
            return new ExecutableWar(Build.war(), Build.deploy()).node(node, base);
        }

        boolean isBehindNginx() {
            return name().endsWith("NGINX");
        }

        boolean isTomcat() {
            return name().startsWith("TOMCAT");
        }
    }

    private record Server(Way way, RawHttp raw, Http http, String url) {
        /** Status 0 where the server has ended the connection before the answer could be read. */
        Answer send(String method, String path, String who) {
            String credentials = who.isEmpty() ? "" : "Authorization: Bearer of-" + who + "\r\n";
            if (!method.equals("PUT")) {
                return raw.send(method, path, credentials);
            }
            String type = "Content-Type: application/json\r\nContent-Length: 3\r\n";
            try {
                return raw.send(method, path, credentials + type, new byte[] {'"', '!', '"'});
            } catch (UncheckedIOException e) {
                return new Answer(0, Map.of(), "");
            }
        }

        void store(String key) throws IOException {
            String target = url + "/store?key=" + URLEncoder.encode(key, UTF_8);
            Reply stored =
                    http.put(target, "\"is " + key.replace("\\", "\\\\") + "\"", "Authorization", "Bearer of-writer");
            assertEquals(200, stored.status(), stored::toString);
        }

        Map<String, String> all() throws IOException {
            Map<String, String> all = new TreeMap<>();
            Reply list = http.get(url + "/store?prefix=", "Authorization", "Bearer of-reader");
            assertEquals(200, list.status(), list::toString);
            for (JsonNode entry : list.json().path("data")) {
                all.put(entry.path("key").asText(), entry.path("value").asText());
            }
            return all;
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void noPathMeansAnotherKeyOrGetsPastARole(Way way) throws IOException, GeneralSecurityException {
        assumeTrue(!way.isBehindNginx() || Nginx.isInstalled(), "nginx is not installed: apt-get install nginx-light");
        Path directory = Files.createDirectories(Build.directory("paths-" + way));
        List<Integer> ports = FreePorts.take(5);
        NodeSpec node = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
        Path base = Files.createDirectories(directory.resolve("server"));
        String tokens =
                PrivateFiles.write(directory.resolve("tokens"), tokens()).toString();
        try (ServerProcess server =
                ServerProcess.start(way.command.node(node, base).with("RAFT_AUTH", tokens))) {
            server.awaitOk(node.url("/health/ready"), SOON);
            Http http = Http.plain(Duration.ofSeconds(20));
            if (!way.isBehindNginx()) {
                check(new Server(way, new RawHttp(node.httpPort(), ""), http, node.url("")));
                return;
            }
            List<Integer> nodes = List.of(node.httpPort(), ports.get(3), ports.get(4));
            try (Nginx nginx = Nginx.start(directory.resolve("nginx"), ports.get(2), nodes, "")) {
                check(new Server(way, new RawHttp(ports.get(2), "/kv/node1"), http, nginx.url(0, "")));
            }
        }
    }

    private static String tokens() throws GeneralSecurityException {
        StringBuilder lines = new StringBuilder();
        for (String role : List.of("reader", "writer", "metrics")) {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(("of-" + role).getBytes(UTF_8));
            lines.append(role + ":" + role + ":" + HexFormat.of().formatHex(digest) + "\n");
        }
        return lines.toString();
    }

    private static void check(Server server) throws IOException {
        for (String key : OF_KEYS.values()) {
            server.store(key);
        }
        Map<String, String> before = server.all();
        for (Map.Entry<String, String> each : OF_KEYS.entrySet()) {
            checkKey(server, each.getKey(), each.getValue());
        }
        for (String path : OF_NONE) {
            for (String method : List.of("GET", "PUT", "DELETE")) {
                for (String who : List.of(NOBODY, "reader", "writer", "metrics")) {
                    assertRefused(server, method, path, who);
                }
            }
        }
        for (String path : OF_CONSUL) {
            for (String who : List.of(NOBODY, "metrics")) {
                assertRefused(server, "GET", path, who);
            }
            for (String who : List.of(NOBODY, "metrics", "reader")) {
                assertRefused(server, "PUT", path, who);
                assertRefused(server, "DELETE", path, who);
            }
            Answer read = server.send("GET", path, "reader");
            assertEquals(200, read.status(), () -> server.way() + ": " + path + ": " + read);
        }
        for (String path : OF_PAGES) {
            assertRefused(server, "GET", path, NOBODY);
            Answer answer = server.send("GET", path, "reader");
            assertTrue(answer.status() < 500, () -> server.way() + ": " + path + ": " + answer);
        }
        assertEquals(before, server.all());
    }

    private static void checkKey(Server server, String path, String key) throws IOException {
        for (String who : List.of(NOBODY, "metrics")) {
            assertRefused(server, "GET", path, who);
        }
        for (String who : List.of(NOBODY, "metrics", "reader")) {
            assertRefused(server, "PUT", path, who);
            assertRefused(server, "DELETE", path, who);
        }
        if (server.way().isTomcat() && key.contains("\\")) {
            assertRefused(server, "GET", path, "reader");
            return;
        }
        Answer read = server.send("GET", path, "reader");
        assertEquals(200, read.status(), () -> server.way() + ": " + path + ": " + read);
        String json = "\"" + key.replace("\\", "\\\\") + "\"";
        assertTrue(read.body().contains("{\"key\":" + json + ",\"value\":\"is " + json.substring(1)), read::body);
        Answer written = server.send("PUT", path, "writer");
        assertEquals(200, written.status(), () -> server.way() + ": " + path + ": " + written);
        assertTrue(written.body().contains("{\"key\":" + json + ","), written::body);
        server.store(key);
    }

    private static void assertRefused(Server server, String method, String path, String who) {
        Answer answer = server.send(method, path, who);
        String what = server.way() + ": " + method + " " + path + " by " + who + ": " + answer;
        assertTrue(answer.status() == 0 || answer.status() >= 400 && answer.status() < 500, what);
        assertFalse(answer.body().contains("\"is "), what);
        if (who.isEmpty()) {
            assertTrue(List.of(0, 400, 401, 403, 404).contains(answer.status()), what);
        }
    }
}
