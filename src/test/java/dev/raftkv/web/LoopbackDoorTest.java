package dev.raftkv.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.testkit.LogLines;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

final class LoopbackDoorTest {
    private final LoopbackDoor door = new LoopbackDoor();
    private final FakeResponse response = new FakeResponse();
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private String remote = "127.0.0.1";

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.9.8.7",
                "::1",
                "::1%lo",
                "[::1%1]",
                "0:0:0:0:0:0:0:1%lo0",
                "[::1]",
                "0:0:0:0:0:0:0:1",
                "::ffff:127.0.0.1",
                "[::ffff:127.0.0.1]"
            })
    void whatComesByThisMachineIsLetIn(String address) throws Exception {
        assertTrue(passes(address));
        assertEquals(Map.of(), response.said());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "198.18.0.1",
                "0.0.0.0",
                "fd00::1",
                "fe80::1%eth0",
                "fe80::1%::1",
                "localhost%lo",
                "%::1",
                "::ffff:198.18.0.1",
                "127.0.0.1.invalid"
            })
    void whatComesFromElsewhereIsToldWhatToSet(String address) throws Exception {
        assertEquals(false, passes(address));
        assertEquals(403, response.said().get("setStatus"));
        assertEquals("application/problem+json", response.said().get("setContentType"));
        assertEquals("close", response.said().get("Connection"));
        String error = new JsonMapper().readTree(response.body()).path("error").textValue();
        assertTrue(error.contains("RAFT_AUTH") && error.contains("RAFT_INSECURE"), error);
    }

    @Test
    void theOneAddressSaysNothingAboutTheOtherAndTheLogIsToldOnce() throws Exception {
        try (LogLines log = LogLines.of(LoopbackDoor.class)) {
            for (int round = 0; round < 3; round++) {
                assertTrue(passes("127.0.0.1"));
                assertEquals(false, passes("198.18.0.1"));
            }
            assertEquals(1, log.all().size(), () -> log.all().toString());
        }
    }

    /** What the proxy of {@code deploy/nginx} and others on this machine say when this machine asks them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            X-Forwarded-For | 127.0.0.1
            x-forwarded-for | 127.0.0.1, ::1,127.0.0.2
            X-Forwarded-For | 127.0.0.1:4711
            X-Forwarded-For | [::1]:4711
            X-Real-IP       | 127.0.0.1
            Forwarded       | for=127.0.0.1;proto=http;by=203.0.113.43
            Forwarded       | proto=http; For="[::1]:4711", for=127.0.0.1
            X-Forwarded-Host | kv.example.com
            """)
    void aProxyPassesForThisMachine(String header, String value) throws Exception {
        headers.put(header, List.of(value));
        assertTrue(passes("127.0.0.1"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            X-Forwarded-For | 198.18.0.1
            x-forwarded-for | 127.0.0.1, 198.18.0.1
            X-Forwarded-For | 198.18.0.1, 127.0.0.1
            X-Forwarded-For | ''
            X-Forwarded-For | ,
            X-Forwarded-For | unknown
            X-Forwarded-For | localhost
            X-Forwarded-For | 127.0.0.256
            X-Forwarded-For | 127.0.0.1.invalid
            X-Forwarded-For | [fd00::1]:80
            X-Real-IP       | 198.18.0.1
            Forwarded       | for=198.18.0.1
            Forwarded       | for=127.0.0.1, For="[fd00::1]:80"
            Forwarded       | for="127.0.0.1, for=198.18.0.1
            Forwarded       | for=127.0.0.1, proto=http
            Forwarded       | for=_hidden
            Forwarded       | proto=https
            """)
    void aProxyDoesNotPassForOthers(String header, String value) throws Exception {
        for (String local : new String[] {"127.0.0.1", "::1", null}) {
            headers.put(header, List.of(value));
            assertEquals(false, passes(local));
            assertEquals(403, response.said().get("setStatus"));
            headers.put(header, List.of("127.0.0.1", value));
            assertEquals(false, passes(local));
        }
    }

    /** Where the server itself has read what the proxy says, and the header is gone. */
    @Test
    void whoIsForOthersByTheServersWordIsRefused() throws Exception {
        remote = "198.18.0.1";
        assertEquals(false, passes("127.0.0.1"));
        remote = "127.0.0.1";
        assertTrue(passes("127.0.0.1"));
    }

    private boolean passes(String address) throws Exception {
        boolean[] passed = {false};
        HttpServletRequest request = FakeContext.proxy(HttpServletRequest.class, (name, arguments) -> switch (name) {
            case "getLocalAddr" -> address;
            case "getRemoteAddr" -> remote;
            case "getHeader" ->
                headers.getOrDefault((String) arguments[0], List.of()).stream()
                        .findFirst()
                        .orElse(null);
            case "getHeaders" -> Collections.enumeration(headers.getOrDefault((String) arguments[0], List.of()));
            default -> throw new UnsupportedOperationException(name);
        });
        door.doFilter(request, response.response(), (in, out) -> passed[0] = true);
        return passed[0];
    }
}
