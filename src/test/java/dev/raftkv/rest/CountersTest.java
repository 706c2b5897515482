package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static dev.raftkv.rest.Problem.assertProblem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ?add} and {@code ?sequence}. */
@ParameterizedClass
@EnumSource(
        value = Way.class,
        names = {"JERSEY", "SHORTCUT"})
class CountersTest {
    private static final String LONGEST = "9".repeat(1000);
    private static final String NO_COUNTER =
            "the key that is to be added to holds something else than an integer of at most 1000 digits: nothing was changed;"
                    + " store a number there first, or add to another key";
    private static final String BODY = "this request takes no body, and has one: leave it out, or store a value by PUT";

    @TempDir
    private Path directory;

    @Parameter
    private Way way;

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

    private Answer add(String target, String headers) {
        return http.send("POST", target, headers + "Content-Length: 0\r\n");
    }

    private Answer add(String target) {
        return http.send("POST", target, "");
    }

    private static String stored(String key, String value) {
        return "{\"message\":\"success persisting data\",\"data\":{\"key\":\"" + key + "\",\"value\":" + value + "}}";
    }

    private void store(String key, String value) {
        http.post("/store", "{\"key\":\"" + key + "\",\"value\":" + value + "}");
    }

    @Test
    void theSumIsAnsweredLikeAWrite() {
        Answer first = add("/store/n?add=5");
        assertOk(stored("n", "5"), first);
        assertEquals("1", first.header("store-revision"));
        assertEquals("\"1\"", first.header("etag"));
        assertOk(stored("n", "-2"), add("/store?key=n&add=-7"));
        assertOk(stored("n", "-2"), add("/store/n?add=-0"));
        assertEquals("-2", http.get("/store/n?raw").body());
        assertOk(stored("a/b", "1"), add("/store/a/b/?add=1", ""));
    }

