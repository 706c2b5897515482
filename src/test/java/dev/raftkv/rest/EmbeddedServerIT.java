package dev.raftkv.rest;

import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.launch.ServerPlan;
import dev.raftkv.launch.server.EmbeddedServer;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.testkit.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server of {@code java -jar raftkv.war} with a node in it: what it lets through, and what it answers by itself. */
@Timeout(120)
class EmbeddedServerIT {
    private static final Path WEB_APPLICATION = Path.of(System.getProperty("basedir", "."), "src/main/webapp");

    @TempDir
    private static Path directory;

    private static AutoCloseable server;
    private static RawHttp http;

    @BeforeAll
    static void start() throws Exception {
        List<Integer> ports = FreePorts.take(2);
        server = EmbeddedServer.start(new ServerPlan(
                "127.0.0.1",
                ports.get(0),
                "/kv",
                WEB_APPLICATION,
                directory.resolve("tmp"),
                Optional.empty(),
                Map.of(
                        "SERVER_PORT", ports.get(0).toString(),
                        "RAFT_PORT", ports.get(1).toString(),
                        "RAFT_VOL_DIR", directory.resolve("data").toString())));
        http = new RawHttp(ports.get(0), "/kv");
    }

    /** The last thing that clients hear of it; {@code null} if none came in time to hear it. */
    private static Answer whileStopping() throws Exception {
        CompletableFuture<Answer> watch = CompletableFuture.supplyAsync(() -> http.get("/watch?wait=60s"));
        eventually(
                Duration.ofSeconds(10),
                () -> assertTrue(http.get("/metrics").body().contains("\nraftkv_watches 1\n")));
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> {
            try {
                server.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Answer last = null;
        try {
            while (last == null || last.status() == 200) {
                last = http.get("/health/live");
            }
        } catch (UncheckedIOException e) {
            last = null;
        }
        stopped.get(60, TimeUnit.SECONDS);
        assertEquals(503, watch.get(60, TimeUnit.SECONDS).status());
        return last;
    }

    @AfterAll
    static void stopsWithASentence() throws Exception {
        Answer last = whileStopping();
        if (last != null) {
            Problem.assertUnavailable("this node is stopping: nothing was changed, go on at another node", last);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a%2Fb%2fc, a/b/c",
        "100%25, 100%25",
        "%252F, %252F",
        "a%5Cb, a%5Cb",
        "%2F%2Fa, %2F%2Fa",
        "a%2F..%2Fb, a%2F..%2Fb",
        "a//b, a//b",
        "/a, /a"
    })
    void whatIsEscapedInAPathIsAKey(String path, String same) {
        String body = "Content-Type: application/json\r\nContent-Length: 1\r\n";
        Answer stored = http.send("PUT", "/store/" + path, body, new byte[] {'1'});
        assertEquals(200, stored.status(), stored::body);
        assertEquals("1", http.get("/store/" + path + "?raw").body());
        Answer byParameter = http.get("/store?key=" + same.replace("/", "%2F"));
        assertEquals(200, byParameter.status(), byParameter::body);
        assertEquals(200, http.delete("/store/" + path).status());
        assertEquals(404, http.get("/store?key=" + same).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/store/%2e%2e/a", "/store/a%00b"})
    void whatIsRefusedSaysWhatToDo(String target) {
        Answer answer = http.get(target);
        assertEquals(400, answer.status(), answer::body);
        assertEquals("application/problem+json", answer.header("content-type"));
        assertTrue(answer.body().contains("/store?key={key}, percent-encoded\",\"error\":"), answer::body);
    }

    /** Jetty takes them all for the context root. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/kv;store/root",
                "/kv;x/store/root",
                "/%6bv/store/root",
                "/x/../kv/store/root",
                "/./kv/store/root"
            })
    void theContextRootHasOneForm(String path) {
        String body = "Content-Type: application/json\r\nContent-Length: 1\r\n";
        Answer stored = http.send("PUT", "/store/root", body, new byte[] {'1'});
        assertEquals(200, stored.status(), stored::body);
        for (String method : List.of("GET", "DELETE")) {
            String request = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
            Answer answer = http.send(request.getBytes(ISO_8859_1));
            assertTrue(List.of(400, 404).contains(answer.status()), answer::toString);
        }
        assertEquals("1", http.get("/store/root?raw").body());
    }

    static Stream<Arguments> refusedByTheServer() {
        String host = "Host: 127.0.0.1\r\nConnection: close\r\n";
        String large = "x".repeat(9000);
        return Stream.of(
                Arguments.of(400, "is no HTTP request", "GARBAGE\r\n\r\n"),
                Arguments.of(400, "is no HTTP request", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n"),
                Arguments.of(400, "a header is malformed", "GET /kv/ HTTP/1.1\r\nConnection: close\r\n\r\n"),
                Arguments.of(400, "a header is malformed", "GET /kv/ HTTP/1.1\r\nHost: a b\r\n\r\n"),
                Arguments.of(400, "a header is malformed", "GET /kv/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
                Arguments.of(400, "a header is malformed", "GET /kv/ HTTP/1.1\r\n" + host + "X: a\r\n b\r\n\r\n"),
                Arguments.of(
                        400,
                        "a header is malformed",
                        "POST /kv/store HTTP/1.1\r\n" + host + "Content-Length: x\r\n\r\n"),
                Arguments.of(400, "/store?key={key}", "GET /kv/store/%zz HTTP/1.1\r\n" + host + "\r\n"),
                Arguments.of(404, "below the context path", "GET /store/a HTTP/1.1\r\n" + host + "\r\n"),
                Arguments.of(404, "below the context path", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n"),
                Arguments.of(404, "below the context path", "GET /kv/WEB-INF/web.xml HTTP/1.1\r\n" + host + "\r\n"),
                Arguments.of(405, "it takes GET, OPTIONS", "TRACE /kv/raft/stats HTTP/1.1\r\n" + host + "\r\n"),
                Arguments.of(414, "8192 bytes", "GET /kv/store/" + large + " HTTP/1.1\r\n" + host + "\r\n"),
                Arguments.of(
                        417,
                        "without the field Expect",
                        "POST /kv/store HTTP/1.1\r\n" + host + "Expect: wonders\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of(426, "speaks HTTP/1.1", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                Arguments.of(431, "8192 bytes", "GET /kv/ HTTP/1.1\r\n" + host + "X: " + large + "\r\n\r\n"),
                Arguments.of(505, "speaks HTTP/1.1", "GET /kv/ HTTP/3.7\r\n" + host + "\r\n"),
                Arguments.of(505, "speaks HTTP/1.1", "GET /kv/\r\n\r\n"));
    }

    @ParameterizedTest
    @MethodSource("refusedByTheServer")
    void whatTheServerRefusesItselfIsAProblemThatSaysWhatToDo(int status, String part, String bytes) {
        Answer answer = http.send(bytes.getBytes(ISO_8859_1));
        assertEquals(status, answer.status(), answer::toString);
        assertEquals("application/problem+json", answer.header("content-type"));
        assertTrue(
                answer.body()
                        .matches("\\{\"type\":\"about:blank\",\"title\":\"[^\"]+\",\"status\":" + status
                                + ",\"detail\":\"[^\"]+\",\"error\":\"[^\"]+\"\\}\n"),
                answer::body);
        assertTrue(answer.body().contains(part), answer::body);
        assertEquals("no-store", answer.header("cache-control"));
        assertEquals("nosniff", answer.header("x-content-type-options"));
        assertEquals("frame-ancestors 'none'", answer.header("content-security-policy"));
        assertEquals("same-origin", answer.header("cross-origin-resource-policy"));
        assertEquals("no-referrer", answer.header("referrer-policy"));
    }

    @Test
    void aRaftHostThatNobodyKnowsIsNamed() throws IOException {
        List<Integer> ports = FreePorts.take(2);
        ServerPlan plan = new ServerPlan(
                "127.0.0.1",
                ports.get(0),
                "",
                WEB_APPLICATION,
                directory.resolve("tmp2"),
                Optional.empty(),
                Map.of(
                        "RAFT_HOST", "no.such.host.invalid",
                        "RAFT_INSECURE", "true",
                        "SERVER_PORT", ports.get(0).toString(),
                        "RAFT_PORT", ports.get(1).toString(),
                        "RAFT_VOL_DIR", directory.resolve("data2").toString()));
        Exception failure = assertThrows(Exception.class, () -> EmbeddedServer.start(plan));
        assertTrue(
                failure.getMessage().contains("the host no.such.host.invalid of the Raft port is not known here"),
                failure::toString);
    }

    @Test
    void filesStayHidden() {
        for (String target : List.of(
                "/WEB-INF/web.xml",
                "/WEB-INF%2Fweb.xml",
                "/%57EB-INF%2Fweb.xml",
                "/api%2F..%2FWEB-INF%2Fweb.xml",
                "/api/..%2FWEB-INF/web.xml",
                "/WEB-INF%5Cweb.xml",
                "/WEB-INF%252Fweb.xml")) {
            assertTrue(List.of(400, 404).contains(http.get(target).status()), target);
        }
    }
}
