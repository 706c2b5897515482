package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static dev.raftkv.rest.Problem.assertProblem;
import static dev.raftkv.rest.Problem.assertUnavailable;
import static dev.raftkv.rest.Problem.assertUnreadable;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Value;
import dev.raftkv.rest.RestServer.Way;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(
        value = Way.class,
        names = {"JERSEY", "SHORTCUT"})
class StoreResourceTest {
    private static final String NO_KEY = "no key is given: name it as /store/{key} or as /store?key={key}";
    private static final String TOO_LARGE = "the body is too large: the limit is 1114112 bytes";

    @TempDir
    private static Path directory;

    private static RestServer server;
    private static RawHttp http;

    StoreResourceTest(Way way) {}

    @BeforeParameterizedClassInvocation
    static void start(Way way) {
        server = new RestServer(directory.resolve(way.name()), "/kv", FollowerWrites.REDIRECT, way);
        http = server.http();
    }

    @BeforeEach
    void reset() {
        server.replicator.reset();
        http.delete("/store/k");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
    }

    @Test
    void keyIsStoredReadAndRemoved() {
        assertOk(
                "{\"message\":\"success persisting data\",\"data\":{\"key\":\"key\",\"value\":\"value\"}}",
                http.post("/store", "{\"key\":\"key\",\"value\":\"value\"}"));
        assertOk(fetched("key", "\"value\""), http.get("/store/key"));
        assertOk(removed("key"), http.delete("/store/key"));
        assertProblem(404, "Not Found", "error getting key key from storage: Key not found", http.get("/store/key"));
    }

    @Test
    void bytesThatAreNoJsonAreAStringAndWhatTheyAreStandsBeside() {
        store(Value.ofBytes("a: \"b\"".getBytes(UTF_8)));
        assertOk(fetched("k", "\"a: \\\"b\\\"\",\"content\":\"text\""), http.get("/store/k"));
        assertRaw("a: \"b\"", "text/plain;charset=utf-8");
        assertOk(
                "{\"message\":\"success fetching data\",\"data\":{\"revision\":"
                        + server.replicator.store().revision()
                        + ",\"keys\":[{\"key\":\"k\",\"exists\":true,\"value\":\"a: \\\"b\\\"\",\"content\":\"text\","
                        + "\"create_revision\":" + created() + ",\"change_revision\":" + created()
                        + ",\"version\":1}]}}",
                http.post("/read", "{\"keys\":[\"k\"]}"));

        store(Value.ofBytes(new byte[] {(byte) 0x80, 'x'}));
        assertOk(fetched("k", "\"gHg=\",\"content\":\"base64\""), http.get("/store/k"));
        assertEquals("application/octet-stream", http.get("/store/k?raw").header("content-type"));

        store(Value.NOTHING);
        assertOk(fetched("k", "\"\",\"content\":\"text\""), http.get("/store/k"));
        assertRaw("", "text/plain;charset=utf-8");

        store(Value.of(new JsonText("1".getBytes(UTF_8))));
        assertOk(fetched("k", "1"), http.get("/store/k"));
        assertRaw("1", "application/json;charset=utf-8");
    }

    private static void store(Value value) {
        server.replicator.replicate(
                List.of(new Command.Delete(Key.of("k")), new OfConsul.Put(Key.of("k"), value, 5, new Mode.Plain())));
    }

    private static long created() {
        return server.replicator.store().get(Key.of("k")).orElseThrow().createRevision();
    }

    private static void assertRaw(String body, String contentType) {
        RawHttp.Answer answer = http.get("/store/k?raw");
        assertEquals(body, answer.body());
        assertEquals(contentType, answer.header("content-type").toLowerCase(Locale.ROOT));
    }

