package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import dev.raftkv.testkit.Tomcat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three nodes as three contexts of one Tomcat, by the files of deploy/tomcat, undeployed and deployed again and again. */
final class TomcatThreeContextsIT {
    private static final int NODES = 3;

    /** Each node twice; what one round leaves behind is seen at the end. */
    private static final int ROUNDS = 6;

    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration SOON = Duration.ofSeconds(40);

    /** What Tomcat says about an application that leaves something behind. */
    private static final Pattern LEAK = Pattern.compile("appears to have started a thread|created a ThreadLocal"
            + "|failed to unregister|failed to stop|has not been stopped|very likely to create a memory leak"
            + "|Illegal access: this web application instance has been stopped");

    private final Http http = Http.following(Duration.ofSeconds(15));
    private Path base;
    private int port;
    private List<Integer> raftPorts;
    private ServerProcess server;

    @BeforeEach
    void choosePorts() throws IOException {
        List<Integer> ports = FreePorts.take(1 + NODES);
        port = ports.get(0);
        raftPorts = ports.subList(1, ports.size());
    }

    @AfterEach
    void end() {
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @Timeout(600)
    @ValueSource(strings = {"tomcat10.home", "tomcat11.home"})
    void nodesComeAndGoWithoutALeakAndWithTheirData(String home) throws IOException {
        start(home);
        join();
        new ServedPages(Http.plain(SOON), url(2, "")).check();
        WebApplications applications = new WebApplications(server, base);
        List<String> openFiles = applications.openFiles();
        for (int round = 1; round <= ROUNDS; round++) {
            redeploy(1 + round % NODES, "key" + round);
        }
        eventually(SOON, () -> assertEquals(NODES, applications.classLoaders()));
        eventually(SOON, () -> assertEquals(openFiles, applications.openFiles()));
        server.stop();
        assertNothingReported();
    }

    private void start(String home) throws IOException {
        base = Build.directory("three-contexts-" + home);
        ServerCommand command = new Tomcat(Build.server(home), Build.deploy()).threeContexts(base, Build.war());
        for (int node = 1; node <= NODES; node++) {
            FileTree.replace(descriptor(node), "\"111" + node + "\"", "\"" + raftPorts.get(node - 1) + "\"");
            FileTree.replace(descriptor(node), "\"8080\"", "\"" + port + "\"");
        }
        Path serverXml = base.resolve("conf").resolve("server.xml");
        FileTree.replace(serverXml, "port=\"8005\"", "port=\"-1\"");
        FileTree.replace(serverXml, "port=\"8080\"", "port=\"" + port + "\"");
        FileTree.replace(serverXml, "<Engine ", "<Engine backgroundProcessorDelay=\"1\" ");
        server = ServerProcess.start(
                command.with("JAVA_OPTS", Build.SHORT_LIFE + " " + WebApplications.NO_SOFT_REFERENCES));
        for (int node = 1; node <= NODES; node++) {
            server.awaitOk(url(node, "/raft/stats"), START_LIMIT);
        }
    }

    private void join() throws IOException {
        for (int node = 2; node <= NODES; node++) {
            String body = "{\"node_id\": \"node" + node + "\", \"raft_address\": \"127.0.0.1:" + raftPorts.get(node - 1)
                    + "\"}";
            Reply reply = eventually(SOON, () -> {
                Reply answer = http.post(url(1, "/raft/join"), body);
                assertEquals(200, answer.status(), answer::toString);
                return answer;
            });
            assertEquals("Leader", reply.json().path("data").path("state").asText());
        }
    }

    private void redeploy(int node, String key) throws IOException {
        Path descriptor = descriptor(node);
        String content = Files.readString(descriptor);
        Files.delete(descriptor);
        eventually(
                SOON, () -> assertEquals(404, http.get(url(node, "/raft/stats")).status()));

        int other = 1 + node % NODES;
        eventually(SOON, () -> {
            Reply reply = http.post(url(other, "/store"), "{\"key\": \"" + key + "\", \"value\": " + node + "}");
            assertEquals(200, reply.status(), reply::toString);
            // Both ask other nodes from a thread of Tomcat's.
            Reply read = http.get(url(other, "/store/" + key + "?consistency=linearizable"));
            assertEquals(200, read.status(), read::toString);
        });

        Files.writeString(descriptor, content);
        for (String stored : List.of("key1", key)) {
            eventually(SOON, () -> {
                Reply reply = http.get(url(node, "/store/" + stored));
                assertEquals(200, reply.status(), reply::toString);
            });
        }
        assertTrue(Files.exists(base.resolve("raftkv.war")), "Tomcat has deleted the WAR");
    }

    private void assertNothingReported() {
        Matcher leak = LEAK.matcher(server.log());
        assertTrue(!leak.find(), () -> "Tomcat reports: " + leak.group() + "; see " + base.resolve("logs"));
    }

    private Path descriptor(int node) {
        return base.resolve("conf").resolve("Catalina").resolve("localhost").resolve("node" + node + ".xml");
    }

    private String url(int node, String path) {
        return "http://127.0.0.1:" + port + "/node" + node + path;
    }
}
