package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.Jetty;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import dev.raftkv.testkit.Tomcat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node that is deployed again and again in a server that goes on leaves nothing of its lives before in the server. */
@Timeout(600)
final class RedeployIT {

    /** What one of them leaves behind is seen at the end. */
    private static final int ROUNDS = 5;

    private static final Duration SOON = Duration.ofSeconds(90);

    private final Http http = Http.plain(Duration.ofSeconds(15));
    private final NodeSpec spec;
    private final Path base;

    RedeployIT() throws IOException {
        List<Integer> ports = FreePorts.take(2);
        this.base = Build.directory("redeploy");
        this.spec = new NodeSpec("node1", ports.get(0), ports.get(1), base.resolve("data"));
    }

    @Test
    void nothingIsLeftInTomcat() throws IOException {
        ServerCommand command = new Tomcat(Build.server("tomcat11.home"), Build.deploy()).node(spec, base, Build.war());
        Path serverXml = base.resolve("conf").resolve("server.xml");
        FileTree.replace(serverXml, "autoDeploy=\"false\"", "autoDeploy=\"true\"");
        FileTree.replace(serverXml, "<Engine ", "<Engine backgroundProcessorDelay=\"1\" ");
        redeploy(
                command.with("JAVA_OPTS", Build.SHORT_LIFE + " " + WebApplications.NO_SOFT_REFERENCES),
                base.resolve("webapps").resolve("ROOT.war"));
    }

    @Test
    void nothingIsLeftInJetty() throws IOException {
        ServerCommand command = new Jetty(Build.server("jetty.home"), Build.deploy()).node(spec, base, Build.war());
        List<String> words = new ArrayList<>(command.words());
        words.add("jetty.deploy.scanInterval=1");
        ServerCommand scanning = new ServerCommand(words, command.environment(), base, command.log());
        redeploy(
                scanning.with("JDK_JAVA_OPTIONS", Build.SHORT_LIFE + " " + WebApplications.NO_SOFT_REFERENCES),
                base.resolve("webapps").resolve("raftkv.xml"));
    }

    /** @param deployed the file whose coming and going the server follows */
    private void redeploy(ServerCommand command, Path deployed) throws IOException {
        Path aside = base.resolve("aside");
        try (ServerProcess server = ServerProcess.start(command)) {
            server.awaitOk(spec.url("/health/ready"), SOON);
            WebApplications applications = new WebApplications(server, base);
            use(0);
            assertEquals(1, applications.classLoaders());
            List<String> openFiles = List.of();
            for (int round = 1; round <= ROUNDS; round++) {
                Files.move(deployed, aside);
                eventually(
                        SOON,
                        () -> assertEquals(
                                404, http.get(spec.url("/raft/stats")).status()));
                Files.move(aside, deployed, StandardCopyOption.ATOMIC_MOVE);
                server.awaitOk(spec.url("/health/ready"), SOON);
                use(round);
                if (round == 1) {
                    openFiles = applications.openFiles();
                }
            }
            eventually(SOON, () -> assertEquals(1, applications.classLoaders()));
            List<String> before = openFiles;
            eventually(SOON, () -> assertEquals(before, applications.openFiles()));
            server.stop();
        }
    }

    /** What it stored in its life before is there. */
    private void use(int round) throws IOException {
        if (round > 0) {
            assertEquals(
                    Integer.toString(round - 1),
                    http.get(spec.url("/store/key?raw")).text());
        }
        Reply reply = http.put(spec.url("/store/key"), Integer.toString(round));
        assertEquals(200, reply.status(), reply::toString);
        for (String path : List.of("/", "/metrics", "/store?prefix=", "/watch?prefix=&from_revision=1&wait=1s")) {
            assertEquals(200, http.get(spec.url(path)).status(), path);
        }
    }
}
