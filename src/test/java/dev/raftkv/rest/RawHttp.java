package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** An HTTP client that sends what it is told, also what a real client would correct. */
public final class RawHttp {
    private static final int TIMEOUT_MILLIS = 20_000;

    private final int port;
    private final String context;
    private final String host;

    public RawHttp(int port, String context) {
        this(port, context, "127.0.0.1:" + port);
    }

    private RawHttp(int port, String context, String host) {
        this.port = port;
        this.context = context;
        this.host = host;
    }

    /** The same by another name of the server. */
    public RawHttp at(String otherHost) {
        return new RawHttp(port, context, otherHost);
    }

    /** @param headers by their names in lower case */
    public record Answer(int status, Map<String, String> headers, String body) {
        public String header(String name) {
            return headers.get(name);
        }

        /** Each field once, and this policy. */
        public void assertShielded(String policy) {
            Map<String, String> expected = Map.of(
                    "x-content-type-options", "nosniff",
                    "content-security-policy", policy,
                    "cross-origin-resource-policy", "same-origin",
                    "referrer-policy", "no-referrer");
            expected.forEach((name, value) -> assertEquals(value, header(name), this::toString));
        }
    }

    public Answer get(String target) {
        return send("GET", target, "");
    }

    Answer delete(String target) {
        return send("DELETE", target, "");
    }

    Answer post(String target, String json) {
        return post(target, "application/json", json.getBytes(UTF_8));
    }

    /** @param contentType null for none */
    Answer post(String target, String contentType, byte[] body) {
        String type = contentType == null ? "" : "Content-Type: " + contentType + "\r\n";
        return send("POST", target, type + "Content-Length: " + body.length + "\r\n", body);
    }

    /** @param headers each with a line end */
    public Answer send(String method, String target, String headers, byte[]... body) {
        String head = method + " " + context + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
                + headers + "\r\n";
        return send(head.getBytes(ISO_8859_1), method.equals("HEAD"), body);
    }

    /** @param bytes to be sent as they are, and no request perhaps */
    public Answer send(byte[] bytes) {
        return send(bytes, false);
    }

    private Answer send(byte[] head, boolean headOnly, byte[]... body) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            OutputStream out = socket.getOutputStream();
            out.write(head);
            for (byte[] part : body) {
                out.write(part);
            }
            out.flush();
            return receive(new BufferedInputStream(socket.getInputStream()), headOnly);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads no further than the answer, as a server may keep the connection open for a body that it did not read. */
    private static Answer receive(InputStream in, boolean headOnly) throws IOException {
        String statusLine = line(in);
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.merge(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(),
                    (first, second) -> first + ", " + second);
        }
        if (!headOnly && "chunked".equals(headers.get("transfer-encoding"))) {
            return new Answer(status(statusLine), headers, new String(chunks(in), UTF_8));
        }
        boolean endsWithConnection = !headers.containsKey("content-length")
                && "close".equals(headers.get("connection"))
                && status(statusLine) != 304;
        if (!headOnly && endsWithConnection) {
            return new Answer(status(statusLine), headers, new String(in.readAllBytes(), UTF_8));
        }
        int length = headOnly ? 0 : Integer.parseInt(headers.getOrDefault("content-length", "0"));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the body is shorter than its Content-Length");
        }
        return new Answer(status(statusLine), headers, new String(body, UTF_8));
    }

    private static int status(String statusLine) {
        return Integer.parseInt(statusLine.split(" ")[1]);
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int length = Integer.parseInt(line(in), 16); length > 0; length = Integer.parseInt(line(in), 16)) {
            body.write(in.readNBytes(length));
            line(in);
        }
        return body.toByteArray();
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection was closed after: " + line);
            }
            line.append((char) next);
        }
        return line.substring(0, line.length() - 1);
    }
}
