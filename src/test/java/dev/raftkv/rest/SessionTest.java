package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static dev.raftkv.rest.Problem.assertProblem;
import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String NOBODY = "8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f";

    @TempDir
    Path directory;

    private RestServer server;
    private RawHttp http;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.JERSEY);
        http = server.http();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer begin(String json) {
        return http.post("/session", json);
    }

    /** Of a new session. */
    private String id(String json) {
        Answer begun = begin(json);
        assertEquals(201, begun.status(), begun::toString);
        return begun.header("location").substring("session/".length());
    }

    private Answer send(String method, String target, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String type = bytes.length == 0 ? "" : "Content-Type: application/json\r\n";
        return http.send(method, target, type + "Content-Length: " + bytes.length + "\r\n", bytes);
    }

    private static String told(String message, String session) {
        return "{\"message\":\"success " + message + "\",\"data\":" + session + "}";
    }

    private static String session(String id, String rest) {
        return "{\"id\":\"" + id + "\"," + rest + "}";
    }

    @Test
    void aSessionIsBegunShownRenewedAndEnded() {
        Answer begun = begin("{\"ttl\":15,\"name\":\"worker \\\"1\\\"\",\"behavior\":\"release\",\"lock_delay\":60}");
        String id = begun.header("location").substring("session/".length());
        String rest = "\"name\":\"worker \\\"1\\\"\",\"ttl\":15,\"behavior\":\"release\",\"lock_delay\":60";
        assertEquals(201, begun.status());
        assertEquals(told("beginning session", session(id, rest)) + "\n", begun.body());
        assertEquals("0", begun.header("store-revision"));

        assertOk(told("fetching session", session(id, rest + ",\"keys\":0")), http.get("/session/" + id));
        Answer renewed = send("PUT", "/session/" + id, "");
        assertOk(told("renewing session", session(id, rest + ",\"keys\":0")), renewed);

        assertOk(told("ending session", "{\"id\":\"" + id + "\"}"), send("DELETE", "/session/" + id, ""));
        assertOk(told("ending session", "{\"id\":\"" + id + "\"}"), send("DELETE", "/session/" + id, ""));
        String gone =
                "there is no session " + id + ": it has ended, or has never been; begin another one, POST /session";
        assertProblem(404, "Not Found", gone, send("PUT", "/session/" + id, ""));
        assertProblem(404, "Not Found", gone, http.get("/session/" + id));
    }

    @Test
    void whatIsNotSaidIsDelete() {
        String id = id("{\"ttl\":1,\"name\":null}");
        assertOk(
                told(
                        "fetching session",
                        session(id, "\"name\":\"\",\"ttl\":1,\"behavior\":\"delete\",\"lock_delay\":0,\"keys\":0")),
                http.get("/session/" + id));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|ttl is missing: give the seconds that the session lives after each renewal, from 1 to 86400",
                "{'ttl':0}|ttl is not acceptable: give a whole number from 1 to 86400",
                "{'ttl':86401}|ttl is not acceptable: give a whole number from 1 to 86400",
                "{'ttl':1.5}|ttl is not acceptable: give a whole number from 1 to 86400",
                "{'ttl':'15s'}|ttl is not acceptable: give a whole number from 1 to 86400",
                "{'ttl':15,'behavior':'keep'}|behavior is keep: give \\\"delete\\\" or \\\"release\\\"",
                "{'ttl':15,'behavior':null}|behavior is null: give \\\"delete\\\" or \\\"release\\\"",
                "{'ttl':15,'lock_delay':61}|lock_delay is not acceptable: give a whole number from 0 to 60",
                "{'ttl':15,'name':5}|name is no string: write it in double quotes",
                "{'ttl':15,'id':'x'}|unknown field \\\"id\\\": the fields of this request are name, ttl, behavior, lock_delay"
            })
    void badSessionsAreRefusedWithASentence(String json, String sentence) {
        assertInvalid(sentence, begin(json.replace('\'', '"')));
    }

    @Test
    void aNameHasALimit() {
        assertEquals(
                201,
                begin("{\"ttl\":15,\"name\":\"" + "\u00e9".repeat(128) + "\"}").status());
        assertInvalid(
                "name is too long: give at most 256 bytes in UTF-8",
                begin("{\"ttl\":15,\"name\":\"" + "\u00e9".repeat(129) + "\"}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "1-1-1-1-1", "8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f0", "8215834f/0ca8"})
    void whatIsNoIdIsRefused(String id) {
        String sentence = "no session has such an id: " + id + "; give the id that POST /session has answered";
        assertInvalid(sentence, send("PUT", "/session/" + id, ""));
        assertInvalid(sentence, http.get("/session/" + id));
        assertInvalid(sentence, send("DELETE", "/session/" + id, ""));
        assertInvalid(sentence, send("PUT", "/store/k?session=" + id, "1"));
        assertInvalid(sentence, http.get("/session?after=" + id));
    }

    @Test
    void aKeyShowsItsSessionAndGoesWithIt() {
        String id = id("{\"ttl\":15}");
        Answer stored = send("PUT", "/store/k?session=" + id, "{ \"n\":1.0 }");
        String shown = "\"session\":\"" + id + "\",\"token\":1";
        assertOk(
                "{\"message\":\"success persisting data\",\"data\":{\"key\":\"k\",\"value\":{ \"n\":1.0 }," + shown
                        + "}}",
                stored);
        assertEquals("\"1\"", stored.header("etag"));

        assertOk(
                "{\"message\":\"success fetching data\",\"data\":{\"key\":\"k\",\"value\":{ \"n\":1.0 }," + shown
                        + "}}",
                http.get("/store/k"));
        assertOk(
                "{\"message\":\"success fetching data\",\"data\":[{\"key\":\"k\",\"value\":{ \"n\":1.0 },"
                        + "\"create_revision\":1,\"change_revision\":1,\"version\":1," + shown + "}]}",
                http.get("/store"));
        assertTrue(http.get("/watch?from_revision=1&wait=0").body().contains(shown));
        assertTrue(http.post("/read", "{\"keys\":[\"k\"]}").body().contains(shown));
        assertTrue(http.get("/session/" + id).body().contains("\"keys\":1"));

        // A renewal is no change of anything.
        Answer renewed = send("PUT", "/session/" + id, "");
        assertNull(renewed.header("etag"));
        assertEquals("1", http.get("/store/k").header("store-revision"));

        assertEquals("2", send("DELETE", "/session/" + id, "").header("store-revision"));
        assertEquals(404, http.get("/store/k").status());
    }

    @Test
    void aKeyOfAnotherSessionIsRefused() {
        String one = id("{\"ttl\":15,\"behavior\":\"release\",\"lock_delay\":60}");
        String other = id("{\"ttl\":15}");
        assertEquals(200, send("PUT", "/store/k?session=" + one, "1").status());
        assertProblem(
                409,
                "Conflict",
                "another session has this key: nothing was changed; wait until it ends, or the key is removed",
                send("PUT", "/store?key=k&session=" + other, "2"));
        assertEquals(200, send("PUT", "/store/k", "3").status());
        send("DELETE", "/session/" + one, "");
        assertOk("{\"message\":\"success fetching data\",\"data\":{\"key\":\"k\",\"value\":3}}", http.get("/store/k"));
        assertProblem(
                409,
                "Conflict",
                "a session that had this key has just ended, and its lock_delay is not over: nothing was changed; try"
                        + " again in a moment",
                send("PUT", "/store/k?session=" + other, "2"));
        assertProblem(
                409,
                "Conflict",
                "the session has ended, or has never been: nothing was changed; begin another one, POST /session, and"
                        + " take for granted that keys of the one before are lost",
                send("PUT", "/store/k?session=" + NOBODY, "2"));
    }

    @Test
    void theTokenStaysWhileTheSessionHasTheKeyAndTheNextIsGreater() {
        String one = id("{\"ttl\":15}");
        String other = id("{\"ttl\":15}");
        assertTrue(send("PUT", "/store/k?session=" + one, "1").body().endsWith(",\"token\":1}}\n"));
        assertEquals(200, send("PUT", "/store/k", "2").status());
        Answer again = send("PUT", "/store/k?session=" + one, "3");
        assertTrue(again.body().endsWith(",\"token\":1}}\n"), again::body);
        assertEquals("\"3\"", again.header("etag"));
        assertTrue(
                http.post("/store?prev", "{\"key\":\"k\",\"value\":4}").body().contains(",\"token\":1}"));

        String notHeld = "this session does not have the key: nothing was changed; whatever the key stands for may be"
                + " another's by now";
        assertProblem(409, "Conflict", notHeld, send("DELETE", "/store/k?session=" + other, ""));
        assertProblem(409, "Conflict", notHeld, send("PUT", "/store/k?release=" + other, "0"));
        assertProblem(409, "Conflict", notHeld, send("PUT", "/store/none?release=" + one, "0"));
        String gone = "{\"message\":\"success removing data\",\"data\":{\"key\":\"%s\",\"value\":null}}";
        assertOk(gone.formatted("none"), send("DELETE", "/store/none?session=" + one, ""));
        assertOk(gone.formatted("k"), send("DELETE", "/store?key=k&session=" + one, ""));

        assertTrue(send("PUT", "/store/k?session=" + other, "1").body().endsWith(",\"token\":6}}\n"));
        assertOk(
                "{\"message\":\"success persisting data\",\"data\":{\"key\":\"k\",\"value\":5}}",
                send("PUT", "/store/k?release=" + other, "5"));
        assertOk("{\"message\":\"success fetching data\",\"data\":{\"key\":\"k\",\"value\":5}}", http.get("/store/k"));
        assertTrue(http.get("/session/" + other).body().contains("\"keys\":0"));
    }

    @Test
    void aRepeatedAcquisitionHasTheTokenOfTheFirst() {
        String id = id("{\"ttl\":15}");
        byte[] body = {'1'};
        String about = "Content-Type: application/json\r\nContent-Length: 1\r\nIdempotency-Key: t\r\n";
        Answer first = http.send("PUT", "/store/k?session=" + id, about, body);
        Answer second = http.send("PUT", "/store/k?session=" + id, about, body);
        assertTrue(first.body().endsWith(",\"token\":1}}\n"), first::body);
        assertOk(first.body().strip(), second);
        assertEquals("1", http.get("/store/k").header("store-revision"));
    }

    @Test
    void whatASessionDoesTellsWhatWasThereBefore() {
        String id = begin("{\"ttl\":15}").header("location").substring("session/".length());
        String hold = ",\"session\":\"" + id + "\",\"token\":1";
        assertOk(
                told("persisting data", "{\"key\":\"k\",\"value\":1" + hold + ",\"prev\":{\"exists\":false}}"),
                send("PUT", "/store/k?prev&session=" + id, "1"));

        String first =
                "{\"exists\":true,\"value\":1,\"create_revision\":1,\"change_revision\":1,\"version\":1" + hold + "}";
        assertOk(
                told("persisting data", "{\"key\":\"k\",\"value\":2,\"prev\":" + first + "}"),
                send("PUT", "/store/k?prev&release=" + id, "2"));
        assertEquals(409, send("DELETE", "/store/k?prev&session=" + id, "").status());

        send("PUT", "/store/k?session=" + id, "3");
        Answer gone = send("DELETE", "/store/k?prev&session=" + id, "");
        assertTrue(gone.body().contains("\"value\":null,\"prev\":{\"exists\":true,\"value\":3,"), gone::body);
        assertEquals(404, http.get("/store/k").status());
    }

    @Test
    void whatContradictsASessionIsRefused() {
        for (String each : new String[] {"session", "release"}) {
            assertInvalid(
                    "ttl and " + each + " exclude each other: give one of them",
                    send("PUT", "/store/k?ttl=5&" + each + "=" + NOBODY, "1"));
        }
        assertInvalid(
                "session and release exclude each other: give one of them",
                send("PUT", "/store/k?session=" + NOBODY + "&release=" + NOBODY, "1"));
        assertInvalid(
                "prev and wait exclude each other: give one of them",
                send("PUT", "/store/k?prev&wait=1&session=" + NOBODY, "1"));
        assertInvalid(
                "prefix and session exclude each other: give one of them",
                send("DELETE", "/store?prefix=k&session=" + NOBODY, ""));
        assertInvalid(
                "no session has such an id: x; give the id that POST /session has answered",
                send("PUT", "/store/k?release=x", "1"));
        assertInvalid(
                "no session has such an id: x; give the id that POST /session has answered",
                send("DELETE", "/store/k?session=x", ""));
    }

    @Test
    void aRequestWaitsUntilItsSessionCanHaveTheKey() {
        String one = id("{\"ttl\":15}");
        String other = id("{\"ttl\":15}");
        String shown = ",\"session\":\"" + one + "\",\"token\":1}}";
        Answer free = send("PUT", "/store/k?session=" + one + "&wait=60", "1");
        assertOk("{\"message\":\"success persisting data\",\"data\":{\"key\":\"k\",\"value\":1" + shown, free);
        CompletableFuture<Answer> waits =
                CompletableFuture.supplyAsync(() -> send("PUT", "/store/k?session=" + other + "&wait=60", "2"));
        eventually(SOON, () -> assertEquals(1, server.replicator.locks.waiting()));
        assertEquals(
                200, send("PUT", "/store/k?session=" + one + "&wait=1", "1").status());
        assertEquals(200, send("DELETE", "/store/k?session=" + one, "").status());
        Answer later = waits.join();
        assertTrue(later.body().endsWith(",\"session\":\"" + other + "\",\"token\":4}}\n"), later::body);
        assertEquals("\"4\"", later.header("etag"));
    }

    @Test
    void whoHasWaitedInVainIsTold() {
        String one = id("{\"ttl\":15}");
        String other = id("{\"ttl\":15}");
        send("PUT", "/store/k?session=" + one, "1");
        assertProblem(
                409,
                "Conflict",
                "session " + one
                        + " has this key: nothing was changed in the 1 s for which this request has waited; ask"
                        + " again",
                send("PUT", "/store?key=k&session=" + other + "&wait=1", "2"));
        String ended =
                "the session has ended, or has never been: nothing was changed; begin another one, POST /session, and"
                        + " take for granted that keys of the one before are lost";
        assertProblem(409, "Conflict", ended, send("PUT", "/store/k?session=" + NOBODY + "&wait=60", "2"));
        CompletableFuture<Answer> waits =
                CompletableFuture.supplyAsync(() -> send("PUT", "/store/k?session=" + other + "&wait=60", "2"));
        eventually(SOON, () -> assertEquals(1, server.replicator.locks.waiting()));
        send("DELETE", "/session/" + other, "");
        assertProblem(409, "Conflict", ended, waits.join());
    }

    @Test
    void aWaitOfANodeThatStopsOrLeadsNoMoreIsTakenElsewhere() {
        String one = id("{\"ttl\":15}");
        String other = id("{\"ttl\":15}");
        send("PUT", "/store/k?session=" + one, "1");
        String target = "/store/k?session=" + other + "&wait=60";
        CompletableFuture<Answer> waits = CompletableFuture.supplyAsync(() -> send("PUT", target, "2"));
        eventually(SOON, () -> assertEquals(1, server.replicator.locks.waiting()));
        server.replicator.follow(Optional.of("node2"), Optional.of("http://two:2222/kv"));
        Answer sent = waits.join();
        assertEquals(307, sent.status());
        assertEquals("http://two:2222/kv" + target, sent.header("location"));
        assertEquals(307, send("PUT", target, "2").status());

        server.replicator.reset();
        CompletableFuture<Answer> again = CompletableFuture.supplyAsync(() -> send("PUT", target, "2"));
        eventually(SOON, () -> assertEquals(1, server.replicator.locks.waiting()));
        server.replicator.locks.close();
        assertProblem(503, "Service Unavailable", "this node is stopping: ask another node", again.join());
    }

    /** The first refusal would be the answer to each try. */
    @Test
    void aNamedRequestWaitsToo() {
        String one = id("{\"ttl\":15}");
        String other = id("{\"ttl\":15}");
        send("PUT", "/store/k?session=" + one, "1");
        String about = "Content-Type: application/json\r\nContent-Length: 1\r\nIdempotency-Key: w\r\n";
        byte[] body = {'2'};
        String target = "/store/k?session=" + other + "&wait=1";
        assertEquals(409, http.send("PUT", target, about, body).status());
        send("DELETE", "/store/k", "");
        assertEquals(200, http.send("PUT", target, about, body).status());
    }

    /** Whoever has lost the answer would be told that somebody else has changed the key. */
    @Test
    void aWaitHasNoConditions() {
        String about = "Content-Type: application/json\r\nContent-Length: 1\r\nIf-None-Match: *\r\n";
        assertInvalid(
                "If-Match and If-None-Match are about one key: what waits gets the key whatever it holds, and whoever asks"
                        + " again would find what it has done itself; compare in a transaction, or ask without wait",
                http.send("PUT", "/store/k?session=" + id("{\"ttl\":15}") + "&wait=1", about, new byte[] {'1'}));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "61", "-1", "1.5", "30s", ""})
    void aWaitHasBounds(String wait) {
        assertInvalid(
                "wait is " + wait + ": give a whole number from 1 to 60",
                send("PUT", "/store/k?session=" + NOBODY + "&wait=" + wait, "1"));
    }

    @Test
    void aWaitIsForASession() {
        assertInvalid(
                "wait is for a session: say with ?session= who is to have the key",
                send("PUT", "/store/k?wait=5", "1"));
        assertInvalid(
                "wait and release exclude each other: give one of them",
                send("PUT", "/store/k?wait=5&release=" + NOBODY, "1"));
        assertInvalid(
                "unknown query parameter \\\"wait\\\": this request knows key, prefix, session, prev",
                send("DELETE", "/store/k?wait=5&session=" + NOBODY, ""));
    }

    @Test
    void aSemaphoreGivesASlotToEachSession() {
        String one = id("{\"ttl\":15}");
        String other = id("{\"ttl\":15}");
        String target = "/store?prefix=pool/&slots=%d&session=%s";
        String told =
                "{\"message\":\"success persisting data\",\"data\":{\"key\":\"pool/%03d\",\"value\":[1],\"session\":\"%s\","
                        + "\"token\":%d}}";
        Answer first = send("POST", target.formatted(2, one), "{\"value\":[1]}");
        assertOk(told.formatted(1, one, 1), first);
        assertEquals("\"1\"", first.header("etag"));
        assertOk(told.formatted(2, other, 2), send("POST", target.formatted(2, other), "{\"value\":[1]}"));
        assertOk(told.formatted(1, one, 1), send("POST", target.formatted(2, one), "{\"value\":[1]}"));
        send("DELETE", "/store/pool/001?session=" + one, "");
        assertProblem(
                409,
                "Conflict",
                "as many slots are held as the semaphore has, or more, if it had more before: nothing was changed; wait"
                        + " until one is let go",
                send("POST", target.formatted(1, one), "{\"value\":[1]}"));
        CompletableFuture<Answer> waits = CompletableFuture.supplyAsync(
                () -> send("POST", target.formatted(1, one) + "&wait=60", "{\"value\":[1]}"));
        eventually(SOON, () -> assertEquals(1, server.replicator.locks.waiting()));
        send("DELETE", "/session/" + other, "");
        assertOk(told.formatted(1, one, 6), waits.join());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "?prefix=p/&slots=0&session=ID|{'value':1}|slots is 0: give a whole number from 1 to 256",
                "?prefix=p/&slots=257&session=ID|{'value':1}|slots is 257: give a whole number from 1 to 256",
                "?prefix=p/&slots&session=ID|{'value':1}|slots is : give a whole number from 1 to 256",
                "?slots=1&session=ID|{'value':1}|a semaphore has a prefix that keys can begin with: give one like pool/",
                "?prefix=p/&slots=1|{'value':1}|slots are for sessions: say with ?session= who is to have one",
                "?prefix=p/&slots=1&session=ID&wait=61|{'value':1}|wait is 61: give a whole number from 1 to 60",
                "?prefix=p/&slots=1&session=ID|{}|value is missing: give any JSON value, or null",
                "?prefix=p/&slots=1&session=ID&prev|{'value':1}|unknown query parameter \\\"prev\\\": this request knows prefix, slots, session, wait"
            })
    void badSemaphoresAreRefusedWithASentence(String query, String body, String sentence) {
        assertInvalid(sentence, send("POST", "/store" + query.replace("ID", NOBODY), body.replace('\'', '"')));
    }

    @Test
    void aKeyHasATtlOrASession() {
        assertInvalid(
                "ttl and session exclude each other: give one of them",
                send("PUT", "/store/k?ttl=5&session=" + NOBODY, "1"));
    }

    @Test
    void conditionsHoldForKeysOfSessions() {
        String id = id("{\"ttl\":15}");
        byte[] body = {'1'};
        String about = "Content-Type: application/json\r\nContent-Length: 1\r\nIf-None-Match: *\r\n";
        assertEquals(
                200, http.send("PUT", "/store/k?session=" + id, about, body).status());
        assertEquals(
                412, http.send("PUT", "/store/k?session=" + id, about, body).status());
    }

    @Test
    void sessionsAreListedAPageAtATime() {
        for (int i = 0; i < 3; i++) {
            id("{\"ttl\":15,\"name\":\"" + i + "\"}");
        }
        Answer first = http.get("/session?limit=2&consistency=leader");
        String link = first.header("link");
        assertTrue(link.matches("<\\?limit=2&after=[0-9a-f-]{36}&consistency=leader>; rel=\"next\""), link);
        Answer second = http.get("/session" + link.substring(1, link.indexOf('>')));
        assertNull(second.header("link"));
        for (String name : new String[] {"0", "1", "2"}) {
            String member = "\"name\":\"" + name + "\"";
            assertTrue(first.body().contains(member) != second.body().contains(member), member);
        }
        assertInvalid("limit is 1001: give a whole number from 1 to 1000", http.get("/session?limit=1001"));
    }

    @Test
    void aRepeatedRequestBeginsNoSecondSession() {
        byte[] body = "{\"ttl\":15}".getBytes(StandardCharsets.UTF_8);
        String about =
                "Content-Type: application/json\r\nIdempotency-Key: s\r\nContent-Length: " + body.length + "\r\n";
        Answer first = http.send("POST", "/session", about, body);
        Answer second = http.send("POST", "/session", about, body);
        assertEquals(201, second.status());
        assertEquals(first.body(), second.body());
        assertEquals(first.header("location"), second.header("location"));
        String ended = "Idempotency-Key: s\r\n";
        assertInvalid(
                "this Idempotency-Key was used for another request: nothing was changed; give each request a key of its own",
                http.send("DELETE", "/" + first.header("location"), ended));
    }
}
