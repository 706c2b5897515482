package dev.raftkv.peer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.testkit.HttpHead;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;

/** The other end of a lane, which does only what a test tells it. */
final class OtherNode implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(20);

    private final ServerSocket server;

    OtherNode() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        server.setSoTimeout((int) LONG.toMillis());
    }

    Peer peer() {
        return new Peer("http://127.0.0.1:" + server.getLocalPort() + "/kv", "node9");
    }

    NodeRequest request(String method, String body) {
        return request(method, body, LONG);
    }

    NodeRequest request(String method, String body, Duration silence) {
        return new NodeRequest(
                method, peer(), "/x?y=a+b", Map.of("X-Test", "a"), body.getBytes(ISO_8859_1), LONG, silence);
    }

    Socket accept() throws IOException {
        Socket connection = server.accept();
        connection.setSoTimeout((int) LONG.toMillis());
        return connection;
    }

    /** The head and the body of a request, whose length it tells. */
    static String read(Socket connection) throws IOException {
        InputStream in = connection.getInputStream();
        String head = HttpHead.read(in);
        return head + new String(in.readNBytes(HttpHead.length(head)), ISO_8859_1);
    }

    static void write(Socket connection, String answer) throws IOException {
        connection.getOutputStream().write(answer.getBytes(ISO_8859_1));
        connection.getOutputStream().flush();
    }

    /** What is to come, would have come by now. */
    void assertNobodyConnects() throws IOException {
        server.setSoTimeout(100);
        assertThrows(SocketTimeoutException.class, server::accept);
        server.setSoTimeout((int) LONG.toMillis());
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
