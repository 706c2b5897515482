package dev.raftkv.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.ops.HttpMeter;
import dev.raftkv.tls.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricNamesTest {
    private static final Path DEPLOY = Path.of("deploy");

    @Test
    void everyMetricThatAFileNamesExists(@TempDir Path directory) throws IOException {
        Set<String> known = names(metricsOfANodeThatIsNotStarted(directory), "(?m)^# TYPE (\\S+)");
        assertTrue(known.size() > 40, known::toString);

        for (Path file : List.of(
                DEPLOY.resolve("prometheus/alerts.yml"),
                DEPLOY.resolve("prometheus/README.md"),
                DEPLOY.resolve("grafana/raftkv.json"))) {
            Set<String> named =
                    names(Files.readString(file), "\\b((?:raftkv|jvm|process)_[a-z_]+[a-z])\\b(?!_\\*)").stream()
                            .map(name -> name.replaceFirst("_(bucket|sum|count)$", ""))
                            .collect(Collectors.toCollection(TreeSet::new));
            assertTrue(named.size() > 10, named::toString);
            named.removeAll(known);
            assertEquals(Set.of(), named, file::toString);
        }
    }

    @Test
    void theBuildSaysItsVersion(@TempDir Path directory) {
        Set<String> info = names(metricsOfANodeThatIsNotStarted(directory), "(?m)^(raftkv_build_info\\{.*} 1)$");

        assertEquals(1, info.size());
        assertTrue(
                info.iterator().next().matches("raftkv_build_info\\{version=\"[0-9]+\\.[0-9]+.*\",node_id=\"a\"} 1"),
                info::toString);
    }

    /** One that has certificates: it tells when they end. */
    private static String metricsOfANodeThatIsNotStarted(Path directory) {
        try (NodeCluster cluster = new NodeCluster(directory).withTls(TestCertificates.in(directory.resolve("tls")))) {
            Node node = new Node(cluster.config("a"), false);
            return node.metrics().text(new HttpMeter(Map.of()));
        }
    }

    private static Set<String> names(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult found) -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
