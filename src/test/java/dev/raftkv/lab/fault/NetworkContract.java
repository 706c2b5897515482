package dev.raftkv.lab.fault;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What each kind of network promises; each test has connections that were open before the fault. */
@Timeout(60)
abstract class NetworkContract {
    private static final int NODES = 3;
    private static final int ANSWER_MILLIS = 10_000;
    private static final int SILENCE_MILLIS = 300;

    private final List<Process> peers = new ArrayList<>();
    private Network network;

    abstract Network create(int nodes) throws IOException;

    @BeforeEach
    void connectAll() throws IOException {
        network = create(NODES);
        for (int node = 0; node < NODES; node++) {
            Map<String, String> settings = network.settings(node);
            Process peer = new ProcessBuilder(network.command(
                            node,
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-XX:TieredStopAtLevel=1",
                                    "-Xmx32m",
                                    "-cp",
                                    Path.of(location()).toString(),
                                    Peer.class.getName(),
                                    settings.getOrDefault("RAFT_BIND_HOST", settings.get("RAFT_HOST")),
                                    settings.get("RAFT_PORT"),
                                    "0.0.0.0",
                                    settings.get("SERVER_PORT"))))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            peers.add(peer);
            network.runs(node, peer.pid());
        }
        for (Process peer : peers) {
            assertEquals("listens", peer.inputReader().readLine());
        }
        for (int from = 0; from < NODES; from++) {
            for (int to = 0; to < NODES; to++) {
                if (from != to) {
                    assertAnswers(from, to, Traffic.RAFT);
                    assertAnswers(from, to, Traffic.HTTP);
                }
            }
        }
    }

    @AfterEach
    void close() throws IOException {
        peers.forEach(Process::destroyForcibly);
        if (network != null) {
            network.close();
        }
    }

    @Test
    void whatIsCutOneWayIsNotHeardAndTheOtherWayIsHeardButNotAnswered() throws IOException {
        network.cut(0, 1, Traffic.ALL);
        int before = heard(1);
        assertSilent(0, 1, Traffic.RAFT);
        assertEquals(before, heard(1));

        before = heard(0);
        assertSilent(1, 0, Traffic.RAFT);
        assertEquals(before + 1, heard(0));
        assertAnswers(0, 2, Traffic.RAFT);
        assertAnswers(2, 1, Traffic.RAFT);
    }

    @Test
    void whatIsCutForRaftOnlyStillAnswersHttpAndTheOtherWayRound() throws IOException {
        network.cut(0, 1, Traffic.RAFT);
        network.cut(1, 0, Traffic.RAFT);
        assertSilent(0, 1, Traffic.RAFT);
        assertAnswers(0, 1, Traffic.HTTP);
        network.heal();

        network.cut(0, 1, Traffic.HTTP);
        network.cut(1, 0, Traffic.HTTP);
        assertAnswers(1, 0, Traffic.RAFT);
        assertSilent(1, 0, Traffic.HTTP);
    }

    @Test
    void clientsReachANodeThatIsCutOffFromAllOthers() throws IOException {
        for (int other = 1; other < NODES; other++) {
            network.cut(0, other, Traffic.ALL);
            network.cut(other, 0, Traffic.ALL);
        }
        assertSilent(0, 1, Traffic.HTTP);
        URI url = URI.create(network.clientUrl(0));
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
            assertEquals('h', socket.getInputStream().read());
        }
    }

    @Test
    void afterHealingTheOldConnectionsGoOn() throws IOException {
        network.cut(0, 1, Traffic.ALL);
        network.cut(1, 0, Traffic.ALL);
        assertSilent(0, 1, Traffic.RAFT);
        network.heal();
        assertAnswers(0, 1, Traffic.RAFT);
        assertAnswers(1, 0, Traffic.HTTP);
    }

    @Test
    void aSlowNodeAnswersLateAndTheOthersDoNot() throws IOException {
        Assumptions.assumeTrue(network.obstacleToSlow().isEmpty(), () -> "no slow links: " + network.obstacleToSlow());
        network.slow(0, Duration.ofMillis(400));
        assertTrue(assertAnswers(0, 1, Traffic.RAFT) >= 400);
        assertTrue(assertAnswers(1, 0, Traffic.HTTP) >= 400);
        assertAnswers(1, 2, Traffic.RAFT);
        network.heal();
        eventually(Duration.ofSeconds(10), () -> assertTrue(assertAnswers(0, 1, Traffic.RAFT) < 400));
    }

    @Test
    void aLossyLinkLosesNothingOfAConnectionButTime() throws IOException {
        network.lossy(0, 30);
        long millis = 0;
        for (int i = 0; i < 10; i++) {
            millis += assertAnswers(0, 1, Traffic.RAFT);
        }
        assertTrue(millis >= 200, "ten answers took " + millis + " ms, so that nothing was lost");
    }

    private long assertAnswers(int from, int to, Traffic traffic) throws IOException {
        String answer = ask(from, to, traffic, ANSWER_MILLIS);
        assertTrue(answer.startsWith("ok "), from + " asks " + to + " by " + traffic + ": " + answer);
        return Long.parseLong(answer.substring("ok ".length()));
    }

    private void assertSilent(int from, int to, Traffic traffic) throws IOException {
        String answer = ask(from, to, traffic, SILENCE_MILLIS);
        assertTrue(answer.startsWith("silent"), from + " asks " + to + " by " + traffic + ": " + answer);
    }

    private String ask(int from, int to, Traffic traffic, int millis) throws IOException {
        URI address =
                URI.create(traffic == Traffic.HTTP ? network.httpAddress(to) : "raft://" + network.raftAddress(to));
        return tell(from, "ask " + address.getHost() + " " + address.getPort() + " " + millis);
    }

    private int heard(int node) throws IOException {
        return Integer.parseInt(tell(node, "heard"));
    }

    private String tell(int node, String command) throws IOException {
        PrintStream out = new PrintStream(peers.get(node).getOutputStream(), true, StandardCharsets.UTF_8);
        out.println(command);
        BufferedReader in = peers.get(node).inputReader();
        return in.readLine();
    }

    private static URI location() {
        try {
            return Peer.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
