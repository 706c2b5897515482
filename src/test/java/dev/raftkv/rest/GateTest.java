package dev.raftkv.rest;

import static dev.raftkv.access.UserRole.ADMIN;
import static dev.raftkv.access.UserRole.NODE;
import static dev.raftkv.access.UserRole.READER;
import static dev.raftkv.rest.Problem.assertProblem;
import static dev.raftkv.rest.Tokened.basic;
import static dev.raftkv.rest.Tokened.bearer;
import static dev.raftkv.rest.Tokened.token;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Caller;
import dev.raftkv.access.UserRole;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.ops.Vitals;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.rest.access.Login;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GateTest {
    private static final Optional<String> NONE = Optional.empty();
    private static final String ASK =
            "this node wants to know who asks: send Authorization: Bearer <token>, or name and token"
                    + " as Basic credentials";
    private static final String UNKNOWN = "these credentials are not known here: ask who runs this node for a token";

    @TempDir
    private Path directory;

    private RestServer server;
    private RawHttp http;

    @BeforeEach
    void start() {
        server = new RestServer(directory.resolve("store"), "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT);
        server.login = Tokened.login(directory);
        http = server.http();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer get(String target, String headers) {
        return http.send("GET", target, headers);
    }

    @Test
    void whoDoesNotSayWhoTheyAreIsAsked() {
        Answer answer = http.get("/store/k");
        assertProblem(401, "Unauthorized", ASK, answer);
        assertEquals(
                "Basic realm=\"raftkv\", charset=\"UTF-8\", Bearer realm=\"raftkv\"",
                answer.header("www-authenticate"));
        assertEquals("node1", answer.header("raft-node"));
    }

    @Test
    void whoHasNotTheRoleIsToldWhichOne() {
        String body = "Content-Type: application/json\r\nContent-Length: 19\r\n" + bearer("reader");
        Answer answer = http.send(
                "POST",
                "/store",
                body,
                "{\"key\":\"k\",\"value\":1}".substring(0, 19).getBytes(US_ASCII));
        assertProblem(
                403,
                "Forbidden",
                "reader has not the role writer that this asks for: ask who runs this node for it",
                answer);
        assertEquals(null, answer.header("www-authenticate"));
    }

    /** By Jersey, by the shortcut, and where there is no operation. */
    @ParameterizedTest
    @CsvSource({
        "GET, /store/k, reader, 404",
        "GET, /store?key=k, reader, 404",
        "HEAD, /store/k, reader, 404",
        "HEAD, /store/k, metrics, 403",
        "OPTIONS, /store/k, metrics, 200",
        "PUT, /store/k, writer, 400",
        "PUT, /store/k, node, 403",
        "DELETE, /store/k, admin, 200",
        "DELETE, /store/k, reader, 403",
        "POST, /store, reader, 403",
        "POST, /store/, reader, 403",
        "POST, /raft/barrier, node, 200",
        "POST, /raft/barrier, writer, 403",
        "POST, /raft/remove, node, 403",
        "GET, /metrics, metrics, 200",
        "GET, /metrics, reader, 403",
        "GET, /health/ready?verbose, metrics, 200",
        "GET, /health/ready?%76erbose, reader, 403",
        "GET, /nothing, metrics, 404",
        "BREW, /nothing, metrics, 404",
    })
    void aRoleMayWhatTheTableSays(String method, String target, String name, int status) {
        assertEquals(status, http.send(method, target, bearer(name)).status());
        assertEquals(status, http.send(method, target, basic(name, token(name))).status());
        assertEquals(401, http.send(method, target, "").status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer redaer\r\n",
                "Authorization: Bearer \r\n",
                "Authorization: bearer\r\n",
                "Authorization: Basic\r\n",
                "Authorization: Basic !!!\r\n",
                "Authorization: Basic cmVhZGVy\r\n",
                "Authorization: Digest username=reader\r\n",
                "Authorization: \r\n",
                "Authorization: Bearer redaer\r\nAuthorization: Bearer redaer\r\n",
            })
    void onlyAWholeTokenCounts(String header) {
        // The reader's token is redaer: all but the first are something else, and that one is not sent.
        String sent = header.equals("Authorization: Bearer redaer\r\n") ? header.replace("redaer", "reader") : header;
        assertProblem(401, "Unauthorized", UNKNOWN, get("/store/k", sent));
        assertProblem(401, "Unauthorized", ASK, get("/health/ready?verbose", sent));
        assertEquals(200, get("/health/ready", sent).status());
    }

    @Test
    void aTokenIsGoodForItsOwnNameOnly() {
        assertEquals(404, get("/store/k", basic("reader", token("reader"))).status());
        assertEquals(401, get("/store/k", basic("admin", token("reader"))).status());
        assertEquals(401, get("/store/k", basic("", token("reader"))).status());
        assertEquals(401, get("/store/k", basic("reader", "")).status());
        assertEquals(
                404,
                get("/store/k", "authorization: BEARER  " + token("reader") + " \r\n")
                        .status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/health/ready;x",
                "/health/ready/",
                "//health/ready",
                "/health//ready",
                "/health/./ready",
                "/health/../health/ready",
                "/%68ealth/ready",
                "/health%2fready",
                "/store/../health/live/../../store/k",
                "/health/live/../../store/k",
                "/health/live/..%2f..%2fstore/k",
                "/health/live;/../store/k",
                "/health/live%00/store/k",
            })
    void onlyThePathsAsTheyStandAreOpen(String target) {
        int status = http.get(target).status();
        assertTrue(status == 401 || status == 400, () -> target + " " + status);
    }

    /** Whoever has shown a certificate, and has these roles. */
    private void certified(UserRole... roles) {
        server.login = request -> {
            request.setAttribute("jakarta.servlet.request.X509Certificate", new X509Certificate[0]);
            return Login.Answer.of(new Caller("node9", Set.of(roles)));
        };
    }

    @Test
    void whatANodePassesOnIsDoneInTheNameOfItsCaller() {
        String says = "Raft-Caller: bob:reader\r\n";
        for (UserRole[] roles : new UserRole[][] {{NODE}, {NODE, ADMIN}, {READER, NODE}}) {
            certified(roles);
            assertEquals(404, get("/store/k", says).status());
            Answer refused = http.send("DELETE", "/store/k", says);
            assertEquals(403, refused.status());
            assertTrue(refused.body().contains("bob has not the role writer"), refused.body());
            assertEquals(200, http.send("POST", "/raft/barrier", "").status());
        }
    }

    @Test
    void whoIsNoNodeAsksForNobodyElse() {
        String says = "Raft-Caller: bob:reader\r\n";
        String sentence =
                " may not ask for others: only a node that is known by a seal or its certificate may send Raft-Caller";
        certified(ADMIN);
        assertProblem(403, "Forbidden", "node9" + sentence, get("/store/k", says));
        assertProblem(403, "Forbidden", "node9" + sentence, get("/health/live", says));
        server.login = Tokened.login(directory);
        for (String name : new String[] {"reader", "admin", "node"}) {
            assertProblem(403, "Forbidden", name + sentence, get("/store/k", says + bearer(name)));
        }
        assertProblem(401, "Unauthorized", ASK, get("/store/k", says));
        server.login = Login.NONE;
        assertEquals(404, get("/store/k", says).status());
    }

    @Test
    void reasonsAreForWhoLooksAfterTheNode() {
        server.vitals = new Vitals(NONE, NONE, Optional.of("the disk is full"), NONE, Optional.of("node1"), 0, NONE);
        assertProblem(503, "Service Unavailable", "this node is not ready", http.get("/health/ready"));
        assertProblem(503, "Service Unavailable", "this node is not ready", get("/health/ready", bearer("reader")));
        String told = get("/health/ready", bearer("metrics")).body();
        assertTrue(told.contains("the disk is full"), told);
        assertTrue(get("/health/ready?verbose", bearer("metrics")).body().contains("\"lag\""));
    }

    /** Nothing of the body is waited for, and no thread waits for the client. */
    @Test
    void aRefusedBodyIsNotWaitedFor() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            String head = "POST /kv/store HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 1000000000\r\n\r\n{";
            socket.getOutputStream().write(head.getBytes(US_ASCII));
            byte[] status = socket.getInputStream().readNBytes(12);
            assertEquals("HTTP/1.1 401", new String(status, US_ASCII));
        }
    }

    @Test
    void refusalsAreCounted() {
        http.get("/store/k");
        get("/store/k", "Authorization: Bearer nonsense\r\n");
        get("/metrics", bearer("reader"));
        get("/metrics", bearer("node"));
        String metrics = get("/metrics", bearer("metrics")).body();
        for (String sample : new String[] {"no_credentials\"} 1", "wrong_credentials\"} 1", "role\"} 2"}) {
            assertTrue(metrics.contains("\nraftkv_http_refused_total{reason=\"" + sample + "\n"), metrics);
        }
        assertFalse(metrics.contains("nonsense"));
    }
}