    @Test
    void numbersAreAsLongAsTheyMayBe() {
        assertOk(stored("n", LONGEST), add("/store/n?add=" + LONGEST));
        assertInvalid(
                "the sum would have more than 1000 digits: nothing was changed; store a smaller number first",
                add("/store/n?add=1"));
        assertOk(stored("n", "0"), add("/store/n?add=-" + LONGEST));
        assertEquals("2", http.get("/store/n").header("store-revision"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"5\"", "1.0", "1e3", "null", "[1]", "{}", "true"})
    void whatIsNoIntegerIsNotAddedTo(String value) {
        store("n", value);
        assertInvalid(NO_COUNTER, add("/store/n?add=1"));
        assertEquals(value, http.get("/store/n?raw").body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?add=",
                "?add",
                "?add=1.0",
                "?add=1e3",
                "?add=+5",
                "?add=05",
                "?add=five",
                "?add=--5",
                "?add=%D9%A3"
            })
    void whatIsAddedIsAnInteger(String query) {
        String sentence =
                "add says what to add to the key: give an integer of at most 1000 digits, as ?add=5 or ?add=-5";
        assertInvalid(sentence, add("/store/n" + query));
        assertInvalid(sentence, add("/store/n?add=1" + LONGEST));
        assertInvalid(sentence, add("/store/n"));
        assertEquals(404, http.get("/store/n").status());
    }

    @Test
    void aKeyIsNamedOnce() {
        assertInvalid("no key is given: name it as /store/{key} or as /store?key={key}", add("/store?add=1"));
        assertInvalid("the key is given in the path and as ?key=: give it once", add("/store/k?key=k&add=1"));
        assertInvalid(
                "unknown query parameter \\\"ttl\\\": this request knows key, add, prev", add("/store/k?add=1&ttl=5"));
        assertInvalid(
                "unknown query parameter \\\"sequence\\\": this request knows key, add, prev",
                add("/store?add=1&sequence&prefix=q/"));
    }

    /** Dropped, it would be taken for stored. */
    @Test
    void aBodyIsRefused() {
        for (String body : new String[] {"5", "{\"value\":5}", "x".repeat(100_000)}) {
            assertInvalid(BODY, http.post("/store/n?add=1", body));
            assertInvalid(BODY, http.post("/store?key=n&add=1", body));
            assertInvalid(BODY, http.post("/store/n?add=1", "text/plain", body.getBytes(UTF_8)));
        }
        assertInvalid(BODY, http.post("/store/n", "{\"value\":1}"));
        assertInvalid(
                BODY,
                http.send(
                        "POST",
                        "/store/n?add=1",
                        "Transfer-Encoding: chunked\r\n",
                        "1\r\n5\r\n0\r\n\r\n".getBytes(UTF_8)));
        assertOk(
                stored("n", "1"),
                http.send("POST", "/store/n?add=1", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n".getBytes(UTF_8)));
    }

    @Test
    void conditionsAndNamesAreThoseOfWrites() {
        assertOk(stored("n", "1"), add("/store/n?add=1", "If-None-Match: *\r\n"));
        Answer refused = add("/store/n?add=1", "If-None-Match: *\r\n");
        assertEquals(412, refused.status());
        assertEquals("\"1\"", refused.header("etag"));
        assertOk(stored("n", "2"), add("/store/n?add=1", "If-Match: \"1\"\r\n"));

        String name = "Idempotency-Key: \"once\"\r\n";
        Answer first = add("/store/n?add=10", name);
        assertOk(stored("n", "12"), first);
        add("/store/n?add=100");
        Answer again = add("/store/n?add=10", name);
        assertOk(stored("n", "12"), again);
        assertEquals(first.header("store-revision"), again.header("store-revision"));
        assertInvalid(
                "this Idempotency-Key was used for another request: nothing was changed; give each request a key of its own",
                add("/store/n?add=11", name));
        assertEquals("112", http.get("/store/n?raw").body());
    }

    @Test
    void aCounterKeepsItsTimeToLive() {
        http.send(
                "PUT",
                "/store/n?ttl=60",
                "Content-Type: application/json\r\nContent-Length: 1\r\n",
                "5".getBytes(UTF_8));
        assertOk(stored("n", "6"), add("/store/n?add=1"));
        assertEquals("60", http.get("/store/n").header("store-ttl"));
    }

    private Answer append(String query, String body) {
        return http.post("/store?" + query, body);
    }

    private static void assertCreated(String key, String location, String value, Answer answer) {
        assertEquals(stored(key, value) + "\n", answer.body());
        assertEquals(201, answer.status());
        assertEquals(location, answer.header("location"));
        assertEquals("application/json;charset=utf-8", answer.header("content-type"));
    }

    @Test
    void aSequenceMakesKeysThatSortInTheOrderOfTheirCreation() {
        Answer first = append("prefix=q/&sequence", "{\"value\":[1, 2]}");
        assertCreated("q/00000000000000000001", "store?key=q%2F00000000000000000001", "[1, 2]", first);
        assertEquals("1", first.header("store-revision"));
        assertEquals("\"1\"", first.header("etag"));
        store("other", "1");
        http.delete("/store/q/00000000000000000001");
        assertCreated(
                "q/00000000000000000004",
                "store?key=q%2F00000000000000000004",
                "null",
                append("sequence=true&prefix=q/", "{\"ttl\":60,\"value\":null}"));
        assertEquals("60", http.get("/store?key=q%2F00000000000000000004").header("store-ttl"));
        assertCreated(
                "p 00000000000000000005",
                "../store?key=p+00000000000000000005",
                "1",
                http.post("/store/?prefix=p%20&sequence", "{\"value\":1}"));
        assertOk(
                "{\"message\":\"success fetching data\",\"data\":[\"other\",\"p 00000000000000000005\",\"q/00000000000000000004\"]}",
                http.get("/store?keys_only"));
    }

    @Test
    void aRepeatedAppendMakesOneKey() {
        String headers = "Idempotency-Key: j\r\nContent-Type: application/json\r\nContent-Length: 11\r\n";
        byte[] body = "{\"value\":1}".getBytes(UTF_8);
        for (int i = 0; i < 2; i++) {
            assertCreated(
                    "q/00000000000000000001",
                    "store?key=q%2F00000000000000000001",
                    "1",
                    http.send("POST", "/store?prefix=q/&sequence", headers, body));
        }
        assertEquals("1", http.get("/store?count_only").header("store-revision"));
    }

    @Test
    void aKeyThatSomebodyElseHasStoredStays() {
        store("q/00000000000000000002", "1");
        assertProblem(
                409,
                "Conflict",
                "somebody has stored the key with the number 2 already, which would be the next of the sequence: nothing was"
                        + " changed; remove that key, and keep the prefix to the sequence",
                append("prefix=q/&sequence", "{\"value\":2}"));
        assertEquals("1", http.get("/store?key=q%2F00000000000000000002&raw").body());
    }

    @Test
    void whatMakesNoSequenceIsRefused() {
        String one = "{\"value\":1}";
        String prefix = "a sequence has a prefix that keys can begin with: give one like queue/";
        assertInvalid(prefix, append("sequence", one));
        assertInvalid(prefix, append("sequence&prefix=", one));
        assertInvalid(prefix, append("sequence&prefix=%20q/", one));
        assertInvalid("sequence is false: leave it out, and name the key", append("sequence=false&prefix=q/", one));
        assertInvalid("sequence is neither true nor false: 1", append("sequence=1&prefix=q/", one));
        assertInvalid("value is missing: give any JSON value, or null", append("sequence&prefix=q/", "{}"));
        assertInvalid(
                "unknown field \\\"key\\\": the fields of this request are value, ttl",
                append("sequence&prefix=q/", "{\"key\":\"k\",\"value\":1}"));
        assertInvalid(
                "the body is no JSON object: send one with the members value, ttl", append("sequence&prefix=q/", "5"));
        assertInvalid(
                "unknown query parameter \\\"ttl\\\": this request knows prefix, sequence",
                append("sequence&prefix=q/&ttl=5", one));
        assertProblem(
                413,
                "Content Too Large",
                "prefix is too long: 1005 bytes in UTF-8, the limit is 1004 bytes, as a number of 20 digits follows it",
                append("sequence&prefix=" + "x".repeat(1005), one));
        assertEquals(201, append("sequence&prefix=" + "x".repeat(1004), one).status());
        String headers = "If-None-Match: *\r\nContent-Type: application/json\r\nContent-Length: 11\r\n";
        assertInvalid(
                "If-Match and If-None-Match are about one key: a sequence makes a new one, whatever there is",
                http.send("POST", "/store?sequence&prefix=q/", headers, one.getBytes(UTF_8)));
    }
}
