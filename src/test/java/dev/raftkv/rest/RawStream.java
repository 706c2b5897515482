package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A raw connection to a stream: its lines as they come. By HTTP/1.0, which puts none of its own among them. */
final class RawStream implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Socket socket;
    private final BufferedReader in;
    private final List<String> head = new ArrayList<>();

    RawStream(String address, String target, String headers) throws IOException {
        URI uri = URI.create(address);
        socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        String request = "GET " + uri.getPath() + target + " HTTP/1.0\r\nHost: h\r\n" + headers + "\r\n";
        socket.getOutputStream().write(request.getBytes(UTF_8));
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
            head.add(line);
        }
    }

    /** The next event, past heartbeats. */
    String block() throws IOException {
        String block = anyBlock();
        while (block.startsWith(":")) {
            block = anyBlock();
        }
        return block;
    }

    /** The next lines of the stream, up to an empty one. */
    String anyBlock() throws IOException {
        List<String> block = new ArrayList<>();
        while (true) {
            String line = in.readLine();
            if (line == null) {
                return "(end)";
            }
            if (line.isEmpty()) {
                return String.join("\n", block);
            }
            block.add(line);
        }
    }

    /** The lines before the body. */
    List<String> head() {
        return head;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
