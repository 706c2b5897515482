package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.kv.Interest;
import dev.raftkv.kv.Watch;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys as clients of Consul write, read and watch them. */
@Timeout(60)
class ConsulKeysTest {
    private static final JsonText JSON = new JsonText("1".getBytes(UTF_8));
    private static final String NOBODY = "8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f";

    @TempDir
    Path directory;

    private RestServer server;
    private RawHttp http;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.CONSUL);
        http = server.http();
    }

    private void open() {
        server.replicator.replicate(new Command.OfConsul.Open());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer put(String target, String body) {
        byte[] bytes = body.getBytes(UTF_8);
        return http.send("PUT", "/v1/kv/" + target, "Content-Length: " + bytes.length + "\r\n", bytes);
    }

    private Answer delete(String target) {
        return http.send("DELETE", "/v1/kv/" + target, "", new byte[0]);
    }

    private Answer get(String target) {
        return http.get("/v1/kv/" + target);
    }

    private void assertStored(String target, String body, boolean stored) {
        Answer answer = put(target, body);
        assertEquals(200, answer.status(), answer::toString);
        assertEquals(Boolean.toString(stored), answer.body());
    }

    private static void assertRefused(int status, String text, Answer answer) {
        assertEquals(text, answer.body());
        assertEquals(status, answer.status());
        assertTrue(answer.header("content-type").startsWith("text/plain"), answer::toString);
    }

    private static String entry(String key, String value, long created, long changed) {
        return "{\"LockIndex\":0,\"Key\":\"" + key + "\",\"Flags\":0,\"Value\":" + value + ",\"CreateIndex\":" + created
                + ",\"ModifyIndex\":" + changed + "}";
    }

    @Test
    void theFirstReadHasAllNodesKeepWhatTheseClientsNeedAndNothingElseDoes() {
        http.get("/v1/status/leader");
        http.send("PUT", "/store?key=native", "Content-Length: 1\r\nContent-Type: application/json\r\n", new byte[] {'1'
        });
        assertEquals(0, server.replicator.store().logLevel());
        assertEquals(
                "[" + entry("native", "\"MQ==\"", 2, 2) + "]",
                get("native?index=1&wait=10s").body());
        assertEquals(Command.OfConsul.LEVEL, server.replicator.store().logLevel());
    }

    @Test
    void theFirstWriteWaitsUntilTheLeaderKnowsThatAllCanReadIt() {
        AtomicInteger attempts = new AtomicInteger();
        server.replicator.writesFail(
                command -> attempts.incrementAndGet() <= 3, Code.UNAVAILABLE, "another node has not told yet");
        assertStored("a", "1", true);
        assertEquals(4, attempts.get());
    }

    @ParameterizedTest
    @CsvSource({"session/list", "kv/a?stale"})
    void whereNotAllNodesCanNothingIsRead(String target) {
        server.replicator.writesFail(Code.UNAVAILABLE, "another node does not understand it");
        Answer refused = http.get("/v1/" + target);
        assertEquals(500, refused.status());
        assertTrue(refused.body().contains("another node does not understand it"), refused::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status/leader",
                "status/peers",
                "agent/self",
                "agent/members",
                "agent/services",
                "catalog/datacenters",
                "catalog/services",
                "health/state/any?index=1&wait=10ms"
            })
    void whatANodeKnowsItselfIsToldBeforeAndWithoutALeader(String target) {
        assertEquals(200, http.get("/v1/" + target).status());
        open();
        server.replicator.follow(Optional.empty(), Optional.empty());
        Answer alone = http.get("/v1/" + target);
        assertEquals(200, alone.status(), alone::toString);
        if (alone.header("x-consul-knownleader") != null) {
            assertEquals("false", alone.header("x-consul-knownleader"));
        }
    }

    @Test
    void whatIsLeftOutSaysSoBefore() {
        assertEquals(501, http.get("/v1/query").status());
    }

    @Test
    void aKeyIsStoredShownAndRemoved() {
        open();
        assertStored("a", "1", true);
        Answer got = get("a");
        assertEquals("[" + entry("a", "\"MQ==\"", 2, 2) + "]", got.body());
        assertEquals("application/json", got.header("content-type"));
        assertEquals("2", got.header("x-consul-index"));
        assertEquals("true", got.header("x-consul-knownleader"));
        assertEquals("0", got.header("x-consul-lastcontact"));
        assertEquals("true", delete("a").body());
        Answer gone = get("a");
        assertEquals(404, gone.status());
        assertEquals("", gone.body());
        assertEquals("0", gone.header("content-length"));
        assertEquals("3", gone.header("x-consul-index"));
    }

    @Test
    void whatIsNoJsonIsTheSameTextForTheNativeInterface() {
        open();
        assertStored("json", "{\"a\":1}", true);
        assertStored("text", "pg1", true);
        assertTrue(http.get("/store/json").body().contains("\"value\":{\"a\":1}"), () -> "no JSON");
        assertTrue(http.get("/store/text").body().contains("\"content\":\"text\""), () -> "no text");
        assertEquals("pg1", get("text?raw").body());
    }

    @Test
    void aWriteThatChangesNothingHasNoIndex() {
        open();
        assertStored("a", "1", true);
        assertStored("a", "1", true);
        assertEquals("2", get("a").header("x-consul-index"));
    }

    @Test
    void casComparesTheIndexOfTheKey() {
        open();
        assertStored("a?cas=1", "0", false);
        assertStored("a?cas=0", "1", true);
        assertStored("a?cas=0", "2", false);
        assertStored("a?cas=2", "2", true);
        assertStored("a?cas=2", "3", false);
        assertEquals("false", delete("a?cas=2").body());
        assertEquals("true", delete("a?cas=3").body());
        assertEquals("true", delete("a?cas=3").body());
    }

    @Test
    void aTreeHasTheIndexOfItsLatestChangeAlsoIfThatIsARemoval() {
        open();
        assertStored("w/a", "1", true);
        assertStored("w/b", "1", true);
        assertStored("x", "1", true);
        Answer tree = get("w/?recurse");
        assertEquals("[" + entry("w/a", "\"MQ==\"", 2, 2) + "," + entry("w/b", "\"MQ==\"", 3, 3) + "]", tree.body());
        assertEquals("3", tree.header("x-consul-index"));
        delete("w/b");
        assertEquals("5", get("w/?recurse").header("x-consul-index"));
        assertEquals("[\"w/a\"]", get("w/?keys").body());
        assertEquals("[\"w/\",\"x\"]", get("?keys&separator=/").body());
        assertEquals(404, get("none/?keys").status());
        assertEquals("true", delete("w/?recurse").body());
        assertEquals(404, get("w/?recurse").status());
    }

    @Test
    void oneLevelIsShownHoweverManyKeysItStandsFor() {
        open();
        List<Command> many = IntStream.rangeClosed(0, 50_000)
                .<Command>mapToObj(i -> new Command.Put(Key.of("many/" + i % 2 + "/" + i), JSON))
                .toList();
        server.replicator.replicate(many);
        long index = server.replicator.store().revision() + 1;
        Answer level = get("many/?keys&separator=/");
        assertEquals("[\"many/0/\",\"many/1/\"]", level.body());
        assertEquals(Long.toString(index), level.header("x-consul-index"));
        Answer all = get("many/?keys");
        assertEquals(413, all.status(), all::toString);
        assertTrue(all.body().endsWith("ask for a longer prefix"), all::toString);
        assertEquals(200, get("many/0/?keys").status());
    }

    @Test
    void whoWaitsIsAnsweredByTheNextChange() {
        open();
        assertStored("a", "1", true);
        CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> get("a?index=2&wait=50s"));
        assertStored("b", "1", true);
        assertStored("a", "2", true);
        assertEquals("4", waiting.join().header("x-consul-index"));
    }

    @Test
    void aReadWaitsForALeaderAsAWriteDoes() {
        open();
        assertStored("a", "1", true);
        server.replicator.follow(Optional.empty(), Optional.empty());
        long begun = System.nanoTime();
        assertRefused(500, "No cluster leader", get("a"));
        long waited = Duration.ofNanos(System.nanoTime() - begun).toMillis();
        assertTrue(waited >= 2000 && waited < 3300, () -> "waited for " + waited + " ms");
        assertEquals(200, get("a?stale").status());
        CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> get("a"));
        server.replicator.reset();
        server.replicator.leaderChanges();
        assertEquals(200, waiting.join().status());
    }

    @Test
    void noMoreWaitThanThereMayBeWatches() {
        open();
        assertStored("a", "1", true);
        List<Watch> watches = Stream.generate(
                        () -> server.replicator.applied().watches().watch(Interest.SESSIONS, null, () -> {}))
                .limit(FakeReplicator.MAX_WATCHES)
                .toList();
        String text = "this node has 50 watches, its limit: watch at another node";
        assertRefused(500, text, get("a?index=2"));
        assertRefused(500, text, http.get("/v1/session/list?index=1"));
        assertRefused(500, text, http.get("/v1/catalog/services?index=1"));
        watches.forEach(Watch::close);
        assertEquals(200, get("a?index=2&wait=1ms").status());
        assertEquals(0, server.replicator.applied().watches().watches());
    }

    @Test
    void whoseTimeIsOverGetsWhatIsThere() {
        open();
        assertStored("a", "1", true);
        assertEquals("2", get("a?index=2&wait=10ms").header("x-consul-index"));
        assertEquals("2", get("none?index=2&wait=10ms").header("x-consul-index"));
        assertEquals("2", get("a?index=1&wait=50s").header("x-consul-index"));
        assertEquals("2", get("a?index=99&wait=50s").header("x-consul-index"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a?stale&consistent | Cannot specify ?stale with ?consistent, conflicting semantics.",
                "a?index=1&wait=soon | Invalid wait time",
                "a?index=-1 | Invalid index",
                "a?max_stale=x | Invalid max_stale value \"x\"",
                "?raw | Missing key name",
                "%20a | key begins or ends with white space",
                "a%FF | invalid key",
                "a/%2e%2E/b | key contains a . or .. segment"
            })
    void whatCannotBeReadIsRefused(String target, String text) {
        open();
        assertRefused(400, text, get(target));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a;b", "a+b", "a:b,c@d", "dir/"})
    void keysAreTakenAsTheyAre(String key) {
        open();
        assertStored(key, "1", true);
        assertTrue(get(key).body().contains("\"Key\":\"" + key + "\""), key);
    }

    @Test
    void writesThatCannotBeSaySoInConsulsWords() {
        open();
        assertRefused(400, "Conflicting flags: acquire=x&cas=1\n", put("a?cas=1&acquire=x", "1"));
        assertRefused(
                400,
                "Conflicting flags: acquire=x%2F~+%2A&cas=1&dc=dc1&flags=3&flags=4\n",
                put("a?flags=3&token=secret&acquire=x%2f~+*&flags=4&cas=1&dc=dc1", "1"));
        assertRefused(400, "Conflicting flags: cas=1&recurse=\n", delete("a?recurse&cas=1"));
        assertRefused(500, "invalid session \"" + NOBODY + "\"", put("a?acquire=" + NOBODY, "1"));
        assertRefused(500, "missing session", put("a?acquire=", "1"));
        assertRefused(500, "missing session", put("a?release", "1"));
        assertRefused(500, "strconv.ParseUint: parsing \"x\": invalid syntax", put("a?flags=x", "1"));
        assertRefused(500, "strconv.ParseUint: parsing \"\": invalid syntax", put("a?flags=", "1"));
        assertRefused(405, "method POST not allowed", http.send("POST", "/v1/kv/a", "", new byte[0]));
        assertStored("a?release=" + NOBODY, "1", false);
    }

    @Test
    void whatIsForPeopleIsWrittenAsGoWritesIt() {
        open();
        assertEquals("[]\n", get("?keys&pretty").body());
        assertStored("a", "", true);
        assertEquals("[\n    \"a\"\n]\n", get("?keys&pretty").body());
        assertTrue(get("a?pretty").body().contains("{\n        \"LockIndex\": 0,\n"), get("a?pretty")::body);
    }

    @Test
    void whatIsEmptySaysSo() {
        Answer unknown = http.get("/v1/nothing");
        assertEquals(404, unknown.status());
        assertEquals("0", unknown.header("content-length"));
        Answer options = http.send("OPTIONS", "/v1/kv/a", "");
        assertEquals(200, options.status());
        assertEquals("0", options.header("content-length"));
    }

    @Test
    void valuesOfTransactionsAreWholeBase64() {
        open();
        String body = "[{\"KV\":{\"Verb\":\"set\",\"Key\":\"a\",\"Value\":\"MQ\"}}]";
        Answer answer = http.send("PUT", "/v1/txn", "Content-Length: " + body.length() + "\r\n", body.getBytes(UTF_8));
        assertEquals(400, answer.status());
        assertTrue(answer.body().startsWith("Failed to parse body: "), answer::body);
    }

    @Test
    void checksOfSessionsAreShownAsTheyWereWritten() {
        open();
        String body = "{\"ServiceChecks\":[{\"ID\":\"y\",\"A\":{\"c\":null,\"B\":[]}}]}";
        http.send("PUT", "/v1/session/create", "Content-Length: " + body.length() + "\r\n", body.getBytes(UTF_8));
        Answer list = http.get("/v1/session/list");
        assertTrue(list.body().contains("\"ServiceChecks\":[{\"ID\":\"y\",\"A\":{\"B\":[]}}]"), list::body);
    }
}
