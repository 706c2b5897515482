package dev.raftkv.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CounterTest {
    private static final String LONGEST = "9".repeat(Counter.MAX_DIGITS);

    private static Counter counter(String json) {
        return Counter.of(json).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "5", "-5", "18446744073709551616", "-9223372036854775809"})
    void anIntegerIsOne(String json) {
        assertEquals(json, counter(json).toString());
        JsonText value = new JsonText(json.getBytes(StandardCharsets.UTF_8));
        assertEquals(counter(json), Counter.of(value).orElseThrow());
        assertEquals(value, counter(json).json());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "+5", " 5", "05", "1.0", "1e3", "null", "\"5\"", "٣", "0x10", "5\n"})
    void whatJsonHasNoIntegerForIsNone(String json) {
        assertEquals(Optional.empty(), Counter.of(json));
        assertEquals(Optional.empty(), Counter.of(new JsonText(json.getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void ofItsDigitsThereIsABoundThatNoWayLeadsAround() {
        assertEquals(LONGEST, counter(LONGEST).toString());
        assertEquals("-" + LONGEST, counter("-" + LONGEST).toString());
        assertEquals(Counter.MAX_BYTES, counter("-" + LONGEST).json().length());
        assertEquals(Optional.empty(), Counter.of("1" + LONGEST));
        assertEquals(Optional.empty(), Counter.of("-1" + LONGEST));
        BigInteger beyond = new BigInteger(LONGEST).add(BigInteger.ONE);
        for (BigInteger number : new BigInteger[] {beyond, beyond.negate()}) {
            assertEquals(
                    Code.INVALID,
                    assertThrows(KvException.class, () -> new Counter(number)).code());
        }
    }

    @Test
    void aSumThatIsTooLongIsNone() {
        assertEquals(counter("2"), counter("5").plus(counter("-3")).orElseThrow());
        assertEquals(Counter.ZERO, counter(LONGEST).plus(counter("-" + LONGEST)).orElseThrow());
        assertTrue(counter(LONGEST).plus(counter("1")).isEmpty());
        assertTrue(counter("-" + LONGEST).plus(counter("-1")).isEmpty());
    }
}
