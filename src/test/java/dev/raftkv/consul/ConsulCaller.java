package dev.raftkv.consul;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.testkit.HttpHead;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A client of Consul that sends the targets of its requests as they are, each on a connection of its own. */
public final class ConsulCaller {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int TIMEOUT_MILLIS = 60_000;
    private static final byte[] NOTHING = {};

    private final String host;
    private final int port;
    private final String context;

    /** @param base where the node is, with its context path and without {@code /v1} */
    public ConsulCaller(String base) {
        URI uri = URI.create(base);
        this.host = uri.getHost();
        this.port = uri.getPort();
        this.context = uri.getRawPath();
    }

    /**
     * What came back.
     *
     * @param head status line and header fields as they came
     */
    public record Answer(int status, String head, byte[] body, Duration took) {
        public String text() {
            return new String(body, UTF_8);
        }

        public JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new AssertionError("no JSON: " + this, e);
            }
        }

        public Optional<String> header(String name) {
            return HttpHead.header(head, name);
        }

        public long index() {
            return Long.parseLong(header("X-Consul-Index").orElseThrow(() -> new AssertionError("no index: " + this)));
        }

        boolean tookLessThan(double seconds) {
            return took.toNanos() < seconds * 1e9;
        }

        @Override
        public String toString() {
            return head.strip() + "\n" + text() + "\nafter " + took.toMillis() + " ms";
        }
    }

    Answer get(String target) {
        return ask("GET", target, Map.of(), NOTHING);
    }

    Answer put(String target, String body) {
        return ask("PUT", target, Map.of(), body.getBytes(UTF_8));
    }

    Answer put(String target, byte[] body) {
        return ask("PUT", target, Map.of(), body);
    }

    Answer delete(String target) {
        return ask("DELETE", target, Map.of(), NOTHING);
    }

    /** @param target with {@code /v1/} */
    public Answer ask(String method, String target, Map<String, String> headers, byte[] body) {
        StringBuilder head = new StringBuilder(method + " " + context + target + " HTTP/1.1\r\nHost: " + host + ":"
                + port + "\r\nConnection: close\r\nContent-Length: " + body.length + "\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        long begun = System.nanoTime();
        try (Socket socket = new Socket(host, port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            OutputStream out = socket.getOutputStream();
            out.write(head.append("\r\n").toString().getBytes(ISO_8859_1));
            out.write(body);
            out.flush();
            InputStream in = new BufferedInputStream(socket.getInputStream());
            String answered = HttpHead.read(in);
            byte[] content = body(answered, in);
            return new Answer(
                    Integer.parseInt(answered.split(" ", 3)[1]),
                    answered,
                    content,
                    Duration.ofNanos(System.nanoTime() - begun));
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + target, e);
        }
    }

    private static byte[] body(String head, InputStream in) throws IOException {
        if (HttpHead.header(head, "Content-Length").isPresent()) {
            byte[] body = in.readNBytes(HttpHead.length(head));
            if (body.length < HttpHead.length(head)) {
                throw new EOFException("the body is shorter than its Content-Length");
            }
            return body;
        }
        byte[] rest = in.readAllBytes();
        return HttpHead.header(head, "Transfer-Encoding").isPresent() ? unchunked(rest) : rest;
    }

    private static byte[] unchunked(byte[] chunks) {
        String text = new String(chunks, ISO_8859_1);
        StringBuilder body = new StringBuilder();
        int at = 0;
        while (true) {
            int line = text.indexOf("\r\n", at);
            int length = Integer.parseInt(text.substring(at, line), 16);
            if (length == 0) {
                return body.toString().getBytes(ISO_8859_1);
            }
            body.append(text, line + 2, line + 2 + length);
            at = line + 2 + length + 2;
        }
    }

    /** All bytes there are, in order. */
    static byte[] anyBytes() {
        byte[] bytes = new byte[256];
        for (int value = 0; value < bytes.length; value++) {
            bytes[value] = (byte) value;
        }
        return bytes;
    }
}