    @Test
    void missingKeyIsNotFoundAndRemovedAllTheSame() {
        assertProblem(404, "Not Found", "error getting key nope from storage: Key not found", http.get("/store/nope"));
        assertOk(removed("nope"), http.delete("/store/nope"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.10",
                "12345678901234567890",
                "1e400",
                "null",
                "\"\"",
                "{\"b\":[1,2,{\"c\":null}],  \"a\":true,\"h\":\"<&>\",\"u\":\"\u00e9\u2603\ud83d\ude00\\u00e9\"}"
            })
    void valueComesBackAsItWasWritten(String value) {
        assertOk(
                "{\"message\":\"success persisting data\",\"data\":{\"key\":\"k\",\"value\":" + value + "}}",
                http.post("/store", "{ \"value\" : " + value + " , \"key\" : \"k\" }"));
        assertOk(fetched("k", value), http.get("/store/k"));
    }

    @ParameterizedTest
    @CsvSource({
        "/store/key/, key",
        "/store/app/db/url, app/db/url",
        "/store/cl%C3%A9, cl\u00e9",
        "/store/100%25, 100%",
        "/store/%20pad%20, pad",
        "/store/a+b, a+b",
        "/store/..a/b.., ..a/b..",
        "/store/a%3Bb, a;b",
        "/store?key=key, key",
        "/store/?key=key, key",
        "/store?&key=key&, key",
        "/store?key=app%2Fdb%2furl, app/db/url",
        "/store?key=ends/, ends/",
        "/store?key=a;b, a;b",
        "/store?key=.., ..",
        "/store?key=a+b%2Bc, a b+c",
        "/store?key=cl%C3%A9, cl\u00e9",
        "/store?k%65y=a=b, a=b"
    })
    void keyIsNamedInThePathOrTheQuery(String target, String key) {
        http.post("/store", "{\"key\":\"" + key + "\",\"value\":1}");

        assertOk(fetched(key, "1"), http.get(target));
        assertOk(removed(key), http.delete(target));
        assertEquals(404, http.get(target).status());
    }

    @Test
    void keyIsTrimmedWhenItIsStored() {
        assertOk(
                "{\"message\":\"success persisting data\",\"data\":{\"key\":\"pad\",\"value\":1}}",
                http.post("/store/", "{\"key\":\"  pad  \",\"value\":1}"));
        assertOk(fetched("pad", "1"), http.get("/store/pad"));
    }

    @Test
    void keyIsEscapedInJson() {
        http.post("/store", "{\"key\":\"a\\\"\\\\\\u0001\",\"value\":1}");

        assertOk(fetched("a\\\"\\\\\\u0001", "1"), http.get("/store?key=a%22%5C%01"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/store/%20", "/store/%20/", "/store?key=", "/store?key=%20", "/store?key", "/store//"})
    void blankKeyIsEmpty(String target) {
        assertInvalid("key is empty", http.get(target));
        assertInvalid("key is empty", http.delete(target));
    }

    @Test
    void removalWithoutAKeyIsRefusedAndAReadIsAList() {
        assertInvalid(NO_KEY, http.delete("/store"));
        assertInvalid(NO_KEY, http.delete("/store/"));
        http.post("/store", "{\"key\":\"k\",\"value\":1}");
        assertEquals(200, http.get("/store?prefix=k&keys_only").status());
    }

    @Test
    void queryMustNameOneKeyAndNothingElse() {
        assertInvalid(
                "unknown query parameter \\\"row\\\": this request knows key, raw, consistency, min_revision",
                http.get("/store/k?row"));
        assertInvalid(
                "unknown query parameter \\\"Key\\\": this request knows prefix, limit, after, reverse,"
                        + " separator, order, after_revision, keys_only, count_only, consistency, min_revision",
                http.get("/store?Key=k"));
        assertInvalid(
                "unknown query parameter \\\"key\\\": this request knows prev",
                http.post("/store?key=k", "{\"key\":\"k\",\"value\":1}"));
        assertInvalid(
                "query parameter \\\"key\\\" is given more than once: give it once", http.get("/store?key=k&key=k"));
        assertInvalid("the key is given in the path and as ?key=: give it once", http.delete("/store/k?key=k"));
    }

    @Test
    void queryThatIsNotUtf8IsRefused() {
        assertUnreadable(
                "the percent-encoding of %c3 is not UTF-8: encode the text as UTF-8", http.get("/store?key=%c3"));
    }

    @Test
    void pathsThatServersRewriteAreRefused() {
        String remedy = ": name such a key as /store?key={key}, percent-encoded";

        assertUnreadable("the path has a semicolon" + remedy, http.get("/store/a;b"));
        assertUnreadable("the path has a semicolon" + remedy, http.delete("/store;x/a"));
        assertUnreadable("the path has a segment . or .." + remedy, http.get("/store/a/../b"));
        assertUnreadable("the path has a segment . or .." + remedy, http.get("/store/%2E%2e/b"));
        assertUnreadable("the path has a segment . or .." + remedy, http.get("/store/./b"));
    }

    /** What follows two slashes is the name of a server for who reads it as a reference. */
    @ParameterizedTest
    @ValueSource(strings = {"//x/store/k", "///store/k", "//store/k", "//k"})
    void aPathThatBeginsWithTwoSlashesIsRefusedAndNoOtherKeyIsMeant(String target) {
        http.post("/store", "{\"key\":\"re/k\",\"value\":1}");
        String sentence = "the path begins with two slashes: begin it with one";

        assertUnreadable(sentence, http.get(target));
        assertUnreadable(sentence, http.delete(target));
        assertOk(fetched("re/k", "1"), http.get("/store/re/k"));
    }

    @Test
    void longKeyIsTooLarge() {
        String sentence = "key is too long: 1025 bytes in UTF-8, the limit is 1024 bytes";

        assertProblem(413, "Content Too Large", sentence, http.get("/store/" + "k".repeat(1025)));
        assertProblem(
                413,
                "Content Too Large",
                sentence,
                http.post("/store", "{\"key\":\"" + "k".repeat(1025) + "\",\"value\":1}"));
    }

    @Test
    void longestKeyAndValueFitHoweverTheKeyIsWritten() {
        String value = "\"" + "v".repeat(RestServer.MAX_VALUE - 2) + "\"";

        RawHttp.Answer stored =
                http.post("/store", "{\"key\":\"" + "\\u006b".repeat(1024) + "\",\"value\":" + value + "}");

        assertEquals(200, stored.status());
        assertOk(fetched("k".repeat(1024), value), http.get("/store/" + "k".repeat(1024)));
    }

    @Test
    void valueOverTheLimitIsTooLarge() {
        assertProblem(
                413,
                "Content Too Large",
                "value is too large: 1048577 bytes, the limit is 1048576 bytes",
                http.post("/store", "{\"key\":\"k\",\"value\":\"" + "v".repeat(RestServer.MAX_VALUE - 1) + "\"}"));
    }

    @Test
    void bodyThatIsDeclaredTooLargeIsNotRead() {
        assertProblem(
                413,
                "Content Too Large",
                TOO_LARGE,
                http.send("POST", "/store", "Content-Type: application/json\r\nContent-Length: 10000000000\r\n"));
    }

    @Test
    void bodyWithoutEndIsReadToTheLimitOnly() {
        int overLimit = 1114112 + 1;
        byte[] chunk = ("{\"key\":\"" + "k".repeat(overLimit - 8)).getBytes(US_ASCII);

        assertProblem(
                413,
                "Content Too Large",
                TOO_LARGE,
                http.send(
                        "POST",
                        "/store",
                        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
                        (Integer.toHexString(overLimit) + "\r\n").getBytes(US_ASCII),
                        chunk,
                        "\r\n".getBytes(US_ASCII)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "Application/JSON",
                "application/json;charset=utf-8",
                "application/json; charset=utf8",
                "application/json; charset=\"UTF8\"",
                "application/json; charset=\"UTF-8\"",
                "application/json; q=1"
            })
    void jsonIsAccepted(String contentType) {
        assertEquals(
                200,
                http.post("/store", contentType, "{\"key\":\"k\",\"value\":1}".getBytes(UTF_8))
                        .status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "application/merge-patch+json",
                "application/*",
                "*/*",
                "application/json; charset=iso-8859-1"
            })
    void otherContentTypesAreRefused(String contentType) {
        assertProblem(
                415,
                "Unsupported Media Type",
                "the body has the content type " + contentType
                        + ": send JSON in UTF-8 with the header Content-Type: application/json",
                http.post("/store", contentType, "{\"key\":\"k\",\"value\":1}".getBytes(UTF_8)));
    }

    @Test
    void bodyOfNoContentTypeOrEncodedIsRefused() {
        assertProblem(
                415,
                "Unsupported Media Type",
                "the body has the content type (none): send JSON in UTF-8 with the header Content-Type:"
                        + " application/json",
                http.post("/store", null, "{\"key\":\"k\",\"value\":1}".getBytes(UTF_8)));
        assertProblem(
                415,
                "Unsupported Media Type",
                "the body has the content encoding br: send it without Content-Encoding",
                http.send(
                        "POST",
                        "/store",
                        "Content-Type: application/json\r\nContent-Encoding: br\r\nContent-Length: 2\r\n",
                        "{}".getBytes(UTF_8)));
    }

    @Test
    void whatAClientWouldAcceptIsNotLookedAt() {
        assertEquals(404, http.send("GET", "/store?key=none", "Accept: ;;;\r\n").status());
        assertEquals(415, http.post("/store/", ";;;", "{}".getBytes(UTF_8)).status());
    }

    @Test
    void bodiesAreRefusedWithASentence() {
        assertInvalid("key is empty", http.post("/store", ""));
        assertInvalid("key is empty", http.post("/store", null, new byte[0]));
        assertInvalid("key is empty", http.post("/store", "null"));
        assertInvalid("key is empty", http.post("/store", "{\"key\":\"   \",\"value\":1}"));
        assertInvalid("value is missing: give any JSON value, or null", http.post("/store", "{\"key\":\"k\"}"));
        assertInvalid("key is no string: write it in double quotes", http.post("/store", "{\"key\":5,\"value\":1}"));
        assertInvalid(
                "unknown field \\\"tll\\\": the fields of this request are key, value, ttl",
                http.post("/store", "{\"key\":\"k\",\"value\":1,\"tll\":5}"));
        assertInvalid(
                "duplicate field \\\"value\\\": give it once",
                http.post("/store", "{\"key\":\"k\",\"value\":1,\"value\":2}"));
        assertInvalid(
                "the body is no JSON object: send one with the members key, value, ttl", http.post("/store", "[1,2]"));
        assertUnreadable(
                "the body is not valid JSON: it ends too early, at line 1, column 12",
                http.post("/store", "{\"key\":\"a\","));
        assertUnreadable(
                "the body is not valid JSON: unexpected text at line 1, column 2", http.post("/store", "{key:1}"));
        assertEquals(400, http.post("/store", "{\"key\":\"k\",\"value\":1} xyz").status());
    }

    @Test
    void otherMethodsAndPathsAreRefused() {
        RawHttp.Answer patch = http.send("PATCH", "/store/key", "Content-Length: 0\r\n");
        assertProblem(
                405,
                "Method Not Allowed",
                "this path does not take this method: it takes DELETE, GET, OPTIONS, POST, PUT",
                patch);
        assertEquals("DELETE, GET, OPTIONS, POST, PUT", patch.header("allow"));
        assertProblem(
                404,
                "Not Found",
                "no such path: there are /store, /store/{key}, /read, /txn, /session, /session/{id}, /watch, /raft/settings, /backup, /restore, /raft/join, /raft/remove,"
                        + " /raft/announce, /raft/transfer, /raft/snapshot, /raft/members, /raft/stats, /raft/barrier,"
                        + " /raft/cluster, /raft/log, /raft/events, /health/live, /health/ready, /metrics",
                http.get("/"));
        assertEquals(404, http.get("/nope").status());
        assertEquals(404, http.get("/application.wadl").status());
    }

    @Test
    void headAndOptionsAnswerAsHttpSays() {
        http.post("/store", "{\"key\":\"k\",\"value\":1}");

        RawHttp.Answer head = http.send("HEAD", "/store/k", "");
        assertEquals(200, head.status());
        assertEquals("", head.body());
        assertEquals(String.valueOf(fetched("k", "1").length() + 1), head.header("content-length"));
        assertEquals(404, http.send("HEAD", "/store/nope", "").status());
        assertEquals(200, http.send("OPTIONS", "/store", "").status());
    }

    @Test
    void answerDoesNotDependOnWhatTheClientAccepts() {
        http.post("/store", "{\"key\":\"k\",\"value\":1}");

        assertOk(fetched("k", "1"), http.send("GET", "/store/k", "Accept: text/html\r\n"));
    }

    @Test
    void writeIsAnsweredWhenItEnds() throws Exception {
        CompletableFuture<Outcome> commit = new CompletableFuture<>();
        server.replicator.writesEnd(commit);

        CompletableFuture<RawHttp.Answer> answer =
                CompletableFuture.supplyAsync(() -> http.post("/store", "{\"key\":\"k\",\"value\":1}"));
        server.replicator.awaitWrite();
        assertEquals(404, http.get("/store/k").status());
        commit.complete(new Outcome.Stored(1));

        assertOk(
                "{\"message\":\"success persisting data\",\"data\":{\"key\":\"k\",\"value\":1}}",
                answer.get(20, TimeUnit.SECONDS));
    }

    @Test
    void writeIsRefusedWhenItFails() throws Exception {
        CompletableFuture<Outcome> commit = new CompletableFuture<>();
        server.replicator.writesEnd(commit);

        CompletableFuture<RawHttp.Answer> answer = CompletableFuture.supplyAsync(() -> http.delete("/store/k"));
        server.replicator.awaitWrite();
        commit.completeExceptionally(new KvException(Code.OUTCOME_UNKNOWN, "it may or may not be done"));

        assertProblem(504, "Gateway Timeout", "it may or may not be done", answer.get(20, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @CsvSource({
        "UNREADABLE, 400, Bad Request",
        "NOT_FOUND, 404, Not Found",
        "CONFLICT, 409, Conflict",
        "TOO_LARGE, 413, Content Too Large",
        "UNSUPPORTED_MEDIA_TYPE, 415, Unsupported Media Type",
        "INVALID, 422, Unprocessable Content",
        "OUTCOME_UNKNOWN, 504, Gateway Timeout",
        "NO_SPACE, 507, Insufficient Storage"
    })
    void failureHasTheStatusOfItsCode(Code code, int status, String title) {
        server.replicator.writesFail(code, "do \"this\"");

        RawHttp.Answer answer = http.post("/store", "{\"key\":\"k\",\"value\":1}");

        assertProblem(status, title, "do \\\"this\\\"", answer);
        assertEquals(null, answer.header("retry-after"));
    }

    @Test
    void nodeThatServesNothingSaysWhyAndWhenToRetry() {
        server.replicator.idle("this node was removed");
        server.replicator.writesFail(Code.UNAVAILABLE, "too many writes wait");

        assertUnavailable("this node was removed", http.get("/store/k"));
        assertUnavailable("too many writes wait", http.delete("/store/k"));
    }

    @Test
    void unexpectedFailureShowsAnIdAndNothingElse() {
        server.replicator.writesEnd(CompletableFuture.failedFuture(new IllegalStateException("secret of a test")));

        RawHttp.Answer answer = http.post("/store", "{\"key\":\"k\",\"value\":1}");

        String id = answer.body().replaceAll("(?s).*\"error_id\":\"([0-9a-f-]{36})\".*", "$1");
        assertProblem(
                500,
                "Internal Server Error",
                "unexpected failure " + id + ": the log of this node tells more under this id",
                ",\"error_id\":\"" + id + "\"",
                answer);
    }

    private static String fetched(String key, String value) {
        return "{\"message\":\"success fetching data\",\"data\":{\"key\":\"" + key + "\",\"value\":" + value + "}}";
    }

    private static String removed(String key) {
        return "{\"message\":\"success removing data\",\"data\":{\"key\":\"" + key + "\",\"value\":null}}";
    }
}
