package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

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
import org.junit.jupiter.params.provider.EnumSource;

/** {@code ?prev}, and {@code "prev"} in transactions. */
@ParameterizedClass
@EnumSource(
        value = Way.class,
        names = {"JERSEY", "SHORTCUT"})
class PreviousTest {
    private static final String NONE = "{\"exists\":false}";

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

    private Answer put(String target, String value, String headers) {
        String about = headers + "Content-Type: application/json\r\nContent-Length: " + value.length() + "\r\n";
        return http.send("PUT", target, about, value.getBytes(UTF_8));
    }

    private static String stored(String value, String previous) {
        return "{\"message\":\"success persisting data\",\"data\":{\"key\":\"k\",\"value\":" + value + ",\"prev\":"
                + previous + "}}";
    }

    private static String was(String value, long created, long changed, long version) {
        return "{\"exists\":true,\"value\":" + value + history(created, changed, version);
    }

    private static String history(long created, long changed, long version) {
        return ",\"create_revision\":" + created + ",\"change_revision\":" + changed + ",\"version\":" + version + "}";
    }

    @Test
    void aWriteTellsWhatWasThere() {
        Answer first = put("/store/k?prev", "1.10", "");
        assertOk(stored("1.10", NONE), first);
        assertEquals("\"1\"", first.header("etag"));
        assertEquals("1", first.header("store-revision"));
        assertOk(stored("[1, 2]", was("1.10", 1, 1, 1)), http.post("/store?prev", "{\"key\":\"k\",\"value\":[1, 2]}"));
        assertOk(stored("5", was("[1, 2]", 1, 2, 2)), put("/store?key=k&prev=true&ttl=60", "5", ""));
        assertOk(
                stored(
                        "7",
                        "{\"exists\":true,\"value\":5,\"create_revision\":1,\"change_revision\":3,\"version\":3,\"ttl\":60}"),
                http.send("POST", "/store/k?add=2&prev", ""));
        assertOk(
                "{\"message\":\"success persisting data\",\"data\":{\"key\":\"k\",\"value\":8}}",
                put("/store/k?prev=false", "8", ""));
        Answer removed = http.delete("/store/k?prev");
        assertOk(
                "{\"message\":\"success removing data\",\"data\":{\"key\":\"k\",\"value\":null,\"prev\":"
                        + was("8", 1, 5, 5) + "}}",
                removed);
        assertEquals("6", removed.header("store-revision"));
        assertNull(removed.header("etag"));
        Answer again = http.delete("/store/k?prev");
        assertOk(
                "{\"message\":\"success removing data\",\"data\":{\"key\":\"k\",\"value\":null,\"prev\":" + NONE + "}}",
                again);
        assertEquals("6", again.header("store-revision"));
    }

    @Test
    void conditionsHoldAsWithoutIt() {
        assertEquals(412, put("/store/k?prev", "1", "If-Match: *\r\n").status());
        assertOk(stored("1", NONE), put("/store/k?prev", "1", "If-None-Match: *\r\n"));
        Answer refused = put("/store/k?prev", "2", "If-None-Match: *\r\n");
        assertEquals(412, refused.status());
        assertEquals("\"1\"", refused.header("etag"));
        assertEquals(
                412,
                put("/store/k?prev", "2", "If-None-Match: \"7\", \"1\"\r\n").status());
        assertEquals(412, put("/store/k?prev", "2", "If-Match: \"other\"\r\n").status());
        assertEquals(412, put("/store/k?prev", "2", "If-Match: \"2\"\r\n").status());
        assertInvalid(
                "If-Match has several entity tags, of which prev takes one: give the one that you have read",
                put("/store/k?prev", "2", "If-Match: \"1\", \"2\"\r\n"));
        assertOk(stored("2", was("1", 1, 1, 1)), put("/store/k?prev", "2", "If-Match: \"1\"\r\n"));
        assertOk(stored("3", was("2", 1, 2, 2)), put("/store/k?prev", "3", "If-None-Match: \"1\"\r\n"));
        assertEquals(
                412, http.send("DELETE", "/store/k?prev", "If-Match: \"1\"\r\n").status());
        assertEquals("3", http.get("/store/k?raw").body());
    }

