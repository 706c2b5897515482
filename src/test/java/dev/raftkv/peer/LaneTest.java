package dev.raftkv.peer;

import static dev.raftkv.peer.OtherNode.read;
import static dev.raftkv.peer.OtherNode.write;
import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Seals;
import dev.raftkv.peer.NoAnswerException.Reason;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LaneTest {
    private static final Duration SHORT = Duration.ofMillis(50);

    private final NodeHttp http = new NodeHttp("node7", Seals.none("node7"), Optional.empty());
    private final Lane lane = http.lane("test", 2, 10);
    private OtherNode other;

    @BeforeEach
    void open() throws IOException {
        other = new OtherNode();
    }

    @AfterEach
    void close() throws IOException {
        lane.close();
        other.close();
        eventually(OtherNode.LONG, () -> assertFalse(hasThreads()));
    }

    @Test
    void aRequestArrivesAsItWasMadeAndSoDoesItsAnswer() throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("POST", "{\"a\":1}"));
        try (Socket connection = other.accept()) {
            String request = read(connection);
            assertTrue(request.startsWith("POST /kv/x?y=a+b HTTP/1.1\r\n"), request);
            assertTrue(request.contains("\r\nX-Test: a\r\n"), request);
            assertTrue(request.contains("\r\nContent-Type: application/json\r\n"), request);
            assertTrue(request.endsWith("\r\n\r\n{\"a\":1}"), request);
            write(connection, "HTTP/1.1 409 Conflict\r\nETag: \"5\"\r\nContent-Length: 3\r\n\r\nno\n");
        }
        NodeAnswer got = answer.get(20, TimeUnit.SECONDS);
        assertEquals(409, got.status());
        assertEquals("\"5\"", got.header("etag"));
        assertNull(got.header("Location"));
        assertTrue(got.isWhole());
        assertEquals("no\n", new String(got.bytes(), ISO_8859_1));
    }

    @Test
    void anAnswerMayEndWithItsConnectionIfItSaysSo() throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("POST", ""));
        try (Socket connection = other.accept()) {
            read(connection);
            write(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab");
        }
        assertEquals("ab", new String(answer.get(20, TimeUnit.SECONDS).bytes(), ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE", "GET", "HEAD"})
    void aChallengeAndARedirectAreAnswersAndNothingIsSentAgain(String method) throws Exception {
        for (String status : new String[] {
            "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"",
            "307 Temporary Redirect\r\nLocation: " + other.peer().address()
        }) {
            CompletableFuture<NodeAnswer> answer = lane.send(other.request(method, ""));
            try (Socket connection = other.accept()) {
                read(connection);
                write(connection, "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            }
            assertEquals(
                    status.substring(0, 3),
                    "" + answer.get(20, TimeUnit.SECONDS).status());
            other.assertNobodyConnects();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void aNodeThatIsSilentForTooLongHasNotAnswered(String method) throws IOException {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request(method, "", SHORT));
        try (Socket connection = other.accept()) {
            read(connection);
            assertReason(Reason.UNKNOWN, answer);
            assertEquals(-1, connection.getInputStream().read());
        }
        other.assertNobodyConnects();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 O",
                "HTTP/1.1 200 OK\r\nContent-Len",
                "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\nab",
                "HTTP/1.1 200 OK\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"
            })
    void halfAnAnswerIsNone(String half) throws IOException {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("POST", "{}"));
        try (Socket connection = other.accept()) {
            read(connection);
            write(connection, half);
        }
        assertReason(Reason.UNKNOWN, answer);

        CompletableFuture<NodeAnswer> late = lane.send(other.request("POST", "{}", SHORT));
        try (Socket connection = other.accept()) {
            read(connection);
            write(connection, half);
            assertReason(Reason.UNKNOWN, late);
            assertEnds(connection);
        }
        other.assertNobodyConnects();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node1:2221/x",
                "file:/etc/hostname",
                "ftp://127.0.0.1/",
                "http://[",
                "http://127.0.0.1:99999/",
                "x"
            })
    void whatIsNoHttpAddressCannotBeReached(String url) {
        assertReason(
                Reason.UNREACHABLE,
                lane.send(new NodeRequest(
                        "GET", Peer.at(url), "", Map.of(), new byte[0], OtherNode.LONG, OtherNode.LONG)));
    }

    @Test
    void aNodeThatDoesNotRunCannotBeReached() throws IOException {
        other.close();
        assertReason(Reason.UNREACHABLE, lane.send(other.request("POST", "{}")));
    }

    @Test
    void aLaneInWhichNobodyWaitsSaysAtOnceThatItIsFull() throws Exception {
        try (Lane narrow = http.lane("test-none-waits", 1, 0)) {
            CompletableFuture<NodeAnswer> first = narrow.send(other.request("POST", "first"));
            try (Socket connection = other.accept()) {
                assertTrue(read(connection).endsWith("first"));
                assertReason(Reason.LANE_FULL, narrow.send(other.request("POST", "second")));
                write(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
                assertEquals(200, first.get(20, TimeUnit.SECONDS).status());
            }
        }
    }

    @Test
    void ofMoreThanALaneCanDoNothingIsSentAndOtherLanesGoOn() throws Exception {
        try (Lane narrow = http.lane("test-narrow", 1, 1);
                Lane wide = http.lane("test-wide", 1, 1)) {
            CompletableFuture<NodeAnswer> first = narrow.send(other.request("POST", "first"));
            try (Socket connection = other.accept()) {
                assertTrue(read(connection).endsWith("first"));
                CompletableFuture<NodeAnswer> second = narrow.send(other.request("POST", "second"));
                assertReason(Reason.LANE_FULL, narrow.send(other.request("POST", "third")));
                other.assertNobodyConnects();

                CompletableFuture<NodeAnswer> free = wide.send(other.request("POST", "free"));
                try (Socket another = other.accept()) {
                    assertTrue(read(another).endsWith("free"));
                    write(another, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
                    assertEquals(200, free.get(20, TimeUnit.SECONDS).status());
                }

                write(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
                assertEquals(200, first.get(20, TimeUnit.SECONDS).status());
                try (Socket next = other.accept()) {
                    assertTrue(read(next).endsWith("second"));
                }
                assertReason(Reason.UNKNOWN, second);
                other.assertNobodyConnects();
            }
        }
    }

    /** Again and again, because the request may be anywhere between its first byte and its wait for the answer. */
    @RepeatedTest(20)
    void whatIsUnderWayEndsWithTheLane() throws Exception {
        CompletableFuture<NodeAnswer> post = lane.send(other.request("POST", "{}"));
        CompletableFuture<NodeAnswer> get = lane.send(other.request("GET", ""));
        CompletableFuture<NodeAnswer> waits = lane.send(other.request("POST", "{}"));
        try (Socket one = other.accept();
                Socket two = other.accept()) {
            lane.close();
            eventually(OtherNode.LONG, () -> assertFalse(hasThreads()));
            for (CompletableFuture<NodeAnswer> each : List.of(post, get, waits)) {
                assertTrue(each.isCompletedExceptionally());
            }
            assertReason(Reason.CLOSED, waits);
            assertEnds(one);
            assertEnds(two);
        }
        assertReason(Reason.CLOSED, lane.send(other.request("POST", "{}")));
    }

    /** The JDK closes no connection on which somebody reads a body. */
    @Test
    void aNodeThatIsSilentWithinItsAnswerDoesNotHoldUpTheClose() throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("POST", "{}", Duration.ofMinutes(5)));
        try (Socket connection = other.accept()) {
            read(connection);
            write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab");
            lane.close();
        }
        assertReason(Reason.UNKNOWN, answer);
        eventually(OtherNode.LONG, () -> assertFalse(hasThreads()));
    }

    @Test
    void aRequestThatIsCancelledIsCutOff() throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("POST", "{}"));
        try (Socket connection = other.accept()) {
            read(connection);
            assertTrue(answer.cancel(false));
            assertEnds(connection);
        }
    }

    @Test
    void aLaneWithNothingToDoHasNoThreadAfterItsClose() throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("GET", ""));
        try (Socket connection = other.accept()) {
            read(connection);
            assertTrue(hasThreads());
            write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            answer.get(20, TimeUnit.SECONDS);
        }
        lane.close();
        eventually(OtherNode.LONG, () -> assertFalse(hasThreads()));
    }

    private static boolean hasThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("raftkv-node7-test"));
    }

    /** Cleanly or not. */
    private static void assertEnds(Socket connection) throws IOException {
        try {
            connection.getInputStream().readAllBytes();
        } catch (SocketException e) {
            // It was reset.
            assertTrue(e.getMessage().contains("reset"), e.toString());
        }
    }

    private static void assertReason(Reason reason, CompletableFuture<NodeAnswer> answer) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> answer.get(20, TimeUnit.SECONDS));
        assertEquals(reason, ((NoAnswerException) e.getCause()).reason(), e.toString());
    }
}
