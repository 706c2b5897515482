package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several keys at one moment. */
class ReadManyTest {
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

    private void put(String key, String value) {
        assertEquals(
                200,
                http.post("/store", "{\"key\":\"" + key + "\",\"value\":" + value + "}")
                        .status());
    }

    private static String keys(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"k" + i + "\"")
                .collect(Collectors.joining(",", "{\"keys\":[", "]}"));
    }

    @Test
    void keysAreShownAsTheyWereAskedFor() {
        put("a", "1.10");
        put("b/\\u00e9 \\\"", "{ \"x\" : 1e400 }");
        assertEquals(
                200,
                http.post("/store", "{\"key\":\"c\",\"value\":null,\"ttl\":60}").status());
        put("a", "1.20");
        Answer answer = http.post("/read", "{\"keys\":[\"c\",\"none\",\" b/\u00e9 \\\"\",\"a\"]}");
        assertEquals(
                "{\"message\":\"success fetching data\",\"data\":{\"revision\":4,\"keys\":["
                        + "{\"key\":\"c\",\"exists\":true,\"value\":null,\"create_revision\":3,\"change_revision\":3,\"version\":1,\"ttl\":60},"
                        + "{\"key\":\"none\",\"exists\":false},"
                        + "{\"key\":\"b/\u00e9 \\\"\",\"exists\":true,\"value\":{ \"x\" : 1e400 },\"create_revision\":2,\"change_revision\":2,\"version\":1},"
                        + "{\"key\":\"a\",\"exists\":true,\"value\":1.20,\"create_revision\":1,\"change_revision\":4,\"version\":2}]}}\n",
                answer.body());
        assertEquals(200, answer.status());
        assertEquals("4", answer.header("store-revision"));
        assertEquals("eventual", answer.header("raft-consistency"));
        assertEquals("node1", answer.header("raft-node"));
        assertEquals("no-store", answer.header("cache-control"));
        assertEquals(4, server.replicator.store().position().index(), "no entry of the log");
    }

    @Test
    void aReadHasALevelAndAMinimum() {
        put("a", "1");
        for (String level : new String[] {"eventual", "leader", "linearizable"}) {
            Answer answer = http.post("/read?consistency=" + level + "&min_revision=1", "{\"keys\":[\"a\"]}");
            assertEquals(200, answer.status(), answer::toString);
            assertEquals(level, answer.header("raft-consistency"));
        }
        assertEquals(
                503, http.post("/read?min_revision=2", "{\"keys\":[\"a\"]}").status());
        assertInvalid(
                "consistency is strong: give one of eventual, leader, linearizable",
                http.post("/read?consistency=strong", "{\"keys\":[\"a\"]}"));
        assertInvalid(
                "unknown query parameter \\\"prefix\\\": this request knows consistency, min_revision",
                http.post("/read?prefix=a", "{\"keys\":[\"a\"]}"));
    }

    @Test
    void theStateOfTheLeaderIsItsOwnToTell() {
        put("a", "1");
        server.replicator.follow(Optional.of("node2"), Optional.of("http://two:2222"));
        Answer elsewhere = http.post("/read?consistency=leader", "{\"keys\":[\"a\"]}");
        assertEquals(307, elsewhere.status());
        assertEquals("http://two:2222/read?consistency=leader", elsewhere.header("location"));
        assertEquals(
                200,
                http.post("/read?consistency=eventual", "{\"keys\":[\"a\"]}").status());
    }

    @Test
    void keysAndTheirValuesAreBounded() {
        assertEquals(200, http.post("/read", keys(1000)).status());
        assertInvalid("keys has more than 1000 elements", http.post("/read", keys(1001)));
        String half = "\"" + "x".repeat(RestServer.MAX_VALUE / 2 - 2) + "\"";
        put("k0", half);
        put("k1", half);
        Answer answer = http.post("/read", keys(3));
        assertEquals(200, answer.status());
        assertTrue(answer.body().length() > RestServer.MAX_VALUE);
        put("k2", "1");
        assertInvalid(
                "the values of these keys have more than " + RestServer.MAX_VALUE
                        + " bytes together, which is the most that one value may have: read fewer keys at once",
                http.post("/read", keys(3)));
        assertEquals(
                413,
                http.post("/read", "{\"keys\":[\"" + "k".repeat(1025) + "\"]}").status());
        assertEquals(
                413,
                http.post("/read", "{\"keys\":[\"" + "k".repeat(RestServer.MAX_VALUE + 100_000) + "\"]}")
                        .status());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"keys\":[\"a\",\" a\"]}|keys has the key a twice: give it once",
                "{\"keys\":[]}|keys is missing: give a list of the keys to read",
                "{}|keys is missing: give a list of the keys to read",
                "{\"keys\":\"a\"}|keys is no array: write it in square brackets",
                "{\"keys\":[1]}|keys has an element that is no string: write each one in double quotes",
                "{\"keys\":[null]}|keys has an element that is no string: write each one in double quotes",
                "{\"keys\":[\"\"]}|key is empty",
                "{\"keys\":[\"\\ud800\"]}|key is not valid Unicode: it holds half of a surrogate pair",
                "{\"key\":\"a\"}|unknown field \\\"key\\\": the fields of this request are keys"
            })
    void badListsAreRefused(String body, String sentence) {
        assertInvalid(sentence, http.post("/read", body));
    }

    @Test
    void conditionsAreForOneKey() {
        assertInvalid(
                "If-Match and If-None-Match are about one key: read the key by itself",
                http.send(
                        "POST",
                        "/read",
                        "If-None-Match: *\r\nContent-Type: application/json\r\nContent-Length: 14\r\n",
                        "{\"keys\":[\"a\"]}".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        assertEquals(405, http.get("/read").status());
    }
}
