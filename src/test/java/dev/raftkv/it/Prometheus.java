package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A real Prometheus with the files of {@code deploy/prometheus}, which scrapes each second. */
final class Prometheus implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final String url;
    private final ServerProcess process;
    private final Http http = Http.plain(Duration.ofSeconds(10));

    private Prometheus(String url, ServerProcess process) {
        this.url = url;
        this.process = process;
    }

    /**
     * @param ports the HTTP ports of three nodes on this machine
     * @param token that it shows them
     */
    static Prometheus start(Path directory, List<Integer> ports, String token) throws IOException {
        Files.createDirectories(directory);
        FileTree.copy(Build.deploy().resolve("prometheus"), directory);
        Path config = directory.resolve("prometheus.yml");
        for (int node = 0; node < ports.size(); node++) {
            FileTree.replace(config, "127.0.0.1:" + (2221 + node), "127.0.0.1:" + ports.get(node));
        }
        FileTree.replace(config, "15s", "1s");
        Files.writeString(directory.resolve("token"), token);
        String address = "127.0.0.1:" + FreePorts.take(1).get(0);
        List<String> words = List.of(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=" + address);
        ServerProcess process =
                ServerProcess.start(new ServerCommand(words, Map.of(), directory, directory.resolve("prometheus.log")));
        Prometheus prometheus = new Prometheus("http://" + address, process);
        try {
            process.awaitOk(prometheus.url + "/-/ready", START_LIMIT);
        } catch (RuntimeException e) {
            process.close();
            throw e;
        }
        return prometheus;
    }

    /** The samples that a query has now; fails if it is none. */
    JsonNode query(String expression) throws IOException {
        Reply reply = http.get(url + "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        assertEquals(200, reply.status(), () -> expression + ": " + reply);
        return reply.json().path("data").path("result");
    }

    /** The alerts, with their state and health. */
    JsonNode rules() throws IOException {
        Reply reply = http.get(url + "/api/v1/rules?type=alert");
        assertEquals(200, reply.status(), reply::toString);
        return reply.json().path("data").path("groups").path(0).path("rules");
    }

    @Override
    public void close() {
        process.close();
    }
}
