package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Patroni keeps a PostgreSQL available with three nodes in Tomcats as its store, through what happens to hosts: see
 * {@code src/test/patroni/proof.py}. All scenarios take ten minutes: {@code mvn verify -Ppatroni}.
 */
@Alone
@Timeout(value = 30, unit = TimeUnit.MINUTES)
final class PatroniIT {
    private static final Duration LIMIT = Duration.ofMinutes(25);
    private static final String PYTHON = "/usr/bin/python3";

    @Test
    void noAcknowledgedRowIsLostAndEachTimelineHasOneWriter() throws IOException {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/patroni"))
                        && Files.isDirectory(Path.of("/usr/lib/postgresql/15/bin"))
                        && Tool.run(Path.of("/"), "", PYTHON, "-c", "import consul, psycopg2")
                                        .exit()
                                == 0,
                "apt-get install patroni python3-consul python3-psycopg2 postgresql-15");
        Path directory = Files.createDirectories(Build.directory("patroni"));
        Path plan =
                Files.writeString(directory.resolve("plan.json"), new JsonMapper().writeValueAsString(plan(directory)));
        // PostgreSQL runs as another user than root, who may not reach the build's directory.
        Path hosts = Path.of("/tmp", "raftkv-patroni-" + System.nanoTime());
        List<String> words = new ArrayList<>(List.of(
                PYTHON, Build.source("src/test/patroni/proof.py").toString(), plan.toString(), hosts.toString()));
        words.addAll(List.of(System.getProperty("patroni.scenarios").trim().split(" +")));
        Tool.Result result;
        try {
            result = Tool.run(LIMIT, directory, "", words);
            keepLogs(hosts, directory);
        } finally {
            FileTree.delete(hosts);
        }
        Files.writeString(directory.resolve("proof.log"), result.output());
        assertEquals(0, result.exit(), result::output);
        assertTrue(result.output().endsWith("passed\n"), result::output);
    }

    private static void keepLogs(Path from, Path to) throws IOException {
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(from, "*.log")) {
            for (Path log : logs) {
                Files.copy(log, to.resolve(log.getFileName().toString()));
            }
        }
    }

    private static List<Map<String, Object>> plan(Path directory) throws IOException {
        List<Integer> ports = FreePorts.take(6);
        String all = ports.subList(0, 3).stream()
                .map(port -> "http://127.0.0.1:" + port)
                .collect(Collectors.joining(","));
        List<Map<String, Object>> plan = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Path base = Files.createDirectories(directory.resolve("node" + (i + 1)));
            NodeSpec spec = new NodeSpec("node" + (i + 1), ports.get(i), ports.get(3 + i), base.resolve("data"));
            ServerCommand command = Container.TOMCAT_11.node(spec, base).with("RAFT_JOIN", all);
            plan.add(Map.of(
                    "words", command.words(),
                    "environment", command.environment(),
                    "directory", base.toString(),
                    "url", spec.url("")));
        }
        return plan;
    }
}
