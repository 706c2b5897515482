package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerCommand;
import dev.raftkv.testkit.ServerProcess;
import dev.raftkv.testkit.Tool;
import dev.raftkv.tls.TestCertificates;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code java -jar raftkv.war} with certificates: of its own command {@code certs}, and with others. */
@Alone
final class EncryptedIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
    private static final int NODES = 3;

    private final ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
    private final List<NodeSpec> specs = new ArrayList<>();
    private final List<ServerProcess> processes = new ArrayList<>();
    private Path directory;
    private Path certs;

    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createDirectories(Build.directory("encrypted"));
        certs = directory.resolve("certs");
        List<Integer> ports = FreePorts.take(2 * NODES);
        for (int node = 0; node < NODES; node++) {
            String id = "node" + (node + 1);
            specs.add(new NodeSpec(id, ports.get(2 * node), ports.get(2 * node + 1), directory.resolve(id + "-data")));
        }
    }

    @AfterEach
    void stop() {
        processes.forEach(ServerProcess::close);
    }

    @Test
    void threeNodesServeAndChangeTheirCertificatesWithoutAFailedWrite() throws Exception {
        String told = makeCertificates("node1", "node2", "node3", "client");
        assertTrue(told.contains("\n  RAFT_TLS=" + certs.resolve("node1") + "\n"), told);
        Http http = Http.trusting(client(), ANSWER_LIMIT);
        for (int node = 0; node < NODES; node++) {
            NodeSpec spec = specs.get(node);
            ServerCommand command = command(node, certs.resolve(spec.nodeId()));
            // As with a temporary directory in which nothing may be executed: the last one goes without.
            processes.add(ServerProcess.start(node < NODES - 1 ? command : withoutLibraries(command)));
        }
        for (int node = 0; node < NODES; node++) {
            awaitReady(http, node);
            String whose = node < NODES - 1
                    ? "TLS at the Raft port is BoringSSL's"
                    : "TLS at the Raft port is the JDK's: the native library cannot be loaded here (";
            assertTrue(processes.get(node).log().contains(whose), processes.get(node)::logTail);
        }
        for (int node = 1; node < NODES; node++) {
            Reply joined = http.post(
                    url(0, "/raft/join"),
                    "{\"node_id\":\"" + specs.get(node).nodeId() + "\",\"raft_address\":\""
                            + specs.get(node).raftAddress() + "\"}");
            assertEquals(200, joined.status(), joined::toString);
        }
        walk(http);
        writeWhileCertificatesChange();
        failOver(http);
    }

    /** Writes at the leader, reads at all, and is sent from a follower to the leader. */
    private void walk(Http http) throws IOException {
        Reply stored = http.post(url(0, "/store"), "{\"key\":\"k\",\"value\":1}");
        assertEquals(200, stored.status(), stored::toString);
        for (int node = 0; node < NODES; node++) {
            String read = url(node, "/store/k");
            eventually(LIMIT, () -> assertEquals(200, http.get(read).status()));
        }
        eventually(LIMIT, () -> {
            Reply sent = http.post(url(1, "/store"), "{\"key\":\"k\",\"value\":2}");
            assertEquals(307, sent.status(), sent::toString);
            assertEquals(url(0, "/store"), sent.headers().firstValue("Location").orElseThrow());
        });
        if (Tool.isInstalled("curl")) {
            Tool.Result followed = Tool.run(
                    directory,
                    "",
                    "curl",
                    "--silent",
                    "--show-error",
                    "--location",
                    "--cacert",
                    certs.resolve("ca.pem").toString(),
                    "--json",
                    "{\"key\":\"k\",\"value\":3}",
                    url(1, "/store"));
            assertTrue(followed.output().contains("\"value\":3"), followed::toString);
        }
    }

    /** Each write has a connection of its own, and so sees the certificate of its moment. */
    private void writeWhileCertificatesChange() throws Exception {
        List<Certificate> before = new ArrayList<>();
        for (int node = 0; node < NODES; node++) {
            before.add(shown(node));
        }
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Integer> writes = CompletableFuture.supplyAsync(() -> {
            int count = 0;
            while (!done.get()) {
                try {
                    Reply reply = Http.trusting(client(), ANSWER_LIMIT)
                            .post(url(0, "/store"), "{\"key\":\"n\",\"value\":" + count + "}");
                    assertEquals(200, reply.status(), reply::toString);
                    count++;
                } catch (IOException e) {
                    throw new AssertionError("write " + count + " failed", e);
                }
            }
            return count;
        });
        for (NodeSpec spec : specs) {
            Files.move(certs.resolve(spec.nodeId()), directory.resolve(spec.nodeId() + "-before"));
        }
        makeCertificates("node1", "node2", "node3");
        for (int node = 0; node < NODES; node++) {
            int number = node;
            eventually(LIMIT, () -> assertNotEquals(before.get(number), shown(number)));
        }
        done.set(true);
        int count = writes.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertTrue(count > 10, "writes: " + count);
        // It says so after it has done so.
        eventually(
                LIMIT,
                () -> assertTrue(
                        processes.get(0).log().contains("takes the new certificate in " + certs.resolve("node1"))));
    }

    private void failOver(Http http) {
        processes.get(0).kill();
        eventually(LIMIT, () -> {
            Reply sent = http.post(url(1, "/store"), "{\"key\":\"k\",\"value\":4}");
            Reply reply = sent.status() == 307
                    ? http.post(sent.headers().firstValue("Location").orElseThrow(), "{\"key\":\"k\",\"value\":4}")
                    : sent;
            assertEquals(200, reply.status(), reply::toString);
        });
    }

    @Test
    void whoHasNoGoodCertificateIsRefusedAndFillsNoLog() throws Exception {
        TestCertificates ours = TestCertificates.in(certs);
        TestCertificates others = TestCertificates.in(directory.resolve("others"));
        processes.add(start(0, ours.node("node1")));
        Http good = Http.trusting(Tls.open(ours.node("client")).context(), ANSWER_LIMIT);
        awaitReady(good, 0);
        String metrics = good.get(url(0, "/metrics")).text();
        assertTrue(metrics.contains("\nraftkv_certificate_expiry_timestamp_seconds "), metrics);
        // Whatever the node says after its start has been said: only handshakes follow.
        eventually(LIMIT, () -> assertTrue(processes.get(0).log().contains("HTTPS at https://localhost:")));
        String before = processes.get(0).log();

        Instant soon = Instant.now().plusSeconds(3);
        Tls expiring = Tls.open(ours.node("late", List.of("localhost"), soon));
        eventually(LIMIT, () -> assertTrue(Instant.now().isAfter(soon)));
        Path foreign = others.node("foreign");
        Files.writeString(foreign.resolve("ca.pem"), others.authorityText() + ours.authorityText());
        // Nobody vouches for it but itself, which is enough for its owner.
        Path self = ours.selfMade("self");
        Files.writeString(self.resolve("ca.pem"), Files.readString(self.resolve("cert.pem")) + ours.authorityText());
        for (SSLContext bad : List.of(
                expiring.context(), Tls.open(foreign).context(), Tls.open(self).context())) {
            for (int attempt = 0; attempt < 20; attempt++) {
                Http refused = Http.trusting(bad, ANSWER_LIMIT);
                // An alert, or a connection that ends while the client still sends: TLS 1.3 lets it believe that it is
                // done.
                assertThrows(IOException.class, () -> refused.get(url(0, "/store")));
            }
        }
        Http strangers = Http.trusting(Tls.open(others.node("stranger")).context(), ANSWER_LIMIT);
        assertThrows(IOException.class, () -> strangers.get(url(0, "/store")));

        Reply plain = Http.plain(ANSWER_LIMIT).post(specs.get(0).url("/store"), "{\"key\":\"k\",\"value\":1}");
        assertEquals(400, plain.status(), plain::toString);
        assertTrue(
                plain.text()
                        .contains(
                                "this port speaks HTTPS only: ask again with https:// and trust the cluster's ca.pem"),
                plain::toString);
        assertEquals(404, good.get(url(0, "/store/k")).status());
        assertEquals(before, processes.get(0).log());
    }

    @Test
    void aCertificateForAnotherHostIsToldByTheNodeItself() throws Exception {
        TestCertificates ours = TestCertificates.in(certs);
        processes.add(start(0, ours.node("node1", List.of("elsewhere.example"))));
        eventually(
                LIMIT,
                () -> assertTrue(
                        processes
                                .get(0)
                                .log()
                                .contains("node1 cannot be asked at its HTTP address: " + url(0, "")
                                        + ": the other side's certificate, of node1, is refused: it is not made for the"
                                        + " host that was asked"),
                        processes.get(0)::logTail));
    }

    @Test
    void aCertificateThatCannotBeUsedEndsTheStartWithASentence() throws Exception {
        TestCertificates ours = TestCertificates.in(certs);
        Path late = ours.expired("late");
        assertEnds(late, late.resolve("cert.pem") + ", the certificate of late, expired at ");
        Path mixed = ours.node("mixed");
        Files.copy(
                ours.node("other").resolve("key.pem"), mixed.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
        assertEnds(mixed, mixed.resolve("key.pem") + " is not the key of ");
        assertEnds(directory.resolve("nothing"), directory.resolve("nothing") + " is no directory: ");
        assertFalse(Files.exists(specs.get(0).dataDirectory()));
    }

    private void assertEnds(Path tls, String sentence) throws IOException {
        try (ServerProcess process = start(0, tls)) {
            assertTrue(process.awaitEnd(START_LIMIT));
            String last = process.log().lines().reduce("", (before, line) -> line);
            assertTrue(last.startsWith(sentence), process::logTail);
        }
    }

    private String makeCertificates(String... nodes) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Build.war().toString(),
                "certs",
                certs.toString()));
        words.addAll(List.of(nodes));
        Tool.Result made = Tool.run(directory, "", words.toArray(String[]::new));
        assertEquals(0, made.exit(), made::output);
        return made.output();
    }

    /** As a program that has a certificate of its own; made anew, so that nothing is resumed. */
    private SSLContext client() {
        return Tls.open(certs.resolve("client")).context();
    }

    private Certificate shown(int node) throws IOException {
        try (SSLSocket socket = (SSLSocket) client().getSocketFactory()
                .createSocket("127.0.0.1", specs.get(node).httpPort())) {
            socket.setSoTimeout((int) ANSWER_LIMIT.toMillis());
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    private ServerProcess start(int node, Path tls) throws IOException {
        return ServerProcess.start(command(node, tls));
    }

    private ServerCommand command(int node, Path tls) throws IOException {
        NodeSpec spec = specs.get(node);
        return war.node(spec, directory.resolve(spec.nodeId())).with("RAFT_TLS", tls.toString());
    }

    private static ServerCommand withoutLibraries(ServerCommand command) {
        return command.with(
                "JAVA_TOOL_OPTIONS", "-Dorg.apache.ratis.thirdparty.io.netty.native.workdir=/dev/null/nowhere");
    }

    private void awaitReady(Http http, int node) {
        eventually(
                START_LIMIT,
                () -> assertEquals(200, http.get(url(node, "/health/ready")).status()));
    }

    private String url(int node, String path) {
        return specs.get(node).url(path).replaceFirst("^http:", "https:");
    }
}
