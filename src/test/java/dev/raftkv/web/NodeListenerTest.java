package dev.raftkv.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.raftkv.testkit.LogLines;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeListenerTest {
    private final FakeResponse response = new FakeResponse();

    @Test
    void nodeThatCannotStartAnswersEveryUrlWithAllProblems() throws IOException, ServletException {
        FakeContext context = new FakeContext(Map.of("RAFT_PORT", "99999", "RAFT_NODE_ID", "a \"b\""), "/kv", null);
        NodeListener listener = new NodeListener();

        listener.contextInitialized(context.event());

        assertEquals(
                List.of("setAsyncSupported true", "setLoadOnStartup 1", "addMapping [/*]"),
                context.calledOnRegistration());
        context.servlet().service(request("PATCH"), response.response());
        String reason = "this node did not start: RAFT_NODE_ID=a \"b\" (context parameter): give 1 to 64 characters of"
                + " A-Z a-z 0-9 . _ -; RAFT_PORT=99999 (context parameter): give a port from 1 to 65535."
                + " Correct this, then start the node again.";
        assertEquals(Map.of(NodeListener.START_FAILURE, reason), context.attributes());
        JsonNode problem = new ObjectMapper().readTree(response.body());
        assertEquals("about:blank", problem.get("type").textValue());
        assertEquals("Service Unavailable", problem.get("title").textValue());
        assertEquals(503, problem.get("status").intValue());
        assertEquals(reason, problem.get("detail").textValue());
        assertEquals(reason, problem.get("error").textValue());
        assertEquals(5, problem.size());
        assertEquals(
                Map.of(
                        "setStatus",
                        503,
                        "setContentType",
                        "application/problem+json",
                        "Cache-Control",
                        "no-store",
                        "Retry-After",
                        "60",
                        "X-Content-Type-Options",
                        "nosniff",
                        "Content-Security-Policy",
                        "frame-ancestors 'none'",
                        "Cross-Origin-Resource-Policy",
                        "same-origin",
                        "Referrer-Policy",
                        "no-referrer",
                        "setContentLength",
                        response.body().length),
                response.said());
    }

    @Test
    void endOfAContextWhoseNodeDidNotStartIsQuiet() {
        FakeContext context = new FakeContext(Map.of("RAFT_PORT", "no"), "", null);
        NodeListener listener = new NodeListener();
        listener.contextInitialized(context.event());

        listener.contextDestroyed(context.event());

        assertTrue(context.servlet() instanceof StartFailedServlet);
    }

    @Test
    void whatNobodyHasSetIsToldToThoseWhoAskForMore(@TempDir Path directory) throws IOException {
        Logger logger = Logger.getLogger(NodeListener.class.getName());
        Level before = logger.getLevel();
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                LogLines log = LogLines.of(NodeListener.class)) {
            String port = Integer.toString(busy.getLocalPort());
            FakeContext context = new FakeContext(
                    Map.of(
                            "RAFT_PORT",
                            port,
                            "RAFT_VOL_DIR",
                            directory.resolve("data").toString()),
                    "",
                    null);
            logger.setLevel(Level.FINE);

            new NodeListener().contextInitialized(context.event());

            assertTrue(
                    log.all().contains("INFO with RAFT_PORT=" + port + " (context parameter)"),
                    () -> log.all().toString());
            List<String> defaults = log.all().stream()
                    .filter(line -> line.endsWith(" (default)"))
                    .toList();
            assertTrue(defaults.contains("FINE with RAFT_CACHE_MB=32 (default)"), defaults::toString);
            assertTrue(defaults.stream().allMatch(line -> line.startsWith("FINE with ")), defaults::toString);
        } finally {
            logger.setLevel(before);
        }
    }

    private static HttpServletRequest request(String method) {
        return FakeContext.proxy(HttpServletRequest.class, (name, arguments) -> switch (name) {
            case "getMethod" -> method;
            default -> throw new UnsupportedOperationException(name);
        });
    }
}