    /** A value that was there is not remembered, as none is that was read; when it was changed is. */
    @Test
    void aRepetitionChangesNothingAndHasForgottenTheValue() {
        put("/store/k", "1", "");
        String name = "Idempotency-Key: once\r\n";
        assertOk(stored("2", was("1", 1, 1, 1)), put("/store/k?prev", "2", name));
        Answer again = put("/store/k?prev", "2", name);
        assertOk(stored("2", "{\"exists\":true,\"value_forgotten\":true" + history(1, 1, 1)), again);
        assertEquals("2", again.header("store-revision"));
        assertOk(stored("3", was("2", 1, 2, 2)), put("/store/k?prev", "3", ""));
    }

    @Test
    void whatCannotBeIsRefused() {
        assertInvalid(
                "the key that is to be added to holds something else than an integer of at most 1000 digits: nothing was"
                        + " changed; store a number there first, or add to another key",
                addTo("\"text\""));
        assertInvalid("prefix and prev exclude each other: give one of them", http.delete("/store?prefix=k&prev"));
        assertInvalid("prev is neither true nor false: 1", put("/store/k?prev=1", "1", ""));
        assertInvalid(
                "unknown query parameter \\\"prev\\\": this request knows prefix, sequence",
                http.post("/store?sequence&prefix=q/&prev", "{\"value\":1}"));
        assertInvalid(
                "a get has no prev: it changes nothing",
                http.post("/txn", "{\"then\":[{\"get\":\"k\",\"prev\":true}]}"));
        assertInvalid(
                "prev is neither true nor false", http.post("/txn", "{\"then\":[{\"delete\":\"k\",\"prev\":1}]}"));
    }

    private Answer addTo(String value) {
        put("/store/k", value, "");
        return http.send("POST", "/store/k?add=1&prev", "");
    }

    @Test
    void transactionsTellItOfEachChangeThatIsToTellIt() {
        put("/store/a", "1", "");
        put("/store/b", "2", "");
        String done = "{\"message\":\"success running transaction\",\"data\":{\"succeeded\":";
        assertOk(
                done + "true,\"results\":[{\"put\":\"a\"" + change(1, 3, 2) + ",\"prev\":" + was("1", 1, 1, 1)
                        + "},{\"get\":\"a\",\"exists\":true,\"value\":5" + history(1, 3, 2)
                        + ",{\"delete\":\"none\",\"existed\":false,\"prev\":" + NONE + "},{\"add\":\"b\",\"value\":1"
                        + change(2, 3, 2) + ",\"prev\":" + was("2", 2, 2, 1) + "},{\"put\":\"c\"" + change(3, 3, 1)
                        + "}]}}",
                http.post(
                        "/txn",
                        "{\"then\":[{\"put\":\"a\",\"value\":5,\"prev\":true},{\"get\":\"a\"},{\"prev\":true,\"delete\":\"none\"},"
                                + "{\"add\":\"b\",\"by\":-1,\"prev\":true},{\"put\":\"c\",\"value\":1,\"prev\":false}]}"));
        assertOk(
                done + "false,\"results\":[{\"delete\":\"a\",\"existed\":true,\"prev\":" + was("5", 1, 3, 2) + "}]}}",
                http.post(
                        "/txn",
                        "{\"if\":[{\"key\":\"none\",\"exists\":true}],\"then\":[{\"get\":\"a\"}],"
                                + "\"else\":[{\"delete\":\"a\",\"prev\":true}]}"));
    }

    private static String change(long created, long changed, long version) {
        String history = history(created, changed, version);
        return history.substring(0, history.length() - 1);
    }

    /** What was there counts as what is read. */
    @Test
    void whatWasThereIsBounded() {
        String value = "\"" + "x".repeat(1_000_000) + "\"";
        StringBuilder deletes = new StringBuilder("{\"put\":\"c\",\"value\":1}");
        for (int i = 0; i < 9; i++) {
            http.post("/store", "{\"key\":\"big" + i + "\",\"value\":" + value + "}");
            deletes.append(",{\"delete\":\"big").append(i).append("\",\"prev\":true}");
        }
        assertInvalid(
                "the values that the transaction gets are more than 8 MiB: nothing was changed; get fewer keys at once",
                http.post("/txn", "{\"then\":[" + deletes + "]}"));
        assertEquals(404, http.get("/store/c").status());
        assertEquals(200, http.get("/store/big0").status());
    }
}
