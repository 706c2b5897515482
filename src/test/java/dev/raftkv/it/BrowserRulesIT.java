package dev.raftkv.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.rest.RawHttp;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.NodeCommand;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a browser is told to ask for by a page of another site, in each server. */
@Timeout(180)
final class BrowserRulesIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final String LANGUAGE = "Accept-Language: de\r\n";

    private RawHttp http;
    private int port;

    static Stream<Arguments> servers() {
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        return Stream.concat(
                Stream.of(Arguments.of("java -jar", (NodeCommand) war::node)),
                Stream.of(Container.values()).map(each -> Arguments.of(each.name(), each)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("servers")
    void aPageOfAnotherSiteDoesNothingAndOursWorks(String name, NodeCommand server) throws IOException {
        Path directory = Build.directory(
                "browsers-" + name.replaceAll("[^A-Za-z0-9]", "-").toLowerCase(Locale.ROOT));
        List<Integer> ports = FreePorts.take(2);
        NodeSpec spec = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
        port = spec.httpPort();
        http = new RawHttp(port, "");
        try (ServerProcess process = ServerProcess.start(server.node(spec, directory)
                .with("RAFT_ALLOWED_HOSTS", "kv.example")
                .with("RAFT_CORS_ORIGINS", "https://app.example"))) {
            process.awaitOk(spec.url("/health/ready"), START_LIMIT);
            aReboundNameReadsAndChangesNothing();
            anotherSiteMakesNoBarrier();
            ourOwnPageMay();
            aPageOfASiteThatWasNamedMay();
            everyAnswerIsShielded();
            assertEquals("rwx------", rights(spec.dataDirectory()));
        }
    }

    private void aReboundNameReadsAndChangesNothing() {
        RawHttp rebound = http.at("evil.example:" + port);
        Answer refused = put(rebound, "Origin: http://evil.example:" + port + "\r\n");
        assertEquals(421, refused.status(), refused::toString);
        assertTrue(refused.body().contains("RAFT_ALLOWED_HOSTS"), refused::body);
        for (String path : List.of("/", "/raft/stats", "/store/k", "/store", "/metrics", "/page.js", "/none")) {
            Answer read = rebound.send("GET", path, LANGUAGE);
            assertEquals(421, read.status(), () -> path + ": " + read);
            read.assertShielded("frame-ancestors 'none'");
        }
        assertEquals(404, http.get("/store/k").status());
    }

    private void anotherSiteMakesNoBarrier() {
        for (String sign : List.of(
                "Origin: http://evil.example\r\n",
                "Origin: null\r\n",
                "Origin: http://127.0.0.1:1\r\n",
                "Sec-Fetch-Site: cross-site\r\n")) {
            Answer refused = http.send("POST", "/raft/barrier", sign + "Content-Length: 0\r\n");
            assertEquals(403, refused.status(), refused::toString);
            assertEquals("application/problem+json", refused.header("content-type"));
        }
        Answer barrier = http.send("POST", "/raft/barrier", "Content-Length: 0\r\n");
        assertEquals(200, barrier.status(), barrier::toString);
    }

    private void ourOwnPageMay() {
        for (String host : List.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port, "kv.example")) {
            Answer put = put(http.at(host), "Origin: http://" + host + "\r\nSec-Fetch-Site: same-origin\r\n");
            assertEquals(200, put.status(), put::toString);
            assertEquals(200, http.at(host).send("GET", "/store/k", LANGUAGE).status());
        }
        assertEquals(200, put(http.at("service.internal"), "").status());
    }

    private void aPageOfASiteThatWasNamedMay() {
        String page = "Origin: https://app.example\r\nSec-Fetch-Site: cross-site\r\n";
        for (String path : List.of("/store/k", "/store", "/raft/stats", "/watch")) {
            Answer yes = http.send("OPTIONS", path, page + "Access-Control-Request-Method: PUT\r\n");
            assertEquals(204, yes.status(), yes::toString);
            assertEquals("GET, HEAD, POST, PUT, DELETE", yes.header("access-control-allow-methods"));
            assertForThePage(yes);
        }
        Answer put = put(http, page);
        assertEquals(200, put.status(), put::toString);
        assertForThePage(put);
        for (String path : List.of("/store/k", "/store", "/store/none", "/metrics", "/", "/none")) {
            assertForThePage(http.send("GET", path, page + LANGUAGE));
        }
        Answer unasked = http.send("POST", "/raft/barrier", page + "Content-Length: 0\r\n");
        assertEquals(403, unasked.status(), unasked::toString);
        assertForThePage(unasked);
    }

    private static void assertForThePage(Answer answer) {
        assertEquals("https://app.example", answer.header("access-control-allow-origin"), answer::toString);
        assertTrue(answer.header("vary").contains("Origin"), answer::toString);
    }

    private static Answer put(RawHttp client, String headers) {
        return client.send(
                "PUT",
                "/store/k",
                headers + "Content-Type: application/json\r\nContent-Length: 1\r\n",
                "1".getBytes(UTF_8));
    }

    private void everyAnswerIsShielded() {
        for (String path : List.of(
                "/store/k", "/store/none", "/store", "/raft/stats", "/health/live", "/metrics", "/none", "/store?zz")) {
            http.get(path).assertShielded("frame-ancestors 'none'");
        }
        http.send("PATCH", "/store/k", "").assertShielded("frame-ancestors 'none'");
        http.get("/store/k?raw").assertShielded("default-src 'none'; sandbox; frame-ancestors 'none'");
        assertTrue(http.get("/").header("content-security-policy").startsWith("default-src 'none'; script-src"));
    }

    private static String rights(Path directory) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory));
    }
}
