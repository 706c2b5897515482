package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The README's curl examples, run by a shell as they stand; only the ports are those of the test. */
final class ReadmeExamplesIT {
    private static final String NATIVE = "examples";
    private static final String CONSUL = "consul";
    private static final Pattern VALUE = Pattern.compile("\"error\":\"[^\"]*\"");

    @Test
    void examplesDoWhatTheySay() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no shell");
        try (ServerCluster cluster = ServerCluster.start(Container.JETTY_12_1, "readme")) {
            cluster.joinAll();
            String output = run(cluster, NATIVE);

            List<String> errors = VALUE.matcher(output)
                    .results()
                    .map(result -> result.group())
                    .toList();
            assertEquals(1, errors.size(), () -> "errors " + errors + " in\n" + output);
            assertTrue(errors.get(0).contains("precondition does not hold"), output);
            for (String expected : List.of(
                    "\"jdbc:one\"",
                    "Raft-Consistency: linearizable",
                    "rel=\"next\"",
                    "[\"app/db/url\",\"app/db/user\"]",
                    "{\"count\":2}",
                    "Store-TTL: 60",
                    "\"name\":\"worker-1\",\"ttl\":15,\"behavior\":\"delete\",\"lock_delay\":0,\"keys\":1",
                    "\"value\":\"worker-1\",\"session\":\"",
                    ",\"results\":[{\"put\":\"report\"",
                    "\"data\":{\"key\":\"lock/report\",\"value\":null}",
                    "\"data\":{\"key\":\"pool/001\",\"value\":\"worker-1\",\"session\":",
                    "success ending session",
                    "\"removed\":1",
                    "\"succeeded\":true,\"results\":[{\"put\":\"blue\"",
                    "{\"put\":\"lock/job\"",
                    "{\"delete\":\"lock/job\",\"existed\":true}",
                    "{\"delete_prefix\":\"staging/\",\"removed\":2},{\"put\":\"live/color\",",
                    "{\"key\":\"visits\",\"value\":5}",
                    "{\"key\":\"visits\",\"value\":3}",
                    "{\"add\":\"visits\",\"value\":4,",
                    "\"prev\":{\"exists\":true,\"value\":\"ada\",",
                    "\"existed\":true,\"prev\":{\"exists\":true,\"value\":\"grace\",",
                    "\"prev\":{\"exists\":false}",
                    "\"bytes\":67108864,\"prev\":true}}}",
                    "\"key\":\"app/level\",\"value\":\"debug\",",
                    ",\"prev\":{\"exists\":true,\"value\":\"debug\",",
                    "201 Created",
                    "Location: store?key=queue%2F",
                    "\"value\":{\"job\": \"mail\"}",
                    "event: put",
                    "\"last_event_id\":")) {
                assertTrue(output.contains(expected), () -> "no " + expected + " in\n" + output);
            }
            assertFalse(output.contains("\"succeeded\":false"), output);
            assertConsulsClientsAreServed(cluster);
        }
    }

    private static void assertConsulsClientsAreServed(ServerCluster cluster) throws Exception {
        Http http = Http.plain(Duration.ofSeconds(10));
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            String keys = cluster.url(node, "/v1/kv/?keys");
            // Not before all members of the cluster are known to know these clients.
            eventually(
                    Duration.ofSeconds(30),
                    () -> assertEquals(200, http.get(keys).status()));
        }
        String output = run(cluster, CONSUL);
        assertEquals(4, output.split("true\\+", -1).length - 1, output);
        for (String expected : List.of(
                "blue+",
                "\"LockIndex\":1,\"Key\":\"app/lock\",\"Flags\":0,\"Value\":\"d29ya2VyLTE=\",\"Session\":\"",
                "\"Key\":\"app/color\",\"Flags\":0,\"Value\":\"Ymx1ZQ==\"")) {
            assertTrue(output.contains(expected), () -> "no " + expected + " in\n" + output);
        }
        Matcher index = Pattern.compile("index=(\\d+)&wait=1s").matcher(output);
        assertTrue(index.find(), output);
        assertTrue(output.contains("X-Consul-Index: " + index.group(1)), output);
    }

    /** The indented lines of the section, in order. */
    private static String script(ServerCluster cluster, String section) throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String examples = readme.substring(
                        readme.indexOf("<!-- " + section + " -->"), readme.indexOf("<!-- /" + section + " -->"))
                .lines()
                .filter(line -> line.startsWith("    "))
                .map(line -> line.substring(4))
                .collect(Collectors.joining("\n"));
        Matcher port = Pattern.compile("localhost:222([123])").matcher(examples);
        String local = port.replaceAll(
                match -> cluster.url(Integer.parseInt(match.group(1)) - 1, "").replace("http://", ""));
        return "set -eu\ncurl() { command curl --silent --show-error --max-time 20 \"$@\"; }\n" + local + "\n";
    }

    private static String run(ServerCluster cluster, String section) throws IOException, InterruptedException {
        Path script = Build.directory("readme-examples").resolve(section + ".sh");
        Files.createDirectories(script.getParent());
        Files.writeString(script, script(cluster, section));
        Path log = script.resolveSibling(section + ".log");
        Process shell = new ProcessBuilder("/bin/sh", "-x", script.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertTrue(shell.waitFor(120, TimeUnit.SECONDS), "the examples did not end");
        } finally {
            shell.destroyForcibly();
        }
        String output = Files.readString(log);
        assertEquals(0, shell.exitValue(), output);
        return output;
    }
}
