package dev.raftkv.peer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Seals;
import dev.raftkv.peer.NoAnswerException.Reason;
import dev.raftkv.tls.TestCertificates;
import dev.raftkv.tls.Tls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EncryptedLaneTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private TestCertificates ours;
    private Lane lane;

    @BeforeEach
    void open() {
        ours = TestCertificates.in(directory.resolve("ours"));
        lane = new NodeHttp("node1", Seals.none("node1"), Optional.of(Tls.open(ours.node("node1")))).lane("test", 1, 1);
    }

    @AfterEach
    void close() {
        lane.close();
    }

    @Test
    void aNodeShowsWhoItIsAndBelievesWhoeverItsAuthorityVouchesFor() throws Exception {
        Tls other = Tls.open(ours.node("node2"));
        try (SSLServerSocket server = listen(other)) {
            CompletableFuture<Optional<String>> who = answerOne(server, other);
            try (NodeAnswer answer = ask(server)) {
                assertEquals(200, answer.status());
            }
            assertEquals(Optional.of("node1"), who.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void whatIsWrongWithTheOthersCertificateIsSaid() throws Exception {
        TestCertificates strangers = TestCertificates.in(directory.resolve("strangers"));
        assertRefused(
                "the other side's certificate, of node2, is refused: no authority in our ca.pem has signed it",
                Tls.open(strangers.node("node2")));
        assertRefused(
                "the other side's certificate, of node3, is refused: it is not made for the host that was asked",
                Tls.open(ours.node("node3", List.of("elsewhere.example"))));
    }

    private void assertRefused(String sentence, Tls other) throws IOException {
        try (SSLServerSocket server = listen(other)) {
            answerOne(server, other);
            ExecutionException failed = assertThrows(ExecutionException.class, () -> ask(server));
            NoAnswerException refused = assertInstanceOf(NoAnswerException.class, failed.getCause());
            assertEquals(Reason.UNREACHABLE, refused.reason());
            assertTrue(refused.getMessage().startsWith(sentence), refused::getMessage);
        }
    }

    @Test
    void aPortWithoutEncryptionIsSaidToBeOne() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> {
                try (Socket connection = server.accept()) {
                    connection.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
                    connection.getInputStream().readAllBytes();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            ExecutionException failed = assertThrows(ExecutionException.class, () -> ask(server));
            assertEquals(
                    "the other side speaks without encryption",
                    failed.getCause().getMessage());
            answered.get(20, TimeUnit.SECONDS);
        }
    }

    private static SSLServerSocket listen(Tls tls) throws IOException {
        SSLServerSocket server = (SSLServerSocket)
                tls.context().getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server.setNeedClientAuth(true);
        server.setSoTimeout((int) LONG.toMillis());
        return server;
    }

    /** Whoever asked, by the certificate that came. */
    private static CompletableFuture<Optional<String>> answerOne(SSLServerSocket server, Tls tls) {
        return CompletableFuture.supplyAsync(() -> {
            try (SSLSocket connection = (SSLSocket) server.accept()) {
                connection.setSoTimeout((int) LONG.toMillis());
                BufferedReader head = new BufferedReader(new InputStreamReader(connection.getInputStream(), US_ASCII));
                String line = head.readLine();
                while (line != null && !line.isEmpty()) {
                    line = head.readLine();
                }
                connection
                        .getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII));
                return tls.verified((X509Certificate[]) connection.getSession().getPeerCertificates());
            } catch (IOException e) {
                return Optional.empty();
            }
        });
    }

    private NodeAnswer ask(ServerSocket server) throws Exception {
        Peer there = Peer.at("https://127.0.0.1:" + server.getLocalPort());
        return lane.send(new NodeRequest("GET", there, "/x", Map.of(), new byte[0], LONG, LONG))
                .get(20, TimeUnit.SECONDS);
    }
}
