package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.raftkv.testkit.HttpHead;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLServerSocket;

/** Another node's end of a connection, that answers as it is told. */
final class RecordedNode implements AutoCloseable {
    private final ServerSocket server;
    private final CompletableFuture<String> request;

    /** @param answer makes one of the head of the request */
    RecordedNode(Function<String, String> answer) throws IOException {
        this(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()), answer);
    }

    RecordedNode(ServerSocket server, Function<String, String> answer) {
        this.server = server;
        request = CompletableFuture.supplyAsync(() -> take(answer));
    }

    private String take(Function<String, String> answer) {
        try (Socket connection = server.accept()) {
            connection.setSoTimeout(20_000);
            InputStream in = connection.getInputStream();
            String head = HttpHead.read(in);
            String body = new String(in.readNBytes(HttpHead.length(head)), UTF_8);
            connection.getOutputStream().write(answer.apply(head).getBytes(ISO_8859_1));
            connection.getOutputStream().flush();
            return head + body;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    String address() {
        return (server instanceof SSLServerSocket ? "https" : "http") + "://127.0.0.1:" + server.getLocalPort()
                + "/announced";
    }

    String request() throws Exception {
        return request.get(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
