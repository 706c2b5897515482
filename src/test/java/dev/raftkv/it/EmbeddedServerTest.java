package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.launch.ServerPlan;
import dev.raftkv.launch.server.EmbeddedServer;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
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
