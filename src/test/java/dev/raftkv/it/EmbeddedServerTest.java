package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.launch.ServerPlan;
import dev.raftkv.launch.server.EmbeddedServer;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Its classes for the web application are hidden from it, so this stands elsewhere. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class EmbeddedServerTest {
    private static final Http HTTP = Http.plain(Duration.ofSeconds(20));
    private static final List<String> STEPS = new CopyOnWriteArrayList<>();

    @TempDir
    Path directory;

    @Test
    void theApplicationPreparesForTheStopWhileItStillAnswers() throws Exception {
        Files.createDirectories(directory.resolve("WEB-INF"));
        Files.writeString(directory.resolve("file.txt"), "text");
        Files.writeString(
                directory.resolve("WEB-INF/web.xml"),
                "<web-app xmlns=\"https://jakarta.ee/xml/ns/jakartaee\" version=\"6.0\"><listener><listener-class>"
                        + Listener.class.getName() + "</listener-class></listener></web-app>");
        int port = FreePorts.take(1).get(0);
        AutoCloseable server = EmbeddedServer.start(new ServerPlan(
                "127.0.0.1",
                port,
                "",
                directory,
                directory.resolve("tmp"),
                Optional.empty(),
                Map.of("url", "http://127.0.0.1:" + port + "/file.txt")));

        server.close();

        assertEquals(List.of("prepares, answers 200", "ends"), STEPS);
    }

    @Test
    void whatWaitsForNothingIsAnsweredByTheThreadThatHasReadItAndAllElseByThePool() throws Exception {
        Files.createDirectories(directory.resolve("WEB-INF"));
        Files.writeString(
                directory.resolve("WEB-INF/web.xml"),
                "<web-app xmlns=\"https://jakarta.ee/xml/ns/jakartaee\" version=\"6.0\"><listener><listener-class>"
                        + Quick.class.getName() + "</listener-class></listener></web-app>");
        int port = FreePorts.take(1).get(0);
        String url = "http://127.0.0.1:" + port + "/app";
        AutoCloseable server = EmbeddedServer.start(new ServerPlan(
                "127.0.0.1", port, "/app", directory, directory.resolve("tmp"), Optional.empty(), Map.of()));
        try {
            assertEquals("true selector", HTTP.get(url + "/quick?now").text());
            assertEquals("null pool", HTTP.get(url + "/quick?later").text());
            assertEquals("null pool", HTTP.get(url + "/other").text());
            assertEquals("null pool", HTTP.delete(url + "/quick?now").text());
            assertEquals(
                    404, HTTP.get("http://127.0.0.1:" + port + "/elsewhere").status());
        } finally {
            server.close();
        }
    }

    /** Says what it knows of the requests that wait for nothing, and by which thread it was asked. */
    public static final class Quick extends HttpServlet implements ServletContextListener {
        private static final long serialVersionUID = 1;

        @Override
        public void contextInitialized(ServletContextEvent event) {
            ServletContext context = event.getServletContext();
            BiPredicate<String, String> atOnce = (path, query) -> path.equals("/quick") && query.equals("now");
            context.setAttribute("dev.raftkv.atOnce", atOnce);
            context.addServlet("quick", this).addMapping("/*");
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            boolean handedOn = Arrays.stream(Thread.currentThread().getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().equals("handOn"));
            response.getOutputStream()
                    .print(request.getAttribute("dev.raftkv.atOnce") + (handedOn ? " pool" : " selector"));
        }
    }

    /** As the one of the node. */
    public static final class Listener implements ServletContextListener {
        @Override
        public void contextInitialized(ServletContextEvent event) {
            String url = event.getServletContext().getInitParameter("url");
            event.getServletContext().setAttribute("dev.raftkv.beforeStop", (Runnable) () -> {
                try {
                    STEPS.add("prepares, answers " + HTTP.get(url).status());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        @Override
        public void contextDestroyed(ServletContextEvent event) {
            STEPS.add("ends");
        }
    }
}
