package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RestServer.Way;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand requests of somebody who tries: none of them is let in, none breaks anything. */
class RandomRequestsTest {
    private static final long SEED = 20_261_126;
    private static final int REQUESTS = 10_000;
    private static final int TIMEOUT_MILLIS = 20_000;

    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "get", "BREW", "PROPFIND");
    private static final List<String> PATHS = List.of(
            "/store",
            "/store/secret",
            "/store/",
            "/txn",
            "/watch",
            "/raft/join",
            "/raft/remove",
            "/raft/announce",
            "/raft/stats",
            "/raft/barrier",
            "/metrics",
            "/health/live",
            "/health/ready",
            "/",
            "",
            "/api",
            "/nothing",
            "*");
    private static final List<String> TWISTS = List.of(
            "/",
            "//",
            "/./",
            "/../",
            ";",
            ";x=y",
            "%2f",
            "%2e%2e/",
            "%00",
            "%",
            "%zz",
            "%c0%af",
            "..;/",
            "\\",
            "/health/live",
            "?",
            "?key=secret",
            "?raw",
            "?verbose",
            "&prefix=",
            "#",
            "\u00e9",
            "%E2%82%AC",
            "/store/secret");
    private static final List<String> HEADERS = List.of(
            "Authorization: Bearer reader",
            "Authorization: Bearer",
            "Authorization: Basic YWRtaW46YWRtaW4=",
            "Authorization: Basic Og==",
            "Authorization: Basic \u00ff",
            "Authorization: Negotiate abc",
            "X-Forwarded-User: admin",
            "X-Original-URL: /health/live",
            "X-HTTP-Method-Override: DELETE",
            "Raft-Forwarded: node2",
            "Raft-Follower-Writes: forward",
            "Expect: 100-continue",
            "Content-Type: application/json",
            "If-None-Match: *",
            "Range: bytes=0-",
            "Cookie: JSESSIONID=1",
            "Upgrade: h2c",
            "dev.raftkv.caller: admin",
            "Accept: text/event-stream",
            "Last-Event-ID: 1");

    @TempDir
    private Path directory;

    private final Random random = new Random(SEED);

    @Test
    void noneIsLetInAndNoneBreaksAnything() throws IOException {
        try (RestServer server =
                new RestServer(directory.resolve("store"), "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT)) {
            server.http().post("/store", "{\"key\":\"secret\",\"value\":\"hidden\"}");
            long revision = server.replicator.store().revision();
            server.login = Tokened.login(directory);
            Map<Integer, Integer> statuses = new TreeMap<>();
            for (int i = 0; i < REQUESTS; i++) {
                statuses.merge(ask(server, request(), i), 1, Integer::sum);
            }
            // Most came as far as the gate, and the open paths are open.
            assertTrue(statuses.getOrDefault(401, 0) > REQUESTS / 2, statuses::toString);
            assertTrue(statuses.getOrDefault(200, 0) > 0, statuses::toString);
            assertEquals(revision, server.replicator.store().revision());
            String found = server.http()
                    .send("GET", "/store/secret", Tokened.bearer("reader"))
                    .body();
            assertTrue(found.contains("hidden"), found);
        }
    }

    /** A status; 0 if the server has cut the connection, as it does where there is no HTTP. */
    private static int ask(RestServer server, String request, int number) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            socket.shutdownOutput();
            String answer = answer(socket.getInputStream());
            String about = "request " + number + " of seed " + SEED + ": " + request + "\n" + answer;
            assertFalse(answer.contains("hidden"), about);
            int status = answer.length() < 12 ? 0 : Integer.parseInt(answer.substring(9, 12));
            assertTrue(status < 500 || status == 501 || status == 505, about);
            boolean open = status != 200
                    || answer.contains("this node is live")
                    || answer.contains("this node is ready")
                    || answer.endsWith("\r\n\r\n")
                    // To OPTIONS of an open path, and to that only.
                    || answer.contains("\r\nAllow: ");
            // The server's own, to the context root.
            boolean moved = status == 301 && answer.contains("Location: /kv/");
            assertTrue(open && status != 204 && (moved || status < 300 || status >= 400), about);
            return status;
        } catch (SocketTimeoutException e) {
            throw new IOException("no answer to request " + number + " of seed " + SEED + ": " + request, e);
        }
    }

    private static String answer(InputStream in) throws IOException {
        try {
            return new String(in.readAllBytes(), ISO_8859_1);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // Reset, because not all of the request was read.
            return "";
        }
    }

    private String request() {
        StringBuilder request = new StringBuilder(of(METHODS)).append(' ');
        request.append(random.nextInt(20) == 0 ? "" : "/kv").append(of(PATHS));
        for (int twists = random.nextInt(3); twists > 0; twists--) {
            int place = random.nextInt(5) == 0 ? random.nextInt(request.length()) : request.length();
            request.insert(Math.max(place, request.indexOf(" ") + 1), of(TWISTS));
        }
        request.append(random.nextInt(50) == 0 ? "" : " HTTP/1.1").append("\r\nHost: h\r\nConnection: close\r\n");
        for (int headers = random.nextInt(4); headers > 0; headers--) {
            request.append(of(HEADERS)).append("\r\n");
        }
        String body = random.nextBoolean() ? "" : "{\"key\":\"secret\",\"value\":1,\"node_id\":\"node1\"}";
        if (random.nextBoolean()) {
            request.append("Content-Length: ")
                    .append(random.nextInt(10) == 0 ? 1 << 30 : body.length())
                    .append("\r\n");
        } else if (random.nextInt(4) == 0) {
            request.append("Transfer-Encoding: chunked\r\n");
        }
        return request.append("\r\n").append(body).toString();
    }

    private String of(List<String> choice) {
        return choice.get(random.nextInt(choice.size()));
    }
}
