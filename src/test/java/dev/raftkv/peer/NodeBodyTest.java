package dev.raftkv.peer;

import static dev.raftkv.peer.OtherNode.LONG;
import static dev.raftkv.peer.OtherNode.read;
import static dev.raftkv.peer.OtherNode.write;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Seals;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class NodeBodyTest {
    private static final String REST = "x".repeat(2 * Exchange.PIECE) + "y";
    private static final String FIRST = "f".repeat(Exchange.PIECE);

    /** The JDK closes a connection at once only if that much has not come. */
    private static final int ENDLESS = 100_000_000;

    private final Lane lane = new NodeHttp("node7", Seals.none("node7"), Optional.empty()).lane("body", 1, 1);
    private final Semaphore news = new Semaphore(0);
    private OtherNode other;

    @BeforeEach
    void open() throws IOException {
        other = new OtherNode();
    }

    @AfterEach
    void close() throws IOException {
        lane.close();
        other.close();
    }

    private NodeBody begun(CompletableFuture<NodeAnswer> answer) throws Exception {
        NodeAnswer got = answer.get(20, TimeUnit.SECONDS);
        assertFalse(got.isWhole());
        assertEquals(FIRST, new String(got.bytes(), ISO_8859_1));
        got.body().begin(news::release);
        return got.body();
    }

    private static void begin(Socket connection, int length) throws IOException {
        read(connection);
        write(connection, "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + FIRST);
    }

    /** The next piece, for which it is asked now. */
    private byte[] await(NodeBody body) throws InterruptedException {
        assertEquals(0, body.next().length);
        assertTrue(news.tryAcquire(20, TimeUnit.SECONDS));
        return body.next();
    }

    @Test
    void eachPieceIsReadWhenTheOneBeforeWasTakenAndThenTheConnectionIsUsedAgain() throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("GET", ""));
        try (Socket connection = other.accept()) {
            begin(connection, FIRST.length() + REST.length());
            NodeBody body = begun(answer);
            assertEquals(FIRST.length(), body.next().length);
            CompletableFuture<Void> rest = CompletableFuture.runAsync(() -> writeQuietly(connection, REST));
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            for (int piece = 0; piece < 3; piece++) {
                assertFalse(news.tryAcquire());
                got.writeBytes(await(body));
            }
            assertNull(body.next());
            assertArrayEquals(REST.getBytes(ISO_8859_1), got.toByteArray());
            rest.get(20, TimeUnit.SECONDS);
            body.close();

            CompletableFuture<NodeAnswer> next = lane.send(other.request("GET", ""));
            read(connection);
            write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            assertEquals(200, next.get(20, TimeUnit.SECONDS).status());
        }
    }

    @Test
    void aBodyThatEndsWithAFullPieceEnds() throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("GET", ""));
        try (Socket connection = other.accept()) {
            begin(connection, FIRST.length());
            NodeBody body = begun(answer);
            body.next();
            assertNull(await(body));
            assertNull(body.next());
        }
    }

    @Test
    void aBodyThatIsShorterThanItsNodeSaysIsNotTakenForTheWhole() throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("GET", ""));
        NodeBody body;
        try (Socket connection = other.accept()) {
            begin(connection, FIRST.length() + 2);
            write(connection, "x");
            body = begun(answer);
        }
        body.next();
        assertBreaksOff(body);
    }

    @Test
    void aNodeThatIsSilentWithinItsAnswerBreaksItOff() throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("GET", "", Duration.ofMillis(200)));
        try (Socket connection = other.accept()) {
            begin(connection, ENDLESS);
            NodeBody body = begun(answer);
            body.next();
            assertBreaksOff(body);
            assertEnds(connection);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBodyThatNobodyWantsAnyMoreIsCutOff(boolean byItsLane) throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("GET", ""));
        try (Socket connection = other.accept()) {
            begin(connection, ENDLESS);
            NodeBody body = begun(answer);
            body.next();
            if (byItsLane) {
                lane.close();
            } else {
                body.close();
            }
            assertEnds(connection);
            assertThrows(UncheckedIOException.class, () -> {
                body.next();
                assertTrue(news.tryAcquire(20, TimeUnit.SECONDS));
                body.next();
            });
        }
    }

    @Test
    void aConnectionIsLetGoWhenNobodyReadsOnItAnyMore() throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("GET", ""));
        try (Socket connection = other.accept()) {
            begin(connection, ENDLESS);
            NodeBody body = begun(answer);
            body.next();
            assertEquals(0, body.next().length);
            body.close();
            assertThrows(SocketException.class, () -> {
                while (true) {
                    write(connection, REST);
                }
            });
        }
    }

    @Test
    void whatNobodyIsFreeToReadBreaksOff() throws Exception {
        CompletableFuture<NodeAnswer> answer = lane.send(other.request("GET", ""));
        try (Socket connection = other.accept()) {
            begin(connection, ENDLESS);
            NodeBody body = begun(answer);
            body.next();
            CompletableFuture<NodeAnswer> busy = lane.send(other.request("GET", ""));
            try (Socket silent = other.accept()) {
                read(silent);
                CompletableFuture<NodeAnswer> waits = lane.send(other.request("GET", ""));
                assertThrows(UncheckedIOException.class, body::next);
                body.close();
                lane.close();
                assertTrue(busy.isCompletedExceptionally());
                assertTrue(waits.isCompletedExceptionally());
            }
        }
    }

    private void assertBreaksOff(NodeBody body) throws InterruptedException {
        assertEquals(0, body.next().length);
        assertTrue(news.tryAcquire(20, TimeUnit.SECONDS));
        assertThrows(UncheckedIOException.class, body::next);
        body.close();
    }

    private static void writeQuietly(Socket connection, String text) {
        try {
            write(connection, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Cleanly or not. */
    private static void assertEnds(Socket connection) throws IOException {
        connection.setSoTimeout((int) LONG.toMillis());
        try {
            connection.getInputStream().readAllBytes();
        } catch (SocketException e) {
            assertTrue(e.getMessage().contains("reset"), e.toString());
        }
    }
}
