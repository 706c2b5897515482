package dev.raftkv.consul;

import static dev.raftkv.consul.Consul.assertText;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.consul.ConsulCaller.Answer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Keys and values: how they are shown, which there may be, and the conditions of writes. */
public final class KeyChecks {
    private static final String STALE_AND_CONSISTENT = "Cannot specify ?stale with ?consistent, conflicting semantics.";

    private final Consul consul;

    public KeyChecks(Consul consul) {
        this.consul = consul;
    }

    public void entries() {
        consul.clear();
        assertText(200, "true", consul.put("a", "1"));
        Answer answer = consul.get("a");
        JsonNode entry = answer.json().get(0);
        List<String> names = new ArrayList<>();
        entry.fieldNames().forEachRemaining(names::add);
        assertEquals(List.of("LockIndex", "Key", "Flags", "Value", "CreateIndex", "ModifyIndex"), names);
        assertEquals("check/a", entry.get("Key").asText());
        assertEquals("MQ==", entry.get("Value").asText());
        assertEquals(0, entry.get("Flags").asLong());
        assertEquals(0, entry.get("LockIndex").asLong());
        assertEquals(entry.get("ModifyIndex").asLong(), answer.index());
        assertEquals("true", answer.header("X-Consul-KnownLeader").orElse(""));
        assertTrue(answer.header("X-Consul-LastContact").orElse("").matches("\\d+"), answer::toString);
        assertEquals("application/json", answer.header("Content-Type").orElse(""));
        assertTrue(answer.text().endsWith("]"), answer::toString);
        String pretty = consul.get("a?pretty").text();
        assertTrue(pretty.startsWith("[\n    {") && pretty.endsWith("]\n"), pretty);
        assertEquals(200, consul.get("a?ns=x&filter=y&partition=").status());
    }

    public void whatIsNotThere() {
        consul.clear();
        Answer answer = consul.get("none");
        assertText(404, "", answer);
        assertEquals("0", answer.header("Content-Length").orElse(""));
        assertEquals("", answer.header("Content-Type").orElse(""));
        assertTrue(answer.index() >= 1, answer::toString);
        assertEquals(404, consul.get("none/?recurse").status());
        assertEquals(404, consul.get("none/?keys").status());
        assertText(400, "Missing key name", consul.asked().get("/v1/kv/"));
        assertText(400, "Missing key name", consul.asked().delete("/v1/kv/"));
    }

    public void anyBytes() {
        consul.clear();
        byte[] bytes = ConsulCaller.anyBytes();
        assertText(200, "true", consul.asked().put("/v1/kv/check/bin", bytes));
        assertArrayEquals(
                bytes,
                Base64.getDecoder().decode(consul.entry("bin").get("Value").asText()));
        Answer raw = consul.get("bin?raw");
        assertArrayEquals(bytes, raw.body());
        assertEquals("text/plain", raw.header("Content-Type").orElse(""));
        assertEquals("sandbox", raw.header("Content-Security-Policy").orElse(""));
        consul.assertPut(true, "dir/", "");
        assertTrue(consul.entry("dir/").get("Value").isNull());
        assertTrue(consul.entry("dir").isNull());
        consul.assertPut(true, "f?flags=18446744073709551615", "x");
        assertEquals("18446744073709551615", consul.entry("f").get("Flags").asText());
        consul.assertPut(true, "f", "y");
        assertEquals(0, consul.entry("f").get("Flags").asLong());
    }

    public void prefixes() {
        consul.clear();
        for (String name : List.of("a", "bin", "dir/", "dir/b/c", "f")) {
            consul.assertPut(true, name, "x");
        }
        assertEquals(
                "[\"check/a\",\"check/bin\",\"check/dir/\",\"check/dir/b/c\",\"check/f\"]",
                consul.get("?keys").text());
        assertEquals(
                "[\"check/a\",\"check/bin\",\"check/dir/\",\"check/f\"]",
                consul.get("?keys&separator=/").text());
        assertEquals(2, consul.get("dir/?recurse=false").json().size());
        assertEquals(2, consul.get("d?recurse").json().size());
    }

    public void namesOfKeys() {
        consul.clear();
        Map<String, String> names = Map.of("%C3%A7%20;=", "ç ;=", "a;b", "a;b", "a:b,c@d", "a:b,c@d", "a+b", "a+b");
        names.forEach((sent, name) -> {
            consul.assertPut(true, sent, sent);
            assertEquals("check/" + name, consul.entry(sent).get("Key").asText());
        });
        for (String sent : List.of("a%2Fb", "a//b", "a%25b")) {
            Answer answer = consul.put(sent, "x");
            assertTrue(answer.status() == 400 || answer.text().equals("true"), answer::toString);
        }
        for (String sent :
                List.of("../x", "check/a/../b", "check/a/%2e%2e/b", "%20check", "check/a%20", "/check", "check/%FF")) {
            assertEquals(400, consul.asked().put("/v1/kv/" + sent, "x").status(), sent);
        }
    }

    public void methods() {
        Answer answer = consul.asked().ask("POST", "/v1/kv/check/a", Map.of(), "x".getBytes(UTF_8));
        assertText(405, "method POST not allowed", answer);
        assertEquals("OPTIONS,GET,PUT,DELETE", answer.header("Allow").orElse(""));
    }

    public void conditions() {
        consul.clear();
        consul.assertPut(true, "a?cas=0", "1");
        consul.assertPut(false, "a?cas=0", "2");
        long index = consul.modified("a");
        consul.assertPut(true, "a?cas=" + index, "2");
        consul.assertPut(false, "a?cas=" + index, "3");
        assertEquals("2", consul.value("a"));
        consul.assertPut(false, "none?cas=" + index, "2");
        consul.assertDelete(false, "a?cas=" + index);
        consul.assertDelete(true, "none?cas=7");
        consul.assertDelete(true, "a?cas=" + consul.modified("a"));
        assertEquals(404, consul.get("a").status());
        consul.assertDelete(true, "a");
        consul.assertPut(true, "s", "same");
        long before = consul.modified("s");
        consul.assertPut(true, "s", "same");
        assertEquals(before, consul.modified("s"), "nothing has changed");
        assertText(400, "Conflicting flags: acquire=x&cas=1\n", consul.put("a?cas=1&acquire=x", "x"));
    }

    public void howCurrent() {
        consul.assertPut(true, "s", "same");
        assertText(400, STALE_AND_CONSISTENT, consul.get("s?stale&consistent"));
        // The first one has the other node come as far as the write, which it need not have come for the second.
        for (String query : List.of("consistent", "stale=1", "consistent=1", "max_stale=10s", "cached")) {
            assertEquals(200, consul.other().get("/v1/kv/check/s?" + query).status(), query);
        }
        assertText(400, "Invalid wait time", consul.get("s?index=1&wait=soon"));
        assertText(400, "Invalid index", consul.get("s?index=-1"));
        consul.assertPut(true, "n", "there");
        assertEquals(200, consul.other().get("/v1/kv/check/n").status(), "written at one node, read at another");
        assertText(200, "true", consul.other().put("/v1/kv/check/m", "here"));
        assertEquals("here", consul.value("m"));
    }

    public void tooLarge() {
        Answer answer = consul.asked().put("/v1/kv/check/big", new byte[9 << 20]);
        assertEquals(413, answer.status(), answer::toString);
        assertTrue(answer.text().contains("too large"), answer::toString);
    }
}
