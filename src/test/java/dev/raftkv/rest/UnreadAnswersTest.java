package dev.raftkv.rest;

import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.kv.Unsent;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.rest.http.Replies.Pace;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the answers of transactions take while their clients do not take them. */
@Timeout(60)
class UnreadAnswersTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int READS = 8;
    private static final int VALUE = 1_000_000;
    private static final long ANSWER = (long) READS * VALUE;
    private static final String TRANSACTION =
            "{\"then\":[" + String.join(",", Collections.nCopies(READS, "{\"get\":\"big\"}")) + "]}";

    private static final String TWO_ANSWERS =
            "\nraftkv_http_requests_total{route=\"/txn\",method=\"POST\",status=\"2xx\"} 2\n";

    /** In which nobody is cut off only because it takes nothing. */
    private static final Pace PATIENT = new Pace(Duration.ofMillis(100), Duration.ofMinutes(1), Duration.ofMillis(500));

    private final Unsent unsent = new Unsent(ANSWER * 3 / 2);

    @TempDir
    Path directory;

    private RestServer server;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT, PATIENT, unsent);
        String value = "\"" + "x".repeat(VALUE) + "\"";
        assertEquals(
                200,
                server.http()
                        .post("/store", "{\"key\":\"big\",\"value\":" + value + "}")
                        .status());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** A client that has asked, and takes what fits into a small buffer. */
    private Socket asks() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout((int) LIMIT.toMillis());
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        String head = "POST /kv/txn HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + TRANSACTION.length() + "\r\n\r\n";
        socket.getOutputStream().write((head + TRANSACTION).getBytes(US_ASCII));
        return socket;
    }

    private static long take(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[64 * 1024];
        long taken = 0;
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            taken += count;
        }
        return taken;
    }

    private void awaitUnsent(int answers) {
        eventually(LIMIT, () -> {
            assertTrue(unsent.bytes() >= answers * ANSWER, () -> "unsent: " + unsent.bytes());
            assertTrue(unsent.bytes() < (answers + 1) * ANSWER, () -> "unsent: " + unsent.bytes());
        });
    }

    @Test
    void anAnswerCountsUntilItWasTaken() throws IOException {
        try (Socket client = asks()) {
            awaitUnsent(1);
            assertTrue(take(client) > ANSWER);
            eventually(LIMIT, () -> assertEquals(0, unsent.bytes()));
        }
    }

    @Test
    void anAnswerCountsUntilNobodyIsThereToTakeIt() throws IOException {
        Socket client = asks();
        awaitUnsent(1);
        client.close();
        eventually(LIMIT, () -> assertEquals(0, unsent.bytes()));
    }

    @Test
    void whoHasTakenNothingForLongestGivesWay() throws IOException {
        try (Socket first = asks()) {
            awaitUnsent(1);
            try (Socket second = asks()) {
                eventually(
                        LIMIT,
                        () -> assertTrue(server.http().get("/metrics").body().contains(TWO_ANSWERS)));
                awaitUnsent(1);
                assertTrue(take(second) > ANSWER);
                eventually(LIMIT, () -> assertEquals(0, unsent.bytes()));
                assertTrue(isCut(first), "the first has got all");
            }
        }
    }

    private static boolean isCut(Socket client) {
        try {
            return take(client) < ANSWER;
        } catch (IOException e) {
            return true;
        }
    }
}
