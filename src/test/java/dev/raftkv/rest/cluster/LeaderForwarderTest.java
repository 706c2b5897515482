package dev.raftkv.rest.cluster;

import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Seals;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.peer.Lane;
import dev.raftkv.peer.NodeHttp;
import dev.raftkv.peer.Peer;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.request.Request;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeaderForwarderTest {
    private static final UUID CLUSTER = new UUID(7, 7);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Lane lane = new NodeHttp("node7", Seals.none("node7"), Optional.empty()).lane("forward", 16, 16);
    private final LeaderForwarder forwarder = new LeaderForwarder("node7", lane);
    private ServerSocket leader;

    @BeforeEach
    void listen() throws IOException {
        leader = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        leader.setSoTimeout((int) LONG.toMillis());
    }

    @AfterEach
    void close() throws IOException {
        lane.close();
        leader.close();
    }

    @Test
    void requestArrivesAsItIsWithTheNameOfTheForwarder() throws Exception {
        CompletableFuture<Answer> answer = forward(post("{\"key\":1}"), LONG);

        try (Socket connection = leader.accept()) {
            String request = read(connection, "{\"key\":1}");
            assertTrue(request.startsWith("POST /kv/store?key=a+b%2F HTTP/1.1\r\n"), request);
            assertTrue(request.contains("\r\nContent-Type: application/json; charset=utf-8\r\n"), request);
            assertTrue(request.contains("\r\nContent-Length: 9\r\n"), request);
            assertTrue(request.contains("\r\nRaft-Forwarded: node7\r\n"), request);
            reply(
                    connection,
                    "HTTP/1.1 307 Temporary Redirect\r\nContent-Type: a/b\r\nLocation: http://x/y\r\nRetry-After: 3\r\n"
                            + "ETag: \"5\"\r\nSet-Cookie: no\r\nContent-Length: 2\r\n\r\nok");
        }

        Answer relayed = answer.get(20, TimeUnit.SECONDS);
        assertEquals(307, relayed.status());
        assertEquals("a/b", relayed.header("Content-Type"));
        assertEquals("http://x/y", relayed.header("Location"));
        assertEquals("3", relayed.header("Retry-After"));
        assertEquals("\"5\"", relayed.header("ETag"));
        assertNull(relayed.header("Set-Cookie"));
        assertArrayEquals("ok".getBytes(UTF_8), relayed.bytes());
    }

    @ParameterizedTest
    @CsvSource({"HEAD, 200 OK, 4", "HEAD, 200 OK,", "GET, 304 Not Modified,", "GET, 304 Not Modified, 4"})
    void anAnswerWithoutABodyTellsTheLengthThatTheLeaderTold(String method, String status, String length)
            throws Exception {
        CompletableFuture<Answer> answer = forward(Request.of(method, "store/k", null, Map.of(), new byte[0]), LONG);
        try (Socket connection = leader.accept()) {
            read(connection, "\r\n\r\n");
            String told = length == null ? "" : "Content-Length: " + length + "\r\n";
            reply(connection, "HTTP/1.1 " + status + "\r\n" + told + "ETag: \"5\"\r\n\r\n");
        }
        Answer relayed = answer.get(20, TimeUnit.SECONDS);
        assertEquals(length, relayed.header("Content-Length"));
        assertEquals("\"5\"", relayed.header("ETag"));
        assertEquals(0, relayed.bytes().length);
    }

    @Test
    void refusalWithoutABodyIsRelayed() throws Exception {
        CompletableFuture<Answer> answer = forward(delete(), LONG);

        try (Socket connection = leader.accept()) {
            read(connection, "\r\n\r\n");
            reply(connection, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        }

        assertEquals(503, answer.get(20, TimeUnit.SECONDS).status());
        assertEquals(0, answer.get().bytes().length);
    }

    @Test
    void leaderThatCannotBeReachedGotNothing() throws IOException {
        leader.close();

        assertEquals(
                "the leader at " + address() + " cannot be reached: nothing was changed, try again in a moment",
                failure(Code.UNAVAILABLE, forward(post("{}"), LONG)));
    }

    @Test
    void addressThatIsNoneGotNothing() {
        failure(Code.UNAVAILABLE, forwarder.forward(delete(), Peer.at("node1:2221"), Optional.empty(), LONG));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE"})
    void requestThatIsCutOffHasAnUnknownOutcomeAndIsNotSentAgain(String method) throws Exception {
        Request request = method.equals("POST") ? post("{}") : delete();
        CompletableFuture<Answer> answer = forward(request, LONG);

        try (Socket connection = leader.accept()) {
            read(connection, method.equals("POST") ? "{}" : "\r\n\r\n");
        }

        assertEquals(
                "the leader at " + address() + " was sent the request and did not answer:"
                        + " it may or may not have been carried out",
                failure(Code.OUTCOME_UNKNOWN, answer));
        assertNobodyConnects();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE"})
    void requestIsNotSentAgainWhenAReusedConnectionIsCutOff(String method) throws Exception {
        CompletableFuture<Answer> first = forward(delete(), LONG);
        try (Socket connection = leader.accept()) {
            read(connection, "\r\n\r\n");
            reply(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertEquals(200, first.get(20, TimeUnit.SECONDS).status());

            CompletableFuture<Answer> second = forward(method.equals("POST") ? post("{}") : delete(), LONG);
            read(connection, method.equals("POST") ? "{}" : "\r\n\r\n");
            connection.shutdownOutput();

            failure(Code.OUTCOME_UNKNOWN, second);
        }
        assertNobodyConnects();
    }

    @Test
    void leaderThatIsSilentHasAnUnknownOutcome() {
        failure(Code.OUTCOME_UNKNOWN, forward(post("{}"), Duration.ofMillis(50)));
    }

    @Test
    void answerThatIsNoHttpIsUnknown() throws Exception {
        CompletableFuture<Answer> answer = forward(post("{}"), LONG);

        try (Socket connection = leader.accept()) {
            read(connection, "{}");
            reply(connection, "SSH-2.0-OpenSSH_9.9\r\n\r\n");
        }

        failure(Code.OUTCOME_UNKNOWN, answer);
    }

    @Test
    void closeCutsOffWhatIsUnderWayAndLeavesNoThread() throws Exception {
        CompletableFuture<Answer> answer = forward(post("{}"), LONG);
        try (Socket connection = leader.accept()) {
            read(connection, "{}");
            assertTrue(hasThreads());

            lane.close();

            eventually(LONG, () -> assertFalse(hasThreads()));
            failure(Code.OUTCOME_UNKNOWN, answer);
        }
        failure(Code.UNAVAILABLE, forward(post("{}"), LONG));
    }

    private static boolean hasThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("raftkv-node7-forward-"));
    }

    private static Request post(String body) {
        return Request.of(
                "POST",
                "store",
                "key=a+b%2F",
                Map.of("Content-Type", "application/json; charset=utf-8"),
                body.getBytes(UTF_8));
    }

    private static Request delete() {
        return Request.of("DELETE", "store/k", null, Map.of(), new byte[0]);
    }

    private String address() {
        return "http://127.0.0.1:" + leader.getLocalPort() + "/kv";
    }

    private CompletableFuture<Answer> forward(Request request, Duration timeout) {
        return forwarder.forward(request, new Peer(address(), "node9"), Optional.of(CLUSTER), timeout);
    }

    private static String read(Socket connection, String end) throws IOException {
        StringBuilder request = new StringBuilder();
        while (request.length() < end.length() || request.lastIndexOf(end) != request.length() - end.length()) {
            int next = connection.getInputStream().read();
            if (next < 0) {
                throw new EOFException("the forwarder closed the connection after: " + request);
            }
            request.append((char) next);
        }
        return request.toString();
    }

    private static void reply(Socket connection, String answer) throws IOException {
        connection.getOutputStream().write(answer.getBytes(ISO_8859_1));
        connection.getOutputStream().flush();
    }

    private void assertNobodyConnects() throws IOException {
        leader.setSoTimeout(100);
        assertThrows(SocketTimeoutException.class, leader::accept);
    }

    private static String failure(Code code, CompletableFuture<Answer> answer) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> answer.get(20, TimeUnit.SECONDS));
        assertEquals(code, ((KvException) e.getCause()).code());
        return e.getCause().getMessage();
    }
}
