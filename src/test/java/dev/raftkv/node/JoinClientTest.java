package dev.raftkv.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Seals;
import dev.raftkv.model.Address;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Identity;
import dev.raftkv.node.Quest.Seen;
import dev.raftkv.peer.Lane;
import dev.raftkv.peer.NodeHttp;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinClientTest {
    @TempDir
    private Path directory;

    private ServerSocket server;
    private final Lane lane = new NodeHttp("a", Seals.none("a"), Optional.empty()).lane("ask", 3, 3);
    private JoinClient client;

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        server.setSoTimeout(20_000);
        try (NodeCluster cluster = new NodeCluster(directory)) {
            client = new JoinClient(cluster.config("a"), lane);
        }
    }

    @AfterEach
    void close() throws IOException {
        lane.close();
        server.close();
    }

    @Test
    void aNodeIsSeenWithItsIdStateAndTheSizeOfItsCluster() throws Exception {
        CompletableFuture<Optional<Seen>> seen =
                CompletableFuture.supplyAsync(() -> client.look(address()).seen());
        answer(
                "200 OK",
                "",
                "{\"data\":{\"node_id\":\"b\",\"state\":\"Follower\",\"num_peers\":2,\"x\":\"num_peers\"}}");

        assertEquals(Optional.of(new Seen("b", true, 2, Optional.empty())), seen.get(20, TimeUnit.SECONDS));
    }

    @Test
    void aNodeThatWasRemovedServesNobody() throws Exception {
        CompletableFuture<Optional<Seen>> seen =
                CompletableFuture.supplyAsync(() -> client.look(address()).seen());
        answer("200 OK", "", "{\"data\":{\"node_id\":\"b\",\"state\":\"Shutdown\",\"num_peers\":0}}");

        assertEquals(Optional.of(new Seen("b", false, 0, Optional.empty())), seen.get(20, TimeUnit.SECONDS));
    }

    @Test
    void whatANodeIsRecognisedByIsSeen() throws Exception {
        CompletableFuture<Optional<Seen>> seen =
                CompletableFuture.supplyAsync(() -> client.look(address()).seen());
        answer(
                "200 OK",
                "",
                "{\"data\":{\"node_id\":\"b\",\"state\":\"Shutdown\",\"num_peers\":0,\"birth\":{\"stage\":\"asking\","
                        + "\"group_id\":\"00000000-0000-0001-0000-000000000002\",\"raft_address\":\"[::1]:1112\","
                        + "\"asks\":[\"http://[::1]:1\",\"http://b/kv\"],\"log_level\":" + Identity.LOG_LEVEL + "}}}");

        Identity identity = new Identity(
                "b",
                new Address("::1", 1112),
                Birth.first(true, new UUID(1, 2)),
                List.of("http://[::1]:1", "http://b/kv"));
        assertEquals(Optional.of(new Seen("b", false, 0, Optional.of(identity))), seen.get(20, TimeUnit.SECONDS));
    }

    @Test
    void whatIsNoNodeIsNotSeen() throws Exception {
        CompletableFuture<Optional<Seen>> other =
                CompletableFuture.supplyAsync(() -> client.look(address()).seen());
        answer("200 OK", "", "<html></html>");
        assertEquals(Optional.empty(), other.get(20, TimeUnit.SECONDS));

        CompletableFuture<Optional<Seen>> failed =
                CompletableFuture.supplyAsync(() -> client.look(address()).seen());
        answer("503 Service Unavailable", "", "{}");
        assertEquals(Optional.empty(), failed.get(20, TimeUnit.SECONDS));

        server.close();
        assertEquals(Optional.empty(), client.look(address()).seen());
    }

    @Test
    void aRedirectIsFollowedWithTheSameRequest() throws Exception {
        CompletableFuture<Optional<String>> refusal = CompletableFuture.supplyAsync(() -> client.ask(address()));
        String first = answer("307 Temporary Redirect", "Location: " + address() + "/leader/raft/join\r\n", "{}");
        String second = answer("200 OK", "", "{}");

        assertEquals(Optional.empty(), refusal.get(20, TimeUnit.SECONDS));
        assertTrue(first.startsWith("POST /raft/join HTTP/1.1\r\n"), first);
        assertTrue(second.startsWith("POST /leader/raft/join HTTP/1.1\r\n"), second);
        for (String request : new String[] {first, second}) {
            assertTrue(request.contains("Content-Type: application/json\r\n"), request);
            assertTrue(
                    request.matches("(?s).*\r\n\r\n\\{\"node_id\":\"a\",\"raft_address\":\"127.0.0.1:\\d+\"}\n"),
                    request);
        }
    }

    @Test
    void aRefusalIsOneLine() throws Exception {
        CompletableFuture<Optional<String>> refusal = CompletableFuture.supplyAsync(() -> client.ask(address()));
        answer("409 Conflict", "", "{\"error\":\n\"the id is taken\"}\n");

        assertEquals(
                Optional.of(address() + "/raft/join answers 409 {\"error\": \"the id is taken\"}"),
                refusal.get(20, TimeUnit.SECONDS));
    }

    /** Again and again, because the request may be anywhere between its last byte and its wait for the answer. */
    @RepeatedTest(20)
    void aRequestThatNobodyAnswersEndsWithTheClient() throws Exception {
        CompletableFuture<Optional<String>> refusal = CompletableFuture.supplyAsync(() -> client.ask(address()));
        try (Socket silent = server.accept()) {
            read(silent);
            lane.close();
            assertTrue(refusal.get(20, TimeUnit.SECONDS).orElseThrow().contains("does not answer"));
        }
    }

    private String address() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    private String answer(String status, String headers, String body) throws IOException {
        try (Socket socket = server.accept()) {
            String request = read(socket);
            socket.getOutputStream()
                    .write(("HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers + "Content-Length: "
                                    + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            return request;
        }
    }

    /** Head and body, whose length is told. */
    private static String read(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        int length = Arrays.stream(head.toString().split("\r\n"))
                .filter(line -> line.startsWith("Content-Length: "))
                .mapToInt(line -> Integer.parseInt(line.substring(16)))
                .findFirst()
                .orElse(0);
        return head + new String(in.readNBytes(length), StandardCharsets.US_ASCII);
    }
}
