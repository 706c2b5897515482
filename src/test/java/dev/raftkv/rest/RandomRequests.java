package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.raftkv.access.Asked;
import dev.raftkv.access.Seals;
import dev.raftkv.access.UserRole;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Requests of somebody who tries, by a seed; some of them with a token of a small role, or with what a node would say. */
public final class RandomRequests {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int SEALED_ONE_IN = 8;
    private static final int TOKEN_ONE_IN = 6;

    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "get", "BREW", "PROPFIND");
    private static final List<String> PATHS = List.of(
            "/store",
            "/store/secret",
            "/store/",
            "/txn",
            "/read",
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
            "Raft-Caller: eve:admin",
            "Raft-Caller: eve:admin,writer,reader,node",
            "Raft-Caller: :::%zz",
            "Raft-Cluster: 00000000-0000-0000-0000-000000000000",
            "Raft-Cluster: \u00ff",
            "Raft-Seal: ",
            "Raft-Seal: garbage",
            "Raft-Seal: 1.0.00.node3.node1.00.00",
            "User-Agent: raftkv",
            "Expect: 100-continue",
            "Content-Type: application/json",
            "If-None-Match: *",
            "Range: bytes=0-",
            "Cookie: JSESSIONID=1",
            "Upgrade: h2c",
            "dev.raftkv.caller: admin",
            "Accept: text/event-stream",
            "Last-Event-ID: 1");
    private static final List<String> BODIES = List.of("", "{\"key\":\"secret\",\"value\":1,\"node_id\":\"node1\"}");
    /** Which no request has, so that no seal is one for the request that it comes with. */
    private static final byte[] OTHER_BODY = "{\"key\":\"secret\",\"value\":2}".getBytes(UTF_8);

    private final Random random;
    private final String context;
    private final Seals node;
    private final Map<UserRole, String> tokens;

    /**
     * @param context path of the application
     * @param node who knows the secret of the nodes; makes seals for other requests than those that they come with
     * @param tokens that are good, each of one role; none may show a key, or change one
     */
    public RandomRequests(long seed, String context, Seals node, Map<UserRole, String> tokens) {
        this.random = new Random(seed);
        this.context = context;
        this.node = node;
        this.tokens = new EnumMap<>(tokens);
    }

    /** @param role that its token has; empty if it has no good one */
    public record Made(String text, Optional<UserRole> role) {
        public boolean isHead() {
            return text.startsWith("HEAD ");
        }

        /** As it came; empty if the server has cut the connection, as it does where there is no HTTP. */
        public String send(int port) throws IOException {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.getOutputStream().write(text.getBytes(ISO_8859_1));
                socket.shutdownOutput();
                return answer(socket.getInputStream());
            } catch (SocketTimeoutException e) {
                throw new IOException("no answer to: " + text, e);
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
    }

    public Made next() {
        StringBuilder request = new StringBuilder(of(METHODS)).append(' ');
        request.append(random.nextInt(20) == 0 ? "" : context).append(of(PATHS));
        for (int twists = random.nextInt(3); twists > 0; twists--) {
            int place = random.nextInt(5) == 0 ? random.nextInt(request.length()) : request.length();
            request.insert(Math.max(place, request.indexOf(" ") + 1), of(TWISTS));
        }
        request.append(random.nextInt(50) == 0 ? "" : " HTTP/1.1").append("\r\nHost: h\r\nConnection: close\r\n");
        Optional<UserRole> role = Optional.empty();
        if (random.nextInt(TOKEN_ONE_IN) == 0) {
            role = Optional.of(of(List.copyOf(tokens.keySet())));
            request.append("Authorization: Bearer ")
                    .append(tokens.get(role.get()))
                    .append("\r\n");
        }
        for (int headers = random.nextInt(4); headers > 0; headers--) {
            request.append(of(HEADERS)).append("\r\n");
        }
        if (random.nextInt(SEALED_ONE_IN) == 0) {
            request.append(Seals.HEADER).append(": ").append(seal()).append("\r\n");
        }
        String body = of(BODIES);
        if (random.nextBoolean()) {
            request.append("Content-Length: ")
                    .append(random.nextInt(10) == 0 ? 1 << 30 : body.length())
                    .append("\r\n");
        } else if (random.nextInt(4) == 0) {
            request.append("Transfer-Encoding: chunked\r\n");
        }
        return new Made(request.append("\r\n").append(body).toString(), role);
    }

    /** True, and of a request that was never sent: sometimes only the body is another one. */
    private String seal() {
        Asked asked = new Asked(of(METHODS), of(PATHS), name -> null);
        return node.seal(asked, OTHER_BODY, "node1").orElseThrow().text();
    }

    private <T> T of(List<T> choice) {
        return choice.get(random.nextInt(choice.size()));
    }
}
