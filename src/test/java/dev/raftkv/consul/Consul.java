package dev.raftkv.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.raftkv.consul.ConsulCaller.Answer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What calls itself a Consul: one node of it that is asked, another one, and a prefix where nothing else is written. */
public final class Consul {
    /** An id that no session has. */
    static final String NOBODY = "00000000-0000-0000-0000-000000000000";

    static final String PREFIX = "check/";

    private final ConsulCaller asked;
    private final ConsulCaller other;

    public Consul(ConsulCaller asked, ConsulCaller other) {
        this.asked = asked;
        this.other = other;
    }

    ConsulCaller asked() {
        return asked;
    }

    ConsulCaller other() {
        return other;
    }

    /** Removes all keys of these checks. */
    void clear() {
        assertEquals("true", asked.delete("/v1/kv/" + PREFIX + "?recurse").text());
    }

    /** @param name behind the prefix, perhaps with a query */
    Answer get(String name) {
        return asked.get("/v1/kv/" + PREFIX + name);
    }

    Answer put(String name, String value) {
        return asked.put("/v1/kv/" + PREFIX + name, value);
    }

    Answer delete(String name) {
        return asked.delete("/v1/kv/" + PREFIX + name);
    }

    void assertPut(boolean done, String name, String value) {
        Answer answer = put(name, value);
        assertEquals(200, answer.status(), answer::toString);
        assertEquals(Boolean.toString(done), answer.text(), () -> "PUT " + name);
    }

    void assertDelete(boolean done, String name) {
        assertEquals(Boolean.toString(done), delete(name).text(), () -> "DELETE " + name);
    }

    /** The entry of a key; a null node if there is none. */
    JsonNode entry(String name) {
        Answer answer = get(name);
        return answer.status() == 404 ? NullNode.instance : answer.json().get(0);
    }

    /** The value of a key that is there, as text. */
    String value(String name) {
        JsonNode value = entry(name).get("Value");
        return value.isNull() ? "" : new String(Base64.getDecoder().decode(value.asText()), StandardCharsets.UTF_8);
    }

    long modified(String name) {
        return entry(name).get("ModifyIndex").asLong();
    }

    /** @param json body of the request */
    String session(String json) {
        Answer answer = asked.put("/v1/session/create", json);
        assertEquals(200, answer.status(), answer::toString);
        return answer.json().get("ID").asText();
    }

    JsonNode shown(String session) {
        return asked.get("/v1/session/info/" + session).json().get(0);
    }

    /** Does the first while the second is under way. */
    static Answer during(Runnable first, Supplier<Answer> second) {
        CompletableFuture<Void> done =
                CompletableFuture.runAsync(first, CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS));
        Answer answer = second.get();
        done.join();
        return answer;
    }

    static void assertText(int status, String text, Answer answer) {
        assertEquals(status, answer.status(), answer::toString);
        assertEquals(text, answer.text());
    }
}
