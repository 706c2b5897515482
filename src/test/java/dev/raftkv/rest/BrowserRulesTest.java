package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.rest.http.Operation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What browsers may ask for at the request of which page, and what they are told of every answer. */
class BrowserRulesTest {
    private static final String FOREIGN = "evil.example";
    private static final String LANGUAGE = "Accept-Language: de\r\n";

    @TempDir
    private Path directory;

    private RestServer server;
    private RawHttp http;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT);
        http = server.http();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String origin(String origin) {
        return "Origin: " + origin + "\r\n";
    }

    private static String site(String site) {
        return "Sec-Fetch-Site: " + site + "\r\n";
    }

    private static Answer put(RawHttp client, String headers) {
        String body = "Content-Type: application/json\r\nContent-Length: 1\r\n";
        return client.send("PUT", "/store/k", headers + body, "1".getBytes(UTF_8));
    }

    private String us() {
        return "127.0.0.1:" + server.port();
    }

    private void assertNothingStored() {
        assertEquals(404, http.get("/store/k").status());
    }

    private static void assertRefused(int status, String part, Answer answer) {
        assertEquals(status, answer.status(), answer::toString);
        assertEquals("application/problem+json", answer.header("content-type"));
        assertTrue(answer.body().contains(part), answer::body);
    }

    /** What a page does whose own name is resolved to the address of this node, once it is loaded. */
    @Test
    void aPageUnderANameOfItsOwnReadsAndChangesNothing() {
        RawHttp rebound = http.at(FOREIGN + ":" + server.port());
        assertRefused(421, "RAFT_ALLOWED_HOSTS", put(rebound, origin("http://" + FOREIGN + ":" + server.port())));
        assertRefused(421, "RAFT_ALLOWED_HOSTS", put(rebound, site("same-origin")));
        assertRefused(421, "asked for \\\"evil.example:", rebound.send("GET", "/raft/stats", LANGUAGE));
        for (String method : List.of("GET", "HEAD", "OPTIONS")) {
            for (String sign : List.of(LANGUAGE, origin("http://" + FOREIGN), site("same-origin"))) {
                assertEquals(421, rebound.send(method, "/store", sign).status(), method + " " + sign);
            }
        }
        assertNothingStored();
    }

    @Test
    void aProgramMayCallTheNodeAsItLikes() {
        RawHttp named = http.at("service.internal");
        assertEquals(200, put(named, "").status());
        assertEquals(200, named.send("GET", "/store/k", "").status());
        // As Node.js does.
        String fetch = "Accept-Language: *\r\nSec-Fetch-Mode: cors\r\n";
        assertEquals(200, named.send("GET", "/store/k", fetch).status());
        assertEquals(200, put(named, fetch).status());
    }

    @Test
    void aBrowserMayUseTheNamesThatTheNodeHas() {
        for (String host : List.of("localhost:1", "node.test", "OTHER.test:8443", "[::1]:2", "192.0.2.1")) {
            RawHttp named = http.at(host);
            assertEquals(200, put(named, origin("http://" + host)).status(), host);
            assertEquals(
                    200,
                    put(named, origin("https://" + host) + site("same-origin")).status(),
                    host);
            assertEquals(200, put(named, site("none")).status(), host);
            assertEquals(
                    200,
                    named.send("GET", "/store/k", LANGUAGE + site("cross-site")).status(),
                    host);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://evil.example",
                "null",
                "",
                "http://",
                "127.0.0.1",
                "http://127.0.0.1",
                "http://127.0.0.1:1",
                "http://x127.0.0.1:",
                "http://localhost"
            })
    void aPageOfAnotherSiteChangesNothing(String origin) {
        long before = barrier();
        String wrong = origin.endsWith("127.0.0.1:") ? origin + server.port() : origin;
        assertRefused(403, "only this node's own pages may", put(http, origin(wrong)));
        assertRefused(403, "only this node's own pages may", http.send("POST", "/raft/barrier", origin(wrong)));
        assertRefused(403, "a page of", http.send("DELETE", "/store/k", origin(wrong)));
        assertNothingStored();
        assertEquals(before + 1, barrier());
    }

    /** The place in the log of a barrier that is added to it. */
    private long barrier() {
        Answer answer = http.send("POST", "/raft/barrier", "Content-Length: 0\r\n");
        assertEquals(200, answer.status(), answer::body);
        return Long.parseLong(answer.body().replaceAll("(?s).*\"index\":([0-9]+).*", "$1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site", "anything"})
    void whatABrowserCallsForeignChangesNothing(String site) {
        assertRefused(403, "another site", put(http, site(site)));
        assertRefused(403, us(), put(http, origin("http://" + us()) + site(site)));
        assertNothingStored();
    }

    /** What a path that answers by a stream needs to answer at once. */
    private static String withoutStream(String path) {
        return switch (path) {
            case "/watch" -> "?wait=0";
            case "/raft/events" -> "?last=none";
            default -> "";
        };
    }

    /** Every route by its own method and by one that it does not take, and what is no route. */
    @Test
    void everyAnswerTellsABrowserWhatItIs() {
        List<Answer> answers = new ArrayList<>();
        for (Operation operation : server.api().operations()) {
            String target =
                    operation.path().replace("{key}", "k").replace("{id}", "8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f")
                            + withoutStream(operation.path());
            for (String method : List.of(operation.method(), "PATCH", "OPTIONS")) {
                answers.add(http.send(method, target, "Content-Length: 0\r\n"));
            }
            answers.add(http.send(
                    operation.method(), target + (target.contains("?") ? "&zz" : "?zz"), "Content-Length: 0\r\n"));
            answers.add(http.send(operation.method(), target, origin("null") + "Content-Length: 0\r\n"));
            answers.add(http.at(FOREIGN).send(operation.method(), target, LANGUAGE));
        }
        answers.add(put(http, ""));
        answers.add(http.get("/store/k"));
        answers.add(http.send("HEAD", "/store/k", ""));
        answers.add(http.get("/store?keys_only"));
        answers.add(http.get("/no/such/path"));
        answers.add(http.get("//"));
        answers.add(http.send("GET", "/watch?wait=1", ""));
        for (Answer answer : answers) {
            answer.assertShielded("frame-ancestors 'none'");
        }
        assertTrue(answers.size() > 90, () -> "answers: " + answers.size());
        http.get("/store/k?raw").assertShielded("default-src 'none'; sandbox; frame-ancestors 'none'");
    }
}
