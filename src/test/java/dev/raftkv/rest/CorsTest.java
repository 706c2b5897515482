package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.access.Seals;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Guard;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.rest.access.Login;
import dev.raftkv.rest.http.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages of other sites may do whose origins a node was told of, and what the others may not. */
class CorsTest {
    private static final String APP = "https://app.test";
    private static final String OTHER = "http://localhost:3000";
    private static final String EVIL = "https://evil.test";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String SHOWN = "Allow, Content-Disposition, ETag, Link, Location, Raft-Consistency, Raft-Node,"
            + " Retry-After, Store-Revision, Store-TTL, WWW-Authenticate";
    private static final String SENT =
            "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Raft-Follower-Writes";

    @TempDir
    private Path directory;

    private final List<RestServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(RestServer::close);
    }

    private RestServer start(FollowerWrites policy, Login login, String... origins) {
        RestServer server = new RestServer(
                directory.resolve("store" + servers.size()),
                "/kv",
                policy,
                Way.SHORTCUT,
                new Guard(Seals.none("node1"), "node1", login, Optional.empty(), List.of(origins)));
        servers.add(server);
        return server;
    }

    private RestServer open(String... origins) {
        return start(FollowerWrites.REDIRECT, Login.NONE, origins);
    }

    private static String of(String origin) {
        return "Origin: " + origin + "\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n";
    }

    private static String question(String origin, String method) {
        return of(origin) + "Access-Control-Request-Method: " + method
                + "\r\nAccess-Control-Request-Headers: authorization,content-type\r\n";
    }

    private static Answer send(RawHttp http, String method, String target, String headers, String body) {
        return http.send(method, target, headers + "Content-Length: " + body.length() + "\r\n", body.getBytes(UTF_8));
    }

    private static Map<String, String> cors(Answer answer) {
        return answer.headers().entrySet().stream()
                .filter(field -> field.getKey().startsWith("access-control-")
                        || field.getKey().equals("vary"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new));
    }

    private static void assertShown(int status, String origin, Answer answer) {
        assertEquals(status, answer.status(), answer::toString);
        assertEquals(
                Map.of(
                        "access-control-allow-origin", origin,
                        "access-control-expose-headers", SHOWN,
                        "vary", "Origin"),
                cors(answer),
                answer::toString);
    }

    private static void assertRefused(String part, Map<String, String> cors, Answer answer) {
        assertEquals(403, answer.status(), answer::toString);
        assertEquals("application/problem+json", answer.header("content-type"));
        assertTrue(answer.body().contains(part), answer::body);
        assertEquals(cors, cors(answer));
    }

    /** Asked by a browser that shows no token, which browsers never do here. */
    @Test
    void aQuestionIsAnsweredBeforeAnybodySaysWhoTheyAre() {
        RestServer server = start(FollowerWrites.REDIRECT, Tokened.login(directory), APP, OTHER);
        Set<String> targets = new TreeSet<>(Set.of("/no/such/path", "/", "/store?zz", "/store/a%2Fb"));
        server.api().operations().forEach(each -> targets.add(each.path().replace("{key}", "k")));
        for (String origin : List.of(APP, OTHER)) {
            for (String target : targets) {
                Answer yes = server.http().send("OPTIONS", target, question(origin, "PUT"));
                assertEquals(204, yes.status(), yes::toString);
                assertEquals("", yes.body());
                assertEquals(
                        Map.of(
                                "access-control-allow-origin",
                                origin,
                                "access-control-allow-methods",
                                "GET, HEAD, POST, PUT, DELETE",
                                "access-control-allow-headers",
                                SENT,
                                "access-control-expose-headers",
                                SHOWN,
                                "access-control-max-age",
                                "7200",
                                "vary",
                                "Origin"),
                        cors(yes));
                yes.assertShielded("frame-ancestors 'none'");
            }
        }
        assertShown(421, APP, server.http().at("evil.test").send("OPTIONS", "/store/k", question(APP, "PUT")));
        // Without a question it is a request like others.
        assertShown(401, APP, server.http().send("OPTIONS", "/store/k", of(APP)));
    }

    @Test
    void everyAnswerIsForThePageToRead() {
        RestServer server = open(APP);
        RawHttp http = server.http();
        String of = of(APP);
        assertShown(200, APP, send(http, "POST", "/store", of + JSON, "{\"key\":\"k\",\"value\":1}"));
        assertShown(200, APP, send(http, "PUT", "/store/k", of + JSON, "2"));
        assertShown(200, APP, http.send("GET", "/store/k", of));
        assertShown(200, APP, http.send("HEAD", "/store/k", of));
        assertShown(200, APP, http.send("GET", "/store?keys_only", of));
        assertShown(200, APP, http.send("GET", "/watch?wait=0&from_revision=1", of));
        assertShown(200, APP, http.send("GET", "/raft/stats", of));
        assertShown(200, APP, http.send("GET", "/metrics", of));
        assertShown(304, APP, http.send("GET", "/store/k", of + "If-None-Match: \"2\"\r\n"));
        assertShown(404, APP, http.send("GET", "/store/none", of));
        assertShown(404, APP, http.send("GET", "/none", of));
        assertShown(405, APP, http.send("PATCH", "/store", of));
        assertShown(412, APP, send(http, "PUT", "/store/k", of + JSON + "If-Match: \"1\"\r\n", "3"));
        assertShown(415, APP, send(http, "PUT", "/store/k", of + "Content-Type: text/plain\r\n", "3"));
        assertShown(422, APP, http.send("GET", "/store?zz", of));
        assertShown(421, APP, http.at("evil.test").send("GET", "/store/k", of));
        assertShown(200, APP, http.send("DELETE", "/store/k", of));
        assertEquals("Origin", http.get("/store/k").header("vary"));
    }

    @Test
    void rolesAreAskedForAllTheSame() {
        RawHttp http =
                start(FollowerWrites.REDIRECT, Tokened.login(directory), APP).http();
        assertShown(401, APP, http.send("GET", "/store/k", of(APP)));
        assertShown(404, APP, http.send("GET", "/store/k", of(APP) + Tokened.bearer("reader")));
        assertShown(403, APP, send(http, "PUT", "/store/k", of(APP) + JSON + Tokened.bearer("reader"), "1"));
        assertShown(200, APP, send(http, "PUT", "/store/k", of(APP) + JSON + Tokened.bearer("writer"), "1"));
    }

    /** As any page can make a browser send it, with what it knows of its user, before it has asked the node. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Content-Type: text/plain\r\n",
                "Content-Type: text/plain;application/json\r\n",
                "Content-Type: multipart/form-data; boundary=application/json\r\n",
                "Content-Type: application/x-www-form-urlencoded\r\n",
                "Content-Type: APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-8\r\n"
            })
    void aChangeThatNoBrowserHasAskedForIsRefusedTo(String type) {
        for (String origin : List.of(APP, "*")) {
            RawHttp http = open(origin).http();
            Map<String, String> cors = Map.of(
                    "access-control-allow-origin", origin, "access-control-expose-headers", SHOWN, "vary", "Origin");
            for (String target : List.of("/raft/barrier", "/raft/snapshot", "/raft/transfer", "/restore", "/store")) {
                assertRefused("send the field Content-Type", cors, send(http, "POST", target, of(APP) + type, ""));
            }
            assertEquals(
                    200, send(http, "POST", "/raft/barrier", of(APP) + JSON, "").status());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                EVIL,
                "null",
                "",
                "https://app.test.evil.test",
                "https://evil.app.test",
                "http://app.test",
                "https://app.test:8443",
                "https://app.test/",
                "https://APP.test",
                "https://app.test, " + EVIL,
                "*"
            })
    void otherPagesAreToldNothingAndChangeNothing(String origin) {
        RawHttp http = open(APP, OTHER).http();
        Map<String, String> nothing = Map.of("vary", "Origin");
        for (String target : List.of("/store/k", "/store", "/raft/stats")) {
            Answer asked = http.send("OPTIONS", target, question(origin, "PUT"));
            assertEquals(200, asked.status(), asked::toString);
            assertEquals(nothing, cors(asked));
            assertEquals(nothing, cors(http.send("GET", target, of(origin))));
        }
        for (String sign : List.of(of(origin), "Origin: " + origin + "\r\n")) {
            assertRefused("only this node's own pages may", nothing, send(http, "PUT", "/store/k", sign + JSON, "1"));
            assertRefused("RAFT_CORS_ORIGINS", nothing, http.send("DELETE", "/store/k", sign));
            assertRefused("a page of", nothing, send(http, "POST", "/raft/barrier", sign + JSON, ""));
        }
        assertRefused(
                "another site", nothing, send(http, "PUT", "/store/k", "Sec-Fetch-Site: cross-site\r\n" + JSON, "1"));
        assertEquals(404, http.get("/store/k").status());
    }

    /** Also of those whose origin browsers keep to themselves, such as files, and whoever was redirected. */
    @Test
    void allPagesMayWhereAStarSaysSo() {
        RawHttp http = open("*").http();
        for (String origin : List.of(APP, EVIL, "null")) {
            Answer yes = http.send("OPTIONS", "/store/k", question(origin, "PUT"));
            assertEquals(204, yes.status(), yes::toString);
            assertEquals("*", yes.header("access-control-allow-origin"));
            assertShown(200, "*", send(http, "PUT", "/store/k", of(origin) + JSON, "1"));
            assertShown(200, "*", http.send("GET", "/store/k", of(origin)));
        }
        Answer plain = http.get("/store/k");
        assertEquals(Map.of("vary", "Origin"), cors(plain));
        assertEquals(421, http.at("evil.test").send("GET", "/store/k", of(EVIL)).status());
    }

    @Test
    void nothingIsSaidWhereNoSiteIsNamed() {
        RawHttp http = open().http();
        for (String origin : List.of(APP, "null", "http://127.0.0.1")) {
            assertEquals(Map.of(), cors(http.send("OPTIONS", "/store/k", question(origin, "PUT"))));
            assertEquals(Map.of(), cors(http.send("GET", "/store", of(origin))));
            assertRefused("only this node's own", Map.of(), send(http, "PUT", "/store/k", of(origin) + JSON, "1"));
        }
        assertEquals(Map.of(), cors(http.get("/store")));
    }

    @Test
    void whatAPageAsksForIsPassedOnWhereOthersAreSentToTheLeader() {
        RestServer leader = open(APP);
        String write = of(APP) + JSON;
        for (FollowerWrites policy : FollowerWrites.values()) {
            RestServer follower = start(policy, Login.NONE, APP);
            follower.replicator.follow(Optional.of("node2"), Optional.of(leader.address()));
            boolean reject = policy == FollowerWrites.REJECT;
            assertShown(reject ? 422 : 200, APP, send(follower.http(), "PUT", "/store/k", write, "1"));
            assertShown(reject ? 422 : 200, APP, follower.http().send("GET", "/store/k?consistency=leader", of(APP)));
            String redirect = "Raft-Follower-Writes: redirect\r\n";
            Answer sent = send(follower.http(), "PUT", "/store/k", write + redirect, "1");
            assertShown(307, APP, sent);
            assertEquals(leader.address() + "/store/k", sent.header("location"));
            assertNull(sent.header("access-control-allow-credentials"));
        }
    }

    /** So that a field which comes later is not forgotten. */
    @Test
    void pagesMaySendAndReadAllThatIsDescribed() throws IOException {
        OpenApi api = new OpenApi();
        Set<String> described = new TreeSet<>();
        addHeaders(api.document(), described);
        assertTrue(described.size() > 8, described::toString);
        Set<String> shown = lowerCase(SHOWN);
        for (String name : described) {
            assertTrue(shown.contains(name.toLowerCase(Locale.ROOT)), () -> name + " is not in " + shown);
        }
        Set<String> sent = lowerCase(SENT);
        for (OpenApi.Operation operation : api.operations()) {
            for (String name : api.parameters(operation, "header")) {
                boolean free = name.matches("(?i)accept(-.*)?");
                assertTrue(free || sent.contains(name.toLowerCase(Locale.ROOT)), () -> name + " is not in " + sent);
            }
        }
        for (Operation operation : open(APP).api().operations()) {
            assertTrue("GET, HEAD, POST, PUT, DELETE".contains(operation.method()), operation::toString);
        }
    }

    /** The names of the header fields of all responses. */
    private static void addHeaders(JsonNode node, Set<String> names) {
        if (node.has("headers") && node.has("description")) {
            names.addAll(OpenApi.names(node.path("headers")));
        }
        node.forEach(child -> addHeaders(child, names));
    }

    private static Set<String> lowerCase(String list) {
        return Set.of(list.toLowerCase(Locale.ROOT).split(", "));
    }
}
