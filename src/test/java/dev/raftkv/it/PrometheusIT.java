package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.PrivateFiles;
import dev.raftkv.testkit.ServerCluster;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import dev.raftkv.testkit.Tool;
import dev.raftkv.testkit.WarProgram;
import dev.raftkv.testkit.WarProgram.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The metrics, the alerts and the dashboard, checked by the programs that read them. */
final class PrometheusIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Http http = Http.following(Duration.ofSeconds(20));
    private final Path rules = Build.deploy().resolve("prometheus");

    @BeforeAll
    static void requireTools() {
        assumeTrue(
                Tool.isInstalled("promtool") && Tool.isInstalled("prometheus"),
                "promtool and prometheus are not installed: apt-get install prometheus");
    }

    @Test
    void theRulesAreValidAndFireWhenTheyShould() throws IOException {
        Path files = Build.directory("prometheus-files");
        FileTree.copy(rules, files);
        Files.writeString(files.resolve("token"), "a token");
        assertPasses(Tool.run(files, "", "promtool", "check", "config", "prometheus.yml"));
        assertPasses(Tool.run(files, "", "promtool", "test", "rules", "alerts-test.yml"));
    }

    @Test
    void everyQueryOfDashboardAndAlertsFindsDataInARealCluster() throws IOException {
        Path directory = Build.directory("prometheus");
        try (ServerCluster cluster = ServerCluster.start(Container.JETTY_12_1, "prometheus-nodes")) {
            cluster.joinAll();
            List<Integer> ports = IntStream.range(0, ServerCluster.SIZE)
                    .map(node -> cluster.spec(node).httpPort())
                    .boxed()
                    .toList();
            try (Prometheus prometheus = Prometheus.start(directory, ports, "open nodes ask for none")) {
                awaitScrapes(prometheus, cluster);
                for (int node = 0; node < ServerCluster.SIZE; node++) {
                    assertCleanMetrics(cluster.url(node, "/metrics"));
                }
                for (String query : dashboardQueries()) {
                    eventually(SOON, () -> assertHasData(prometheus, query));
                }
                assertWell(prometheus);
            }
        }
    }

    @Test
    void aTokenOfTheRoleMetricsIsWhatItTakesToScrapeAProtectedNode() throws IOException {
        Path directory = Build.directory("prometheus-token");
        List<Integer> ports = FreePorts.take(2);
        NodeSpec node = new NodeSpec("node1", ports.get(0), ports.get(1), directory.resolve("data"));
        Token token = WarProgram.token("prometheus", "metrics");
        Path tokens = PrivateFiles.write(Files.createDirectories(directory).resolve("tokens"), token.line() + "\n");
        ServerCommand command = new ExecutableWar(Build.war(), Build.deploy())
                .node(node, directory.resolve("node"))
                .with("RAFT_AUTH", tokens.toString());
        String up = "up{instance=\"127.0.0.1:" + node.httpPort() + "\"}";
        try (ServerProcess server = ServerProcess.start(command)) {
            server.awaitOk(node.url("/health/ready"), SOON);
            assertEquals(401, http.get(node.url("/metrics")).status());
            for (String shown : List.of(token.token(), "another")) {
                try (Prometheus prometheus =
                        Prometheus.start(directory.resolve(shown), List.of(node.httpPort()), shown)) {
                    int expected = shown.equals(token.token()) ? 1 : 0;
                    eventually(
                            SOON,
                            () -> assertEquals(
                                    1, prometheus.query(up + " == " + expected).size(), shown));
                }
            }
            server.stop();
        }
    }

    /** Rates need two samples, before and after some work. */
    private void awaitScrapes(Prometheus prometheus, ServerCluster cluster) {
        eventually(
                SOON,
                () -> assertTrue(prometheus.query("count_over_time(up[5m]) > 2").size() == 3));
        eventually(SOON, () -> {
            work(cluster);
            JsonNode writes = prometheus.query(
                    "sum(rate(raftkv_http_requests_total{route=\"/store\",method=\"POST\",status=\"2xx\"}[30s])) > 0");
            assertEquals(1, writes.size());
        });
    }

    private void work(ServerCluster cluster) throws IOException {
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            Reply stored = http.post(cluster.url(node, "/store"), "{\"key\":\"k" + node + "\",\"value\":1}");
            assertEquals(200, stored.status(), stored::toString);
            http.get(cluster.url(node, "/store/k" + node));
            http.get(cluster.url(node, "/store/absent"));
        }
    }

    /** promtool says nothing of metrics that follow all its rules. */
    private void assertCleanMetrics(String url) throws IOException {
        Reply reply = http.get(url);
        assertEquals(200, reply.status(), reply::toString);
        Tool.Result result = Tool.run(rules, reply.text(), "promtool", "check", "metrics");
        assertEquals(new Tool.Result(0, ""), result);
    }

    private static List<String> dashboardQueries() throws IOException {
        JsonNode dashboard = new JsonMapper()
                .readTree(
                        Build.deploy().resolve("grafana").resolve("raftkv.json").toFile());
        List<String> queries = new ArrayList<>();
        for (JsonNode panel : dashboard.path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                queries.add(target.path("expr")
                        .asText()
                        .replace("$job", "raftkv")
                        .replace("$instance", ".*")
                        .replace("$__rate_interval", "60s"));
            }
        }
        assertTrue(queries.size() > 20, queries::toString);
        return queries;
    }

    private static void assertHasData(Prometheus prometheus, String query) throws IOException {
        JsonNode samples = prometheus.query(query);
        assertFalse(samples.isEmpty(), () -> "no data for " + query);
        assertTrue(
                StreamSupport.stream(samples.spliterator(), false)
                        .anyMatch(
                                sample -> !sample.path("value").path(1).asText().equals("NaN")),
                () -> "no number for " + query + ": " + samples);
    }

    /** Every rule was evaluated, and none found anything wrong. */
    private static void assertWell(Prometheus prometheus) {
        eventually(SOON, () -> {
            JsonNode rules = prometheus.rules();
            assertTrue(rules.size() > 10, rules::toString);
            for (JsonNode rule : rules) {
                assertEquals("ok", rule.path("health").asText(), rule::toString);
                assertEquals("inactive", rule.path("state").asText(), rule::toString);
            }
        });
    }

    private static void assertPasses(Tool.Result result) {
        assertEquals(0, result.exit(), result::output);
    }
}
