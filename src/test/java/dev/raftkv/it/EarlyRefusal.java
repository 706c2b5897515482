package dev.raftkv.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.HttpHead;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Locale;

/** A client that sends its body when it has been refused for what the head says, and asks again on the same connection. */
final class EarlyRefusal {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final String REFUSED = "POST %s/store?ttl=soon HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n";
    private static final String LIST = "GET %s/store?keys_only HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n";
    private static final String NEXT = "GET %s/store/absent HTTP/1.1\r\nHost: h\r\n\r\n";

    private final int port;
    private final String context;

    EarlyRefusal(int port, String context) {
        this.port = port;
        this.context = context;
    }

    /** A list that is answered before a body has come that nobody wants. */
    void checkThatTheEndOfAListIsSeen() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            send(socket, LIST);
            String head = head(socket.getInputStream());
            assertEquals("200", head.split(" ")[1], head);
            assertTrue(head.contains("transfer-encoding: chunked") || head.contains("content-length: "), head);
        }
    }

    /** It is answered on the connection, or has been told that this ends. */
    void check() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            send(socket, REFUSED);
            String refusal = head(socket.getInputStream());
            assertEquals("422", refusal.split(" ")[1], refusal);
            if (!refusal.contains("connection: close")) {
                socket.getInputStream().readNBytes(HttpHead.length(refusal));
                send(socket, "1234" + NEXT);
                String answer = head(socket.getInputStream());
                assertEquals("404", answer.split(" ")[1], answer);
            }
        }
    }

    private void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(String.format(text, context).getBytes(US_ASCII));
    }

    private static String head(InputStream in) throws IOException {
        return HttpHead.read(in).toLowerCase(Locale.ROOT);
    }
}
