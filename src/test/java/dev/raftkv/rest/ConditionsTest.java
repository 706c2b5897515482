package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static dev.raftkv.rest.Problem.assertProblem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Revisions, conditional requests (RFC 9110) and idempotency keys. */
@ParameterizedClass
@EnumSource(
        value = Way.class,
        names = {"JERSEY", "SHORTCUT"})
class ConditionsTest {
    @TempDir
    Path directory;

    @Parameter
    Way way;

    private RestServer server;
    private RawHttp http;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, way);
        http = server.http();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer put(String target, String json, String headers) {
        return http.send(
                "PUT",
                target,
                "Content-Type: application/json\r\nContent-Length: " + json.getBytes(UTF_8).length + "\r\n" + headers,
                json.getBytes(UTF_8));
    }

    private static void assertTold(String tag, String revision, Answer answer) {
        assertEquals(tag, answer.header("etag"));
        assertEquals(revision, answer.header("store-revision"));
        assertEquals("node1", answer.header("raft-node"));
    }

    @Test
    void writesAndReadsTellTheirRevisions() {
        assertTold("\"1\"", "1", http.post("/store", "{\"key\":\"k\",\"value\":1}"));
        assertTold("\"2\"", "2", put("/store/k", "2", ""));
        assertTold("\"3\"", "3", put("/store?key=other", "3", ""));
        assertTold("\"2\"", "3", http.get("/store/k"));
        assertTold("\"2\"", "3", http.get("/store?key=k&raw"));
        assertTold(null, "4", http.delete("/store/k"));
        assertTold(null, "4", http.delete("/store/k"));
        assertTold(null, "4", http.get("/store/k"));
        assertTold(null, "4", http.get("/raft/stats"));
    }

    /** The key is there at each odd revision, and at no even one. */
    @Test
    void eachAnswerIsOfTheRevisionThatItTells() {
        Command put = new Command.Put(Key.of("k"), new JsonText("1".getBytes(UTF_8)), 0);
        Command delete = new Command.Delete(Key.of("k"));
        server.replicator.replicate(put);
        server.replicator.replicate(delete);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 4000; i++) {
                server.replicator.replicate(put);
                server.replicator.replicate(delete);
            }
        });
        while (!writer.isDone()) {
            assertOfItsMoment(http.get("/store/k"));
            assertOfItsMoment(http.get("/store/k?raw"));
            assertOfItsMoment(http.get("/store/k?consistency=linearizable"));
            assertOfItsMoment(http.send("GET", "/store/k", "If-None-Match: \"1\"\r\n"));
            assertOfItsMoment(http.send("GET", "/store/k", "If-Match: \"1\"\r\n"));
            assertOfItsMoment(put("/store/k", "2", "If-Match: \"1\"\r\n"));
            Answer count = http.get("/store?count_only");
            long revision = Long.parseLong(count.header("store-revision"));
            assertTrue(count.body().contains("{\"count\":" + revision % 2 + "}"), count::toString);
        }
        writer.join();
    }

    private static void assertOfItsMoment(Answer answer) {
        String revision = answer.header("store-revision");
        boolean exists = Long.parseLong(revision) % 2 == 1;
        assertEquals(exists ? "\"" + revision + "\"" : null, answer.header("etag"), answer::toString);
    }

    @Test
    void aNodeThatServesNothingHasNoRevision() {
        server.replicator.idle("gone");
        Answer answer = http.get("/store/k");
        assertEquals(503, answer.status());
        assertTold(null, null, answer);
    }

    @Test
    void aBareValueIsStoredAndGivenBackBare() {
        assertOk(
                "{\"message\":\"success persisting data\",\"data\":{\"key\":\"k\",\"value\":{ \"a\" : 1.10 }}}",
                put("/store/k", "  { \"a\" : 1.10 }\n", ""));
        Answer raw = http.get("/store/k?raw");
        assertEquals("{ \"a\" : 1.10 }", raw.body());
        assertEquals("application/json;charset=utf-8", raw.header("content-type"));
        assertEquals("nosniff", raw.header("x-content-type-options"));
        assertEquals("default-src 'none'; sandbox; frame-ancestors 'none'", raw.header("content-security-policy"));
        Answer head = http.send("HEAD", "/store/k?raw", "");
        assertEquals(200, head.status());
        assertEquals("14", head.header("content-length"));
        assertTold("\"1\"", "1", head);
        for (String json : new String[] {"null", "\"\"", "12345678901234567890", "[]", "true"}) {
            put("/store/k", json, "");
            assertEquals(json, http.get("/store/k?raw=true").body());
        }
    }

    @Test
    void whatIsNoValueIsRefused() {
        assertProblem(400, "Bad Request", "the body is empty: send the value as JSON", put("/store/k", "", ""));
        assertProblem(
                400,
                "Bad Request",
                "more text follows the JSON value, at line 1, column 3: send nothing after it",
                put("/store/k", "1 2", ""));
        assertEquals(400, put("/store/k", "{\"a\"", "").status());
        assertInvalid("raw is neither true nor false: yes", http.get("/store/k?raw=yes"));
        assertInvalid("no key is given: name it as /store/{key} or as /store?key={key}", put("/store", "1", ""));
        assertEquals(404, http.get("/store/k").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"1\"", "W/\"1\"", "\"9\", \"1\"", "\"x\" ,W/\"1\"", "*"})
    void aMatchingTagLetsAChangeHappen(String tag) {
        put("/store/k", "1", "");
        assertEquals(200, put("/store/k", "2", "If-Match: " + tag + "\r\n").status());
        assertTold("\"2\"", "2", http.get("/store/k"));
    }

    /** Servers that compress put the coding's name behind the revision, each in its own way. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"1--gzip\"",
                "\"1-gzip\"",
                "\"1;gzip\"",
                "\"1:gzip\"",
                "W/\"1-br\"",
                "\"1--zstd\"",
                "\"1-deflate\"",
                "\"x--gzip\", \"1--gzip\""
            })
    void theNameOfACodingIsNoPartOfTheRevision(String tag) {
        put("/store/k", "1", "");
        assertEquals(
                304,
                http.send("GET", "/store/k", "If-None-Match: " + tag + "\r\n").status());
        String post = "{\"key\":\"k\",\"value\":2}";
        String headers =
                "Content-Type: application/json\r\nContent-Length: " + post.length() + "\r\nIf-Match: " + tag + "\r\n";
        assertTold("\"2\"", "2", http.send("POST", "/store", headers, post.getBytes(UTF_8)));
        assertEquals(412, put("/store/k", "3", "If-Match: " + tag + "\r\n").status());
        assertEquals(
                200,
                put("/store/k", "3", "If-Match: " + tag.replace('1', '2') + "\r\n")
                        .status());
        assertEquals(
                412,
                http.send("DELETE", "/store/k", "If-Match: " + tag + "\r\n").status());
    }

    /** RFC 9110, section 13.1: what has no tag of its own matches none that is given, and is there. */
    @Test
    void aListHasNoTagThatCouldMatch() {
        put("/store/k", "1", "");
        for (String target : new String[] {"/store", "/store?keys_only", "/store?count_only&prefix=k"}) {
            assertEquals(
                    http.get(target).body(),
                    http.send("GET", target, "If-None-Match: \"1\"\r\n").body());
            assertEquals(304, http.send("GET", target, "If-None-Match: *\r\n").status());
            assertEquals(200, http.send("GET", target, "If-Match: *\r\n").status());
            assertProblem(
                    412,
                    "Precondition Failed",
                    "the precondition does not hold: a list has no entity tag",
                    http.send("GET", target, "If-Match: \"1\"\r\n"));
        }
    }

    @Test
    void aRepeatedRequestIsTheSameHoweverItsHeadersAreWritten() {
        String name = "Idempotency-Key: \"one\"\r\n";
        assertTold("\"1\"", "1", put("/store/k", "1", name));
        for (String type : new String[] {"application/json; charset=utf-8", "Application/JSON"}) {
            String headers = "Content-Length: 1\r\n" + name + "Content-Type: " + type + "\r\n";
            assertTold("\"1\"", "1", http.send("PUT", "/store/k", headers, new byte[] {'1'}));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"2\"",
                "\"1--x\"",
                "\"1gzip\"",
                "\"gzip\"",
                "\"1--gzip-2\"",
                "\"x\"",
                "\"9\", \"8\"",
                "\"01\"",
                "\"\""
            })
    void anotherTagDoesNot(String tag) {
        put("/store/k", "1", "");
        String failed = "the precondition does not hold: the key was last changed at revision 1";
        for (Answer answer : new Answer[] {
            put("/store/k", "2", "If-Match: " + tag + "\r\n"),
            http.send("DELETE", "/store/k", "If-Match: " + tag + "\r\n"),
            http.send("GET", "/store/k", "If-Match: " + tag + "\r\n")
        }) {
            assertProblem(412, "Precondition Failed", failed, ",\"current_revision\":1", answer);
            assertEquals("\"1\"", answer.header("etag"));
        }
        assertEquals("1", http.get("/store/k?raw").body());
    }

    @Test
    void anAbsentKeyMatchesNothingAndIsToldWithoutATag() {
        Answer answer = put("/store/k", "1", "If-Match: *\r\n");
        assertProblem(
                412,
                "Precondition Failed",
                "the precondition does not hold: there is no such key",
                ",\"current_revision\":0",
                answer);
        assertNull(answer.header("etag"));
        assertEquals(412, http.send("DELETE", "/store/k", "If-Match: \"1\"\r\n").status());
    }

    @Test
    void ifNoneMatchCreatesOnlyAndReadsOnlyWhatIsNew() {
        String post = "{\"key\":\"k\",\"value\":1}";
        String headers =
                "Content-Type: application/json\r\nContent-Length: " + post.length() + "\r\nIf-None-Match: *\r\n";
        assertEquals(
                200, http.send("POST", "/store", headers, post.getBytes(UTF_8)).status());
        assertEquals(
                412, http.send("POST", "/store", headers, post.getBytes(UTF_8)).status());
        assertEquals(412, put("/store/k", "2", "If-None-Match: \"1\"\r\n").status());
        assertEquals(
                412,
                put("/store/k", "2", "If-None-Match: \"7\"\r\nIf-None-Match: \"1\"\r\nIf-Match: *\r\n")
                        .status());
        Answer same = http.send("GET", "/store/k", "If-None-Match: \"1\"\r\n");
        assertEquals(304, same.status());
        assertEquals("", same.body());
        assertTold("\"1\"", "1", same);
        assertEquals(
                200, http.send("GET", "/store/k", "If-None-Match: \"2\"\r\n").status());
        assertEquals(
                404, http.send("GET", "/store/absent", "If-None-Match: *\r\n").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "\"1", "\"1\" \"2\"", "w/\"1\"", "", "*, \"1\""})
    void malformedTagsAreRefused(String tag) {
        put("/store/k", "1", "");
        Answer answer = put("/store/k", "2", "If-Match: " + tag + "\r\n");
        if (tag.isEmpty()) {
            assertEquals(412, answer.status());
        } else {
            assertEquals(400, answer.status(), answer::body);
        }
        assertEquals("1", http.get("/store/k?raw").body());
    }

    @Test
    void aRepeatedRequestHasTheSameAnswerAndChangesNothing() {
        String name = "Idempotency-Key: \"8e03978e\"\r\n";
        Answer first = put("/store/k", "1", name);
        put("/store/k", "2", "");
        Answer again = put("/store/k", "1", name);
        assertEquals(first.body(), again.body());
        assertTold("\"1\"", "1", again);
        assertEquals("2", http.get("/store/k?raw").body());
        assertEquals(
                412,
                put("/store/k", "3", "If-Match: \"1\"\r\nIdempotency-Key: x\r\n")
                        .status());
        put("/store/k", "0", "");
        assertEquals(
                412,
                put("/store/k", "3", "If-Match: \"1\"\r\nIdempotency-Key: x\r\n")
                        .status());
    }

    @Test
    void anotherRequestUnderTheSameNameIsRefused() {
        String name = "Idempotency-Key: key-1\r\n";
        assertEquals(200, put("/store/k", "1", name).status());
        for (Answer answer : new Answer[] {
            put("/store/k", "2", name),
            put("/store/k?ttl=5", "1", name),
            put("/store/other", "1", name),
            put("/store/k", "1", name + "If-Match: \"1\"\r\n"),
            http.send("DELETE", "/store/k", name)
        }) {
            assertInvalid(
                    "this Idempotency-Key was used for another request: nothing was changed; give each request a key"
                            + " of its own",
                    answer);
        }
        assertEquals("1", http.get("/store/k?raw").body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "\"a", "\u00e9", "\"\""})
    void malformedNamesAreRefused(String name) {
        assertInvalid(
                "Idempotency-Key is malformed: give 1 to 255 visible ASCII characters, such as a UUID, best in double"
                        + " quotes",
                put("/store/k", "1", "Idempotency-Key: " + name + "\r\n"));
        assertEquals(
                422,
                put("/store/k", "1", "Idempotency-Key: " + "x".repeat(256) + "\r\n")
                        .status());
    }
}
