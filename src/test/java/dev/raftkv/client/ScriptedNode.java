package dev.raftkv.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/** Looks like a node, and does what a test has written down; after that all it is asked is done. */
final class ScriptedNode implements AutoCloseable {
    private final HttpServer server;
    private final Queue<Step> script = new ArrayDeque<>();
    private final List<Asked> asked = new ArrayList<>();

    /** What becomes of one request. */
    @FunctionalInterface
    interface Step {
        void answer(HttpExchange exchange) throws IOException;
    }

    record Asked(
            String method, String target, String body, Optional<String> token, Optional<String> name, String how) {}

    ScriptedNode() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.createContext("/", this::take);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    ScriptedNode then(Step... steps) {
        synchronized (script) {
            script.addAll(List.of(steps));
        }
        return this;
    }

    List<Asked> asked() {
        synchronized (script) {
            return List.copyOf(asked);
        }
    }

    static Step status(int status, String body, String... headers) {
        return exchange -> send(exchange, status, body, headers);
    }

    /** As a node answers that has no revision newer than this. */
    static Step done(long revision) {
        return status(200, "1", "Raft-Node", "node1", "Store-Revision", "" + revision, "ETag", "\"" + revision + "\"");
    }

    static Step problem(int status, String sentence) {
        return status(status, "{\"title\":\"-\",\"detail\":\"" + sentence + "\"}", "Raft-Node", "node1");
    }

    static Step unavailable(int seconds) {
        return status(503, "{\"detail\":\"not now\"}", "Raft-Node", "node1", "Retry-After", "" + seconds);
    }

    /** To the same at another address. */
    static Step redirect(URI node) {
        return exchange -> send(exchange, 307, "", "Location", node + "" + exchange.getRequestURI());
    }

    /** The connection ends without an answer. */
    static Step cut() {
        return HttpExchange::close;
    }

    static Step silence() {
        return exchange -> {};
    }

    /** The head of an answer, and not all of its body. */
    static Step stall() {
        return exchange -> {
            exchange.getResponseHeaders().add("Raft-Node", "node1");
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('1');
            exchange.getResponseBody().flush();
        };
    }

    private void take(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Step step;
        synchronized (script) {
            asked.add(new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    body,
                    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")),
                    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Idempotency-Key")),
                    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Raft-Follower-Writes"))
                            .orElse("")));
            step = script.isEmpty() ? done(9) : script.remove();
        }
        step.answer(exchange);
    }

    private static void send(HttpExchange exchange, int status, String body, String... headers) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < headers.length; i += 2) {
            exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
        }
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
