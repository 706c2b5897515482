package dev.raftkv.rest.consul.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoTextTest {
    @Test
    void quotesAsGoDoes() {
        assertEquals(
                "\"a \\\"b\\\" \\\\ \\n \\x01 \u00e7 \\u200b \ud83d\ude00\"",
                GoText.quote("a \"b\" \\ \n \u0001 \u00e7 \u200b \ud83d\ude00"));
    }

    @ParameterizedTest
    @CsvSource({
        "0,0s",
        "1,1ns",
        "1500,1.5\u00b5s",
        "250000000,250ms",
        "1500000000,1.5s",
        "10000000000,10s",
        "60000000000,1m0s",
        "86400000000000,24h0m0s",
        "-1000000000,-1s"
    })
    void printsDurationsAsGoDoes(long nanos, String text) {
        assertEquals(text, GoText.of(Duration.ofNanos(nanos)));
        assertEquals(Optional.of(Duration.ofNanos(nanos)), GoDuration.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "15.0s,15000000000",
        "0.001s,1000000",
        "1m30s,90000000000",
        "9.973411560058594s,9973411560",
        "0,0",
        "15000ms,15000000000",
        "+1s,1000000000"
    })
    void readsDurationsAsGoDoes(String text, long nanos) {
        assertEquals(Optional.of(Duration.ofNanos(nanos)), GoDuration.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "s", ".s", "1 s", "1x", "-", "1s2", "9999999999h"})
    void whatIsNoDurationIsNone(String text) {
        assertEquals(Optional.empty(), GoDuration.parse(text));
    }

    @Test
    void aTextThatNamesNoSessionIsThatOfNone() {
        assertEquals(new UUID(0, 0), GoText.session("x"));
        assertEquals(new UUID(0, 0), GoText.session("1-1-1-1-1"));
        UUID id = UUID.randomUUID();
        assertEquals(id, GoText.session(id.toString()));
    }
}
