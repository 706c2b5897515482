package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static dev.raftkv.rest.Problem.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Code;
import dev.raftkv.ops.Vitals;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpsResourceTest {
    private static final Optional<String> NONE = Optional.empty();

    @TempDir
    private Path directory;

    private RestServer server;
    private RawHttp http;

    @BeforeEach
    void start() {
        server = new RestServer(directory.resolve("store"), "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT);
        http = server.http();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void healthOfANodeThatIsWell() {
        assertOk("{\"message\":\"this node is live\"}", http.get("/health/live"));
        assertOk("{\"message\":\"this node is ready\"}", http.get("/health/ready"));
        assertOk(
                "{\"message\":\"this node is live\",\"checks\":[{\"check\":\"failure\",\"passed\":true}]}",
                http.get("/health/live?verbose"));
        assertOk(
                "{\"message\":\"this node is ready\",\"checks\":[{\"check\":\"stopping\",\"passed\":true},"
                        + "{\"check\":\"member\",\"passed\":true},{\"check\":\"joining\",\"passed\":true},"
                        + "{\"check\":\"leader\",\"passed\":true},{\"check\":\"lag\",\"passed\":true},"
                        + "{\"check\":\"progress\",\"passed\":true},{\"check\":\"disk\",\"passed\":true}]}",
                http.get("/health/ready?verbose"));
        assertOk("{\"message\":\"this node is live\"}", http.get("/health/live?verbose=false"));
        assertOk("{\"message\":\"this node is ready\"}", http.get("/health/ready?verbose=false"));
        assertInvalid("verbose is neither true nor false: no", http.get("/health/ready?verbose=no"));
    }

    @Test
    void aNodeThatIsNotReadyNamesEachCheckThatFailed() {
        server.vitals = new Vitals(NONE, NONE, Optional.of("the disk is full"), NONE, NONE, 0, NONE);
        server.replicator.follow(NONE, NONE);
        String leader = "no leader is known (this node reaches 1 of 2 voting members, itself included, and it takes 2)";

        assertOk("{\"message\":\"this node is live\"}", http.get("/health/live"));
        assertProblem(
                503,
                "Service Unavailable",
                "this node is not ready: " + leader + "; the disk is full",
                ",\"checks\":[{\"check\":\"leader\",\"passed\":false,\"reason\":\"" + leader + "\"},"
                        + "{\"check\":\"disk\",\"passed\":false,\"reason\":\"the disk is full\"}]",
                http.get("/health/ready"));
        assertTrue(
                http.get("/health/ready?verbose").body().contains("{\"check\":\"lag\",\"passed\":true}"),
                () -> http.get("/health/ready?verbose").body());
    }

    @Test
    void aNodeThatAFailureHasStoppedIsNotLive() {
        server.vitals = new Vitals(Optional.of("the disk broke"), NONE, NONE, NONE, NONE, 0, NONE);

        assertProblem(
                503,
                "Service Unavailable",
                "this node is not live: the disk broke",
                ",\"checks\":[{\"check\":\"failure\",\"passed\":false,\"reason\":\"the disk broke\"}]",
                http.get("/health/live"));
    }

    @Test
    void otherParametersAreRefused() {
        assertInvalid("unknown query parameter \\\"x\\\": this request knows verbose", http.get("/health/ready?x"));
        assertInvalid("unknown query parameter \\\"x\\\": this request knows none", http.get("/metrics?x"));
    }

    @Test
    void metricsAreTextThatPrometheusReads() {
        Answer answer = http.get("/metrics");

        assertEquals(200, answer.status());
        assertEquals("text/plain; version=0.0.4; charset=utf-8", answer.header("content-type"));
        assertEquals("no-store", answer.header("cache-control"));
        assertTrue(answer.body().startsWith("# HELP raftkv_test A test.\n# TYPE raftkv_test gauge\nraftkv_test 1\n"));
        assertTrue(samples(answer.body()).size() > 20, answer::body);
    }

    @Test
    void everyRequestIsCountedOnceWhicheverWayItGoes() {
        http.post("/store", "{\"key\":\"k\",\"value\":1}");
        http.post("/store", "{\"key\"");
        http.post("/store/", "{\"key\":\"k\",\"value\":2}");
        http.get("/store/k");
        http.get("/store?key=k");
        http.get("/store/absent");
        http.delete("/store/k");
        http.get("/nothing");
        http.send("PUT", "/raft/join", "Content-Length: 0\r\n");
        server.replicator.writesFail(Code.OUTCOME_UNKNOWN, "nobody knows");
        http.post("/store", "{\"key\":\"k\",\"value\":3}");

        Map<String, Double> samples = samples(http.get("/metrics").body());
        assertCount(2, "/store", "POST", "2xx", samples);
        assertCount(1, "/store", "POST", "4xx", samples);
        assertCount(1, "/store", "POST", "5xx", samples);
        assertCount(1, "/store/{key}", "GET", "2xx", samples);
        assertCount(1, "/store", "GET", "2xx", samples);
        assertCount(1, "/store/{key}", "GET", "4xx", samples);
        assertCount(1, "/store/{key}", "DELETE", "2xx", samples);
        assertCount(2, "other", "other", "4xx", samples);
        assertCount(0, "/metrics", "GET", "2xx", samples);
        assertEquals(4, samples.get("raftkv_http_request_duration_seconds_count{route=\"/store\",method=\"POST\"}"));
        assertTrue(
                samples.get("raftkv_http_request_duration_seconds_sum{route=\"/store\",method=\"POST\"}") > 0,
                samples::toString);
    }

    private static void assertCount(
            int expected, String route, String method, String status, Map<String, Double> samples) {
        String name =
                "raftkv_http_requests_total{route=\"%s\",method=\"%s\",status=\"%s\"}".formatted(route, method, status);
        assertEquals(expected, samples.get(name), () -> name + " in " + samples);
    }

    /** All samples; fails if a line is not of the format, a metric is described twice, or a sample occurs twice. */
    private static Map<String, Double> samples(String text) {
        Map<String, Double> samples = new HashMap<>();
        Set<String> described = new HashSet<>();
        String label = "[a-z_]+=\"[^\"\\\\\n]*\"";
        for (String line : text.split("\n")) {
            if (line.startsWith("# ")) {
                assertTrue(line.matches("# (HELP [a-z_]+ .+\\.|TYPE [a-z_]+ (counter|gauge|histogram|summary))"), line);
                assertTrue(described.add(line.replaceAll("^(# [A-Z]+ [a-z_]+) .*", "$1")), line);
            } else {
                assertTrue(line.matches("[a-z_]+(\\{" + label + "(," + label + ")*})? \\S+"), line);
                int space = line.lastIndexOf(' ');
                assertEquals(
                        null,
                        samples.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1))),
                        line);
            }
        }
        return samples;
    }
}
