package dev.raftkv.consul;

import static dev.raftkv.consul.Consul.NOBODY;
import static dev.raftkv.consul.Consul.assertText;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.consul.ConsulCaller.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Several operations at once. */
public final class TransactionChecks {
    private static final String GET = "{\"Verb\":\"get\",\"Key\":\"check/t\"}";

    private final Consul consul;

    public TransactionChecks(Consul consul) {
        this.consul = consul;
    }

    private Answer txn(String... operations) {
        List<String> all = Arrays.stream(operations)
                .map(operation -> "{\"KV\":" + operation + "}")
                .toList();
        return consul.asked().put("/v1/txn", "[" + String.join(",", all) + "]");
    }

    public void allDone() {
        consul.clear();
        Answer answer = txn(
                "{\"Verb\":\"set\",\"Key\":\"check/t\",\"Value\":\"MQ==\",\"Flags\":3}",
                GET,
                "{\"Verb\":\"set\",\"Key\":\"check/t\",\"Value\":\"Mg==\"}",
                "{\"Verb\":\"get-tree\",\"Key\":\"check/\"}",
                "{\"Verb\":\"check-not-exists\",\"Key\":\"check/u\"}",
                "{\"Verb\":\"delete\",\"Key\":\"check/u\"}");
        assertEquals(200, answer.status(), answer::toString);
        assertTrue(answer.json().get("Errors").isNull(), answer::toString);
        List<String> values = new ArrayList<>();
        long index = consul.modified("t");
        for (JsonNode result : answer.json().get("Results")) {
            values.add(result.at("/KV/Value").asText());
            assertEquals(index, result.at("/KV/ModifyIndex").asLong());
        }
        assertEquals(List.of("null", "MQ==", "null", "Mg=="), values);
    }

    public void noneDone() {
        consul.clear();
        consul.assertPut(true, "t", "x");
        long index = consul.modified("t");
        Answer answer = txn(
                "{\"Verb\":\"cas\",\"Key\":\"check/t\",\"Index\":" + (index + 9) + ",\"Value\":\"Mw==\"}",
                "{\"Verb\":\"set\",\"Key\":\"check/x\",\"Value\":\"MQ==\"}",
                "{\"Verb\":\"get\",\"Key\":\"check/none\"}",
                "{\"Verb\":\"check-index\",\"Key\":\"check/t\",\"Index\":1}",
                "{\"Verb\":\"lock\",\"Key\":\"check/t\",\"Session\":\"" + NOBODY + "\"}",
                "{\"Verb\":\"fly\",\"Key\":\"check/t\"}");
        assertEquals(409, answer.status(), answer::toString);
        assertTrue(answer.json().get("Results").isNull(), answer::toString);
        List<String> errors = new ArrayList<>();
        answer.json()
                .get("Errors")
                .forEach(error -> errors.add(
                        error.get("OpIndex").asInt() + " " + error.get("What").asText()));
        assertEquals(
                List.of(
                        "0 failed to set key \"check/t\", index is stale",
                        "2 key \"check/none\" doesn't exist",
                        "3 failed index check for key \"check/t\", current modify index " + index + " != 1",
                        "4 invalid session \"" + NOBODY + "\"",
                        "5 unknown KV verb \"fly\""),
                errors);
        assertTrue(consul.entry("x").isNull(), "all or nothing");
    }

    public void bodies() {
        consul.assertPut(true, "t", "x");
        Answer small =
                consul.asked().put("/v1/txn", "[{\"kv\":{\"verb\":\"get\",\"key\":\"check/t\",\"value\":null}}]");
        assertEquals(200, small.status(), small::toString);
        assertTrue(consul.asked().put("/v1/txn", "[{").text().startsWith("Failed to parse body: "));
        Answer many = txn(Collections.nCopies(129, GET).toArray(String[]::new));
        assertText(413, "Transaction contains too many operations (129 > 128)", many);
        Answer large = consul.asked().put("/v1/txn", new byte[9 << 20]);
        assertEquals(413, large.status(), large::toString);
        assertTrue(large.text().startsWith("Request body too large, max size: "), large::toString);
    }
}
