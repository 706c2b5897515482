package dev.raftkv.consul;

import static dev.raftkv.consul.Consul.NOBODY;
import static dev.raftkv.consul.Consul.assertText;
import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.consul.ConsulCaller.Answer;
import java.time.Duration;

/** Sessions, and the locks that they hold. */
public final class SessionChecks {
    private static final long SECOND = 1_000_000_000L;

    /** Longer than their lock delays. */
    private static final Duration SOON = Duration.ofSeconds(5);

    private final Consul consul;

    public SessionChecks(Consul consul) {
        this.consul = consul;
    }

    public void sessions() {
        String id = consul.session(
                "{\"name\":\"n\",\"lockdelay\":\"1s\",\"ttl\":\"10.0s\",\"behavior\":\"release\",\"checks\":[]}");
        JsonNode shown = consul.shown(id);
        assertEquals(id, shown.get("ID").asText());
        assertEquals("n", shown.get("Name").asText());
        assertEquals(SECOND, shown.get("LockDelay").asLong());
        assertEquals("10.0s", shown.get("TTL").asText());
        assertEquals("release", shown.get("Behavior").asText());
        assertEquals(
                shown, consul.asked().put("/v1/session/renew/" + id, "").json().get(0));
        assertText(404, "Session id '" + NOBODY + "' not found", consul.asked().put("/v1/session/renew/" + NOBODY, ""));
        assertText(200, "[]", consul.asked().get("/v1/session/info/" + NOBODY));
        assertListed(id, "list");
        assertListed(id, "node/" + shown.get("Node").asText());
        assertText(200, "true", consul.asked().put("/v1/session/destroy/" + id, ""));
        assertText(200, "true", consul.asked().put("/v1/session/destroy/" + id, ""));
        assertText(200, "[]", consul.asked().get("/v1/session/info/" + id));
    }

    private void assertListed(String id, String route) {
        assertTrue(
                consul.asked()
                        .get("/v1/session/" + route)
                        .json()
                        .findValuesAsText("ID")
                        .contains(id),
                route);
    }

    public void whatSessionsMayBe() {
        Answer refused = consul.asked().put("/v1/session/create", "{\"TTL\": \"6.0s\"}");
        assertText(500, "Invalid Session TTL '6000000000', must be between [10s=24h0m0s]", refused);
        assertEquals(
                10 * SECOND,
                consul.asked()
                        .get("/v1/agent/self")
                        .json()
                        .at("/Config/SessionTTLMin")
                        .asLong());
        refused = consul.asked().put("/v1/session/create", "{\"Behavior\": \"x\"}");
        assertText(500, "Invalid Behavior setting 'x'", refused);
        String seconds = consul.session("{\"LockDelay\":5}");
        assertEquals(5 * SECOND, consul.shown(seconds).get("LockDelay").asLong());
        String usual = consul.session("");
        assertEquals(15 * SECOND, consul.shown(usual).get("LockDelay").asLong());
        assertEquals("", consul.shown(usual).get("TTL").asText());
        consul.asked().put("/v1/session/destroy/" + seconds, "");
        consul.asked().put("/v1/session/destroy/" + usual, "");
    }

    public void locks() {
        consul.clear();
        String first = consul.session("{\"LockDelay\":\"1s\",\"TTL\":\"60s\",\"Behavior\":\"release\"}");
        String second = consul.session("{\"LockDelay\":\"1s\",\"Behavior\":\"delete\"}");
        assertText(500, "invalid session \"" + NOBODY + "\"", consul.put("l?acquire=" + NOBODY, "x"));
        // Another session may have had it just now.
        eventually(SOON, () -> consul.assertPut(true, "l?acquire=" + first, "1"));
        assertLocked(first, 1);
        consul.assertPut(true, "l?acquire=" + first, "2");
        assertLocked(first, 1);
        assertEquals("2", consul.value("l"));
        consul.assertPut(false, "l?acquire=" + second, "3");
        consul.assertPut(false, "l?release=" + second, "3");
        consul.assertPut(true, "l", "4");
        assertEquals(first, consul.entry("l").get("Session").asText());
        assertEquals("4", consul.value("l"));
        consul.assertPut(true, "l?release=" + first, "5");
        assertFalse(consul.entry("l").has("Session"));
        assertEquals("5", consul.value("l"));
        consul.assertPut(true, "l?acquire=" + second, "6");
        assertLocked(second, 2);
        end(first, second);
    }

    private void assertLocked(String session, long lockIndex) {
        JsonNode entry = consul.entry("l");
        assertEquals(session, entry.path("Session").asText());
        assertEquals(lockIndex, entry.get("LockIndex").asLong());
    }

    /** @param second holds the key, which goes with it */
    private void end(String first, String second) {
        long index = consul.modified("l");
        Answer answer = Consul.during(
                () -> consul.asked().put("/v1/session/destroy/" + second, ""),
                () -> consul.get("l?index=" + index + "&wait=10s"));
        assertEquals(404, answer.status(), answer::toString);
        assertTrue(answer.index() > index && answer.tookLessThan(5), answer::toString);
        consul.assertPut(false, "l?acquire=" + first, "7");
        eventually(SOON, () -> consul.assertPut(true, "l?acquire=" + first, "7"));
        assertText(200, "true", consul.asked().put("/v1/session/destroy/" + first, ""));
        assertFalse(consul.entry("l").has("Session"));
        assertEquals("7", consul.value("l"));
    }

    /** Takes 25 s. */
    public void expiry() {
        String id = consul.session("{\"ttl\":\"10s\",\"behavior\":\"delete\",\"lockdelay\":\"0s\"}");
        consul.assertPut(true, "e?acquire=" + id, "x");
        long index = consul.modified("e");
        long[] renewed = {0};
        Answer answer = Consul.during(
                () -> {
                    consul.asked().put("/v1/session/renew/" + id, "");
                    renewed[0] = System.nanoTime();
                },
                () -> consul.get("e?index=" + index + "&wait=50s"));
        double lived = (System.nanoTime() - renewed[0]) / 1e9;
        assertEquals(404, answer.status(), answer::toString);
        assertTrue(lived >= 19.9 && lived <= 26, () -> "twice its TTL is 20 s, it lived for " + lived);
        assertEquals(404, consul.asked().put("/v1/session/renew/" + id, "").status());
    }
}
