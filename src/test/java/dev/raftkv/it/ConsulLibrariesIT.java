package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.Maven;
import dev.raftkv.testkit.NpmProgram;
import dev.raftkv.testkit.ServerCluster;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Libraries that people use with Consul, as their users would use them, at a node that does not lead. */
@Timeout(600)
final class ConsulLibrariesIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int FOLLOWER = 1;

    /** Debian's own, for which it has its libraries. */
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    private static ServerCluster cluster;
    private static Path java;

    @BeforeAll
    static void start() throws IOException {
        cluster = ConsulNodes.start("consul-clients");
        java = Build.directory("consul-java");
        FileTree.copy(Build.source("src/test/consul/java"), java);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void consulApiOfEcwid() throws IOException {
        ofJava("Ecwid");
    }

    @Test
    void consulClientOfKiwiproject() throws IOException {
        ofJava("Kiwi");
    }

    private static void ofJava(String program) throws IOException {
        String output = Maven.run(java, "compile", "exec:java", "-Dexec.mainClass=" + program, "-Dexec.args=" + port());
        assertTrue(output.contains(program + ": passed"), output);
    }

    @Test
    void consulOfNpm() throws IOException {
        assumeTrue(Tool.isInstalled("npm"), "npm is not installed: apt-get install nodejs npm");
        Path directory = NpmProgram.library("src/test/consul/npm", "consul");
        assertPasses(directory, List.of("node", "client.js", port()));
    }

    @Test
    void pythonConsul() throws IOException {
        assumeTrue(
                Files.isExecutable(PYTHON)
                        && Tool.run(Path.of("/"), "", PYTHON.toString(), "-c", "import consul")
                                        .exit()
                                == 0,
                "python-consul is not installed: apt-get install python3-consul");
        assertPasses(
                Path.of("/"),
                List.of(
                        PYTHON.toString(),
                        Build.source("src/test/consul/client.py").toString(),
                        port()));
    }

    /** The application of {@code deploy/spring}, as its README says. */
    @Test
    void springTakesItsConfigurationAndHearsOfItsChanges() throws IOException {
        Path directory = Build.directory("spring");
        FileTree.copy(Build.deploy().resolve("spring"), directory);
        Maven.run(directory, "package");
        Http http = Http.following(LIMIT);
        put(http, "/v1/kv/config/greeter/greeting", "hello");
        ServerCommand command = new ServerCommand(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        "target/raftkv-spring.jar"),
                Map.of("RAFTKV", "127.0.0.1:" + port(), "JDK_JAVA_OPTIONS", Build.SHORT_LIFE),
                directory,
                directory.resolve("greeter.log"));
        try (ServerProcess greeter = ServerProcess.start(command)) {
            eventually(LIMIT, () -> assertTrue(greeter.log().contains("greeting: hello\n"), greeter::log));
            put(http, "/v1/kv/config/greeter/greeting", "good morning");
            eventually(LIMIT, () -> assertTrue(greeter.log().contains("greeting: good morning\n"), greeter::log));
            // A value of the native interface is the text of a setting too.
            Reply json = http.put(cluster.url(0, "/store?key=config/greeter/greeting"), "42");
            assertEquals(200, json.status(), json::toString);
            eventually(LIMIT, () -> assertTrue(greeter.log().contains("greeting: 42\n"), greeter::log));
        }
    }

    private static void put(Http http, String path, String value) throws IOException {
        Reply reply = http.put(cluster.url(FOLLOWER, path), value);
        assertEquals("200 true", reply.status() + " " + reply.text());
    }

    private static String port() {
        return Integer.toString(cluster.spec(FOLLOWER).httpPort());
    }

    private static void assertPasses(Path directory, List<String> words) throws IOException {
        Tool.Result result = Tool.run(LIMIT, directory, "", words);
        assertEquals(0, result.exit(), result::output);
    }
}
