package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Nginx;
import dev.raftkv.testkit.NodeCommand;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCluster;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Postman collection, run against three real nodes, in each way that nodes can be run. */
final class PostmanIT {
    private static final Path COLLECTION = postman("raftkv.postman_collection.json");
    private static final Path ENVIRONMENT = postman("three-nodes.postman_environment.json");
    private static final int MANY = 300;
    private static final NodeCommand PROGRAM = (node, base) ->
            new ExecutableWar(Build.war(), Build.deploy()).node(node, base).with("JDK_JAVA_OPTIONS", Build.SHORT_LIFE);

    private static Newman newman;

    @BeforeAll
    static void requireTools() throws IOException {
        assumeTrue(
                Tool.isInstalled("node") && Tool.isInstalled("npm"),
                "node and npm are not installed: apt-get install nodejs npm");
        newman = Newman.install();
    }

    private record Way(String name, NodeCommand servers) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Way> ways() {
        return Stream.of(
                new Way("jetty-12.1", Container.JETTY_12_1),
                new Way("tomcat-10.1", Container.TOMCAT_10_1),
                new Way("tomcat-11", Container.TOMCAT_11));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void everyAssertionHoldsOnFreshNodes(Way way) throws IOException {
        try (ServerCluster nodes = ServerCluster.start(way.servers(), "postman-" + way)) {
            assertPassesWhole(variables(nodes, node -> nodes.url(node, "")));
        }
    }

    /** What is the collection's own is shown by nodes of one kind: that it can be run again, there behind nginx, and can fail. */
    @Test
    void everyAssertionHoldsOnFreshNodesOfTheProgramAndBehindNginxOnJoinedOnes() throws IOException {
        assumeTrue(Nginx.isInstalled(), "nginx is not installed: apt-get install nginx-light");
        List<String> names = new ArrayList<>();
        folders().forEach(folder -> names.add(folder.path("name").asText()));
        try (ServerCluster nodes = Nginx.cluster(PROGRAM, "postman-program");
                Nginx nginx = Nginx.start(Build.directory("postman-nginx"), nodes)) {
            assertPassesWhole(variables(nodes, node -> nodes.url(node, "")));

            Map<String, String> variables = variables(nodes, node -> nginx.url(node, ""));
            List<String> withoutTheFirst = names.subList(1, names.size());
            assertPasses(newman.run(COLLECTION, ENVIRONMENT, variables, withoutTheFirst));

            // It can fail: the nodes are asked for another name than theirs.
            variables.put("node2_id", "another");
            List<String> health = List.of(names.get(4));
            Newman.Report mistaken = newman.run(COLLECTION, ENVIRONMENT, variables, health);
            assertEquals(1, mistaken.exit(), mistaken::toString);
            assertFalse(mistaken.failures().isEmpty());
        }
    }

    private static void assertPassesWhole(Map<String, String> variables) throws IOException {
        Newman.Report report = newman.run(COLLECTION, ENVIRONMENT, variables, List.of());
        assertPasses(report);
        assertEquals(requests(folders()), report.requests());
    }

    private static JsonNode folders() throws IOException {
        return new JsonMapper().readTree(COLLECTION.toFile()).path("item");
    }

    private static Map<String, String> variables(ServerCluster nodes, IntFunction<String> urls) {
        Map<String, String> variables = new HashMap<>();
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            NodeSpec spec = nodes.spec(node);
            String name = "node" + (node + 1);
            variables.put(name + "_url", urls.apply(node));
            variables.put(name + "_raft", spec.raftAddress());
            variables.put(name + "_id", spec.nodeId());
        }
        return variables;
    }

    private static void assertPasses(Newman.Report report) {
        assertTrue(report.failures().isEmpty(), () -> "\n" + String.join("\n", report.failures()));
        assertEquals(0, report.exit());
        assertTrue(report.assertions() > MANY, () -> report.assertions() + " assertions");
    }

    /** The names of the requests below these items. */
    private static Set<String> requests(JsonNode items) {
        Set<String> names = new TreeSet<>();
        for (JsonNode item : items) {
            if (item.has("item")) {
                names.addAll(requests(item.path("item")));
            } else {
                names.add(item.path("name").asText());
            }
        }
        return names;
    }

    private static Path postman(String file) {
        return Build.deploy().resolve("postman").resolve(file);
    }
}
