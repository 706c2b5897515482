package dev.raftkv.rest.consul.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsulBodyTest {
    private static ConsulBody body(String json) {
        return ConsulBody.parse(json.getBytes(UTF_8), "No: ");
    }

    @Test
    void membersAreFoundWithoutRegardToCaseAndTheLastOneCounts() {
        ConsulBody body = body("{\"NAME\":\"a\",\"name\":\"b\",\"other\":[{}],\"Node\":null}");
        assertEquals("b", body.text("Name", ""));
        assertEquals("absent", body.text("Node", "absent"));
        assertEquals(1, body.member("Other").orElseThrow().elements().size());
    }

    @Test
    void numbersHave64Bits() {
        ConsulBody body = body(
                "{\"Flags\":18446744073709551615,\"Delay\":15.9,\"Over\":18446744073709551616,\"Huge\":1e999999999}");
        assertEquals(-1L, body.unsigned("Flags"));
        assertEquals(0L, body.unsigned("None"));
        assertEquals(15L, body.member("Delay").orElseThrow().number());
        assertThrows(ConsulFailure.class, () -> body.unsigned("Over"));
        assertThrows(ConsulFailure.class, () -> body.unsigned("Huge"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{} {}", "nul", "[1,]"})
    void whatIsNoJsonIsSaid(String text) {
        ConsulFailure failure = assertThrows(ConsulFailure.class, () -> body(text));
        assertEquals(400, failure.status());
        assertTrue(failure.getMessage().startsWith("No: "), failure.getMessage());
    }
}
