package dev.raftkv.rest;

import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Command;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of Consul find beside keys. */
class ConsulRoomsTest {
    private static final String NOBODY = "8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f";

    @TempDir
    Path directory;

    private RestServer server;
    private RawHttp http;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.CONSUL);
        server.replicator.replicate(new Command.OfConsul.Open());
        http = server.http();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer put(String target, String body) {
        byte[] bytes = body.getBytes(UTF_8);
        return http.send("PUT", "/v1/" + target, "Content-Length: " + bytes.length + "\r\n", bytes);
    }

    private Answer get(String target) {
        return http.get("/v1/" + target);
    }

    private static void assertIs(int status, String body, Answer answer) {
        assertEquals(body, answer.body(), answer::toString);
        assertEquals(status, answer.status(), answer::toString);
        String type = status < 400 || status == 409 ? "application/json" : "text/plain; charset=utf-8";
        assertEquals(
                type.replace(" ", "").toLowerCase(Locale.ROOT),
                answer.header("content-type").replace(" ", "").toLowerCase(Locale.ROOT));
    }

    /** Of a new session. */
    private String session(String json) {
        Answer made = put("session/create", json);
        assertEquals(200, made.status(), made::toString);
        assertTrue(made.body().matches("\\{\"ID\":\"[0-9a-f-]{36}\"}"), made::toString);
        return made.body().substring(7, 43);
    }

    private static String shown(String id, String rest, int index) {
        return "{\"ID\":\"" + id + "\"," + rest + ",\"CreateIndex\":" + index + ",\"ModifyIndex\":" + index + "}";
    }

    @Test
    void aSessionIsBegunRenewedShownAndDestroyed() {
        String id = session(
                "{\"name\":\"demo-a\",\"lockdelay\":\"1s\",\"ttl\":\"15.0s\",\"Behavior\":\"delete\",\"Checks\":[],\"Node\":null}");
        String shown = "["
                + shown(
                        id,
                        "\"Name\":\"demo-a\",\"Node\":\"node1\",\"LockDelay\":1000000000,\"Behavior\":\"delete\","
                                + "\"TTL\":\"15.0s\",\"NodeChecks\":[],\"ServiceChecks\":null",
                        2)
                + "]";
        assertIs(200, shown, put("session/renew/" + id, ""));
        Answer info = get("session/info/" + id);
        assertIs(200, shown, info);
        assertEquals("2", info.header("x-consul-index"));
        assertEquals("true", info.header("x-consul-knownleader"));
        assertIs(200, shown, get("session/list"));
        assertIs(200, shown, get("session/node/node1"));
        assertIs(200, "[]", get("session/node/node2"));
        assertIs(200, "true", put("session/destroy/" + id, ""));
        assertIs(200, "true", put("session/destroy/" + id, ""));
        Answer gone = get("session/info/" + id);
        assertIs(200, "[]", gone);
        assertEquals("3", gone.header("x-consul-index"));
        assertIs(404, "Session id '" + id + "' not found", put("session/renew/" + id, ""));
    }

    @Test
    void whoWaitsForSessionsIsAnsweredByTheNextBeginningOrEnd() {
        String first = session("");
        CompletableFuture<Answer> begun = CompletableFuture.supplyAsync(() -> get("session/list?index=2&wait=50s"));
        eventually(Duration.ofSeconds(10), () -> assertEquals(1, waiting()));
        put("kv/a", "1");
        String second = session("");
        assertEquals("3", begun.join().header("x-consul-index"));
        assertTrue(begun.join().body().contains(second), () -> begun.join().toString());
        CompletableFuture<Answer> ended =
                CompletableFuture.supplyAsync(() -> get("session/info/" + first + "?index=3&wait=50s"));
        eventually(Duration.ofSeconds(10), () -> assertEquals(1, waiting()));
        put("session/destroy/" + first, "");
        assertIs(200, "[]", ended.join());
        assertEquals("4", get("session/list?index=4&wait=1ms").header("x-consul-index"));
        assertEquals(0, waiting());
    }

    private int waiting() {
        return server.replicator.applied().watches().watches();
    }

    @Test
    void whoWaitsForSessionsOfANodeThatLeavesIsTold() {
        session("");
        CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> get("session/list?index=2&wait=50s"));
        eventually(Duration.ofSeconds(10), () -> assertEquals(1, waiting()));
        server.replicator.idle("this node has left");
        server.replicator.applied().left("this node has left");
        assertIs(500, "this node has left", waiting.join());
    }

    @Test
    void aSessionOfAnEmptyBodyHasWhatConsulGivesIt() {
        String id = session("");
        assertIs(
                200,
                "["
                        + shown(
                                id,
                                "\"Name\":\"\",\"Node\":\"node1\",\"LockDelay\":15000000000,\"Behavior\":\"release\","
                                        + "\"TTL\":\"\",\"NodeChecks\":[\"serfHealth\"],\"ServiceChecks\":null",
                                2)
                        + "]",
                get("session/info/" + id));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"TTL\":\"6s\"}|500|Invalid Session TTL '6000000000', must be between [10s=24h0m0s]",
                "{\"TTL\":\"25h\"}|500|Invalid Session TTL '90000000000000', must be between [10s=24h0m0s]",
                "{\"TTL\":\"x\"}|500|Session TTL 'x' invalid: time: invalid duration \"x\"",
                "{\"Behavior\":\"x\"}|500|Invalid Behavior setting 'x'",
                "{\"LockDelay\":\"x\"}|400|Request decode failed: time: invalid duration \"x\"",
                "{\"Name\":1}|400|Request decode failed: there is 1 where a string is expected",
                "[]|400|Request decode failed: there is an array where an object is expected"
            })
    void whatASessionCannotBeIsSaid(String body, int status, String text) {
        assertIs(status, text, put("session/create", body));
    }

    @Test
    void aBodyThatIsNoJsonIsSaid() {
        Answer answer = put("session/create", "{");
        assertEquals(400, answer.status());
        assertTrue(answer.body().startsWith("Request decode failed: "), answer::toString);
    }

    @ParameterizedTest
    @CsvSource({"5,5000000000", "999,999000000000", "1000,1000", "0,0", "'\"5000ms\"',5000000000"})
    void aLockDelayIsATextOrANumber(String given, String nanos) {
        String id = session("{\"LockDelay\":" + given + "}");
        assertTrue(get("session/info/" + id).body().contains("\"LockDelay\":" + nanos + ","));
    }

    @Test
    void aSessionThatNobodyNamedIsUnknown() {
        assertIs(400, "Missing session", put("session/renew/", ""));
        assertIs(400, "Missing session", put("session/destroy/", ""));
        assertIs(400, "Missing session", get("session/info/"));
        assertIs(400, "Missing node name", get("session/node/"));
        assertIs(404, "Session id 'x' not found", put("session/renew/x", ""));
        assertIs(200, "true", put("session/destroy/x", ""));
        assertIs(200, "[]", get("session/info/x"));
    }

    private static String op(String verb, String rest) {
        return "{\"KV\":{\"Verb\":\"" + verb + "\"" + rest + "}}";
    }

    private static String error(int at, String what) {
        return "{\"OpIndex\":" + at + ",\"What\":\"" + what.replace("\"", "\\\"") + "\"}";
    }

    private static String entry(String key, String value, int index, int change) {
        return "{\"KV\":{\"LockIndex\":0,\"Key\":\"" + key + "\",\"Flags\":0,\"Value\":" + value + ",\"CreateIndex\":"
                + index + ",\"ModifyIndex\":" + change + "}}";
    }

    @Test
    void aTransactionTellsWhatItHasDone() {
        Answer done = put(
                "txn",
                "[" + op("set", ",\"Key\":\"a\",\"Value\":\"MQ==\"") + "," + op("get", ",\"key\":\"a\",\"Value\":null")
                        + "," + op("get-or-empty", ",\"Key\":\"b\"") + "," + op("check-not-exists", ",\"Key\":\"b\"")
                        + "," + op("delete", ",\"Key\":\"c\"") + "," + op("get-tree", ",\"Key\":\"a\"") + "]");
        assertIs(
                200,
                "{\"Results\":[" + entry("a", "null", 2, 2) + "," + entry("a", "\"MQ==\"", 2, 2) + ","
                        + entry("b", "null", 0, 0) + "," + entry("a", "\"MQ==\"", 2, 2) + "],\"Errors\":null}",
                done);
        Answer read = put(
                "txn?consistent",
                "[" + op("get", ",\"Key\":\"a\"") + "," + op("check-index", ",\"Key\":\"a\",\"Index\":2") + "]");
        assertIs(
                200,
                "{\"Results\":[" + entry("a", "\"MQ==\"", 2, 2) + "," + entry("a", "null", 2, 2) + "],\"Errors\":null}",
                read);
        assertEquals("true", read.header("x-consul-knownleader"));
        assertEquals("consistent", read.header("x-consul-effective-consistency"));
    }

    @Test
    void aTransactionTellsAllThatIsInItsWay() {
        put("kv/a", "1");
        String held = session("");
        assertIs(200, "true", put("kv/l?acquire=" + held, ""));
        String other = session("");
        Answer failed = put(
                "txn",
                "[" + op("cas", ",\"Key\":\"a\",\"Index\":1") + "," + op("get", ",\"Key\":\"no \\\"key\\\"\"") + ","
                        + op("check-index", ",\"Key\":\"a\",\"Index\":6") + ","
                        + op("check-index", ",\"Key\":\"x\",\"Index\":6") + ","
                        + op("check-session", ",\"Key\":\"l\",\"Session\":\"b\"") + ","
                        + op("check-session", ",\"Key\":\"x\",\"Session\":\"b\"") + ","
                        + op("check-not-exists", ",\"Key\":\"a\"") + ","
                        + op("delete-cas", ",\"Key\":\"a\",\"Index\":7") + ","
                        + op("lock", ",\"Key\":\"l\",\"Session\":\"" + other + "\"") + ","
                        + op("lock", ",\"Key\":\"m\",\"Session\":\"" + NOBODY + "\"") + ","
                        + op("lock", ",\"Key\":\"m\",\"Session\":\"s\"") + ","
                        + op("unlock", ",\"Key\":\"l\",\"Session\":\"s\"") + "," + op("set", ",\"Key\":\"z\"") + "]");
        assertIs(
                409,
                "{\"Results\":null,\"Errors\":["
                        + String.join(
                                ",",
                                error(0, "failed to set key \"a\", index is stale"),
                                "{\"OpIndex\":1,\"What\":\"key \\\"no \\\\\\\"key\\\\\\\"\\\" doesn't exist\"}",
                                error(2, "failed index check for key \"a\", current modify index 2 != 6"),
                                error(3, "failed to check index, key \"x\" doesn't exist"),
                                error(
                                        4,
                                        "failed session check for key \"l\", current session \"" + held
                                                + "\" != \"b\""),
                                error(5, "failed to check session, key \"x\" doesn't exist"),
                                error(6, "key \"a\" exists"),
                                error(7, "failed to delete key \"a\", index is stale"),
                                error(8, "failed to lock key \"l\", lock is already held"),
                                error(9, "invalid session \"" + NOBODY + "\""),
                                error(10, "invalid session \"s\""),
                                error(11, "failed to unlock key \"l\", lock isn't held, or is held by another session"))
                        + "]}",
                failed);
        assertEquals(404, get("kv/z").status());
    }

    @Test
    void anEndedSessionKeepsItsKeysFromOthersForAWhile() {
        String first = session("{\"LockDelay\":\"10s\"}");
        assertIs(200, "true", put("kv/l?acquire=" + first, ""));
        put("session/destroy/" + first, "");
        String lock = "[" + op("lock", ",\"Key\":\"l\",\"Session\":\"" + session("") + "\"") + "]";
        assertIs(
                409,
                "{\"Results\":null,\"Errors\":[" + error(0, "failed to lock key \"l\" due to lock delay") + "]}",
                put("txn", lock));
    }

    @Test
    void whatNoTransactionCanBeIsSaid() {
        assertIs(
                409,
                "{\"Results\":null,\"Errors\":[" + error(0, "unknown KV verb \"x\"") + ","
                        + error(1, "Must provide key") + "," + error(2, "missing session") + "]}",
                put(
                        "txn",
                        "[" + op("x", ",\"Key\":\"a\"") + "," + op("set", "") + "," + op("lock", ",\"Key\":\"a\"")
                                + "]"));
        String many = IntStream.range(0, 129)
                .mapToObj(i -> op("get-or-empty", ",\"Key\":\"a\""))
                .collect(Collectors.joining(","));
        assertIs(413, "Transaction contains too many operations (129 > 128)", put("txn", "[" + many + "]"));
        String large = Base64.getEncoder().encodeToString(new byte[RestServer.MAX_VALUE + 1]);
        assertIs(
                413,
                "Value for key \"k\" is too large (1048577 > 1048576 bytes)",
                put("txn", "[" + op("set", ",\"Key\":\"k\",\"Value\":\"" + large + "\"") + "]"));
        assertIs(400, "Failed to parse body: EOF", put("txn", ""));
        assertIs(
                400,
                "Failed to parse body: illegal base64 data",
                put("txn", "[" + op("set", ",\"Key\":\"k\",\"Value\":\"?\"") + "]"));
        assertEquals(501, put("txn", "[{\"Node\":{\"Verb\":\"get\"}}]").status());
        assertIs(200, "{\"Results\":[],\"Errors\":null}", put("txn", "[]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "status/leader|\"127.0.0.1:1111\"",
                "status/peers|[\"127.0.0.1:1111\",\"[::1]:1112\",\"127.0.0.1:1113\"]",
                "agent/services|{}",
                "agent/checks|{}",
                "catalog/datacenters|[\"dc1\"]",
                "catalog/services|{}",
                "catalog/nodes|[]",
                "catalog/service/web|[]",
                "health/service/web|[]",
                "health/node/n|[]",
                "health/checks/web|[]",
                "health/state/any|[]"
            })
    void theClusterIsOneDataCenterOfServers(String target, String body) {
        Answer answer = get(target);
        assertIs(200, body, answer);
        if (target.matches("catalog/(s|n).*|health.*")) {
            assertEquals("1", answer.header("x-consul-index"));
        }
    }

    private static String member(String name, String address, int port) {
        return "{\"Name\":\"" + name + "\",\"Addr\":\"" + address + "\",\"Port\":" + port
                + ",\"Tags\":{},\"Status\":1,\"ProtocolMin\":1,\"ProtocolMax\":5,\"ProtocolCur\":2,\"DelegateMin\":2,"
                + "\"DelegateMax\":5,\"DelegateCur\":4}";
    }

    @Test
    void anAgentTellsHowShortASessionMayBe() {
        assertIs(
                200,
                "{\"Config\":{\"Datacenter\":\"dc1\",\"PrimaryDatacenter\":\"dc1\",\"NodeName\":\"node1\",\"NodeID\":\"\","
                        + "\"Revision\":\"\",\"Server\":true,\"Version\":\"1.20.0\",\"BuildDate\":\"2024-10-14T00:00:00Z\","
                        + "\"SessionTTLMin\":10000000000},\"DebugConfig\":{},\"Coord\":null,\"Member\":"
                        + member("node1", "127.0.0.1", 1111) + ",\"Stats\":{},\"Meta\":{}}",
                get("agent/self"));
        assertIs(
                200,
                "[" + member("node1", "127.0.0.1", 1111) + "," + member("node2", "::1", 1112) + ","
                        + member("node3", "127.0.0.1", 1113) + "]",
                get("agent/members"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "agent/service/register",
                "agent/check/pass/x",
                "agent/reload",
                "catalog/register",
                "event/fire/x",
                "query",
                "config",
                "snapshot"
            })
    void whatIsLeftOutSaysSo(String target) {
        Answer answer = put(target, "{}");
        assertEquals(501, answer.status(), answer::toString);
        assertTrue(answer.body().startsWith("raftkv has no "), answer::toString);
    }

    @Test
    void thereAreNoAccessListsAndNothingElse() {
        assertIs(401, "ACL support disabled", get("acl/tokens"));
        Answer unknown = get("nonsense");
        assertEquals(404, unknown.status());
        assertEquals("", unknown.body());
        assertEquals(405, get("txn").status());
    }

    @Test
    void thereIsOneDataCenter() {
        assertIs(200, "{}", get("catalog/services?dc=dc1"));
        assertIs(200, "{}", get("catalog/services?dc="));
        assertIs(500, "No path to datacenter", get("catalog/services?dc=dc2"));
        assertIs(500, "No path to datacenter", get("kv/a?dc=dc2"));
    }
}
