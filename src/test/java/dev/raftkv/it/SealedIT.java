package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three nodes that want to know who asks, and know each other by a secret that they share. */
final class SealedIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    /** In which each node has looked at its file. */
    private static final Duration REREAD = Duration.ofMillis(2500);

    private static final String SECRET = "the secret of the three nodes of this test";
    private static final String OTHER = "a secret that only one of the nodes has, alas";

    private final Http http = Http.plain(Duration.ofSeconds(15));
    private final List<NodeSpec> specs = new ArrayList<>();
    private final List<ServerProcess> processes = new ArrayList<>();
    private Path directory;

    @BeforeEach
    void prepare() throws Exception {
        directory = Files.createDirectories(Build.directory("sealed"));
        List<Integer> ports = FreePorts.take(6);
        for (int node = 0; node < 3; node++) {
            String id = "node" + (node + 1);
            specs.add(new NodeSpec(id, ports.get(2 * node), ports.get(2 * node + 1), directory.resolve(id + "-data")));
        }
        write(
                "tokens",
                "alice:writer:" + sha256("of-alice") + "\nbob:reader:" + sha256("of-bob") + "\nroot:admin:"
                        + sha256("of-root") + "\n");
        write("secret", SECRET + "\n");
    }

    @AfterEach
    void stop() {
        processes.forEach(ServerProcess::close);
    }

    private void write(String name, String text) throws IOException {
        Path whole = directory.resolve(name + ".new");
        Files.writeString(whole, text);
        Files.setPosixFilePermissions(whole, PosixFilePermissions.fromString("rw-------"));
        Files.move(whole, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String sha256(String text) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    }

    /** @param listed how many nodes are in the list of those to be asked */
    private void start(int node, String secret, int listed) throws IOException {
        String list = specs.stream().limit(listed).map(spec -> spec.url("")).collect(Collectors.joining(","));
        processes.add(ServerProcess.start(new ExecutableWar(Build.war(), Build.deploy())
                .node(specs.get(node), directory.resolve(specs.get(node).nodeId()))
                .with("RAFT_JOIN", list)
                .with("RAFT_AUTH", directory.resolve("tokens").toString())
                .with("RAFT_NODE_SECRET", directory.resolve(secret).toString())
                .with("RAFT_FOLLOWER_WRITES", "forward")));
    }

    private Reply put(int node, String key, String token) throws IOException {
        return http.put(specs.get(node).url("/store/" + key), "1", "Authorization", "Bearer " + token);
    }

    private Reply get(int node, String target, String token) throws IOException {
        return http.get(specs.get(node).url(target), "Authorization", "Bearer " + token);
    }

    private void awaitMembers(int members, int... nodes) {
        eventually(LIMIT, () -> {
            for (int node : nodes) {
                JsonNode stats = get(node, "/raft/stats", "of-bob").json().path("data");
                assertEquals(members, stats.path("latest_configuration").size(), stats::toString);
                assertTrue(stats.path("leader_id").asText().startsWith("node"), stats::toString);
                assertEquals(200, get(node, "/health/ready", "of-bob").status());
            }
        });
    }

    private int leader() throws IOException {
        String id = get(0, "/raft/stats", "of-bob").json().at("/data/leader_id").asText();
        return Integer.parseInt(id.substring(4)) - 1;
    }

    @Test
    void nodesJoinForwardAndConfirmReadsByTheirSecretAndCallersKeepTheirRoles() throws IOException {
        for (int node = 0; node < 3; node++) {
            start(node, "secret", 3);
        }
        awaitMembers(3, 0, 1, 2);
        int leader = leader();
        int follower = (leader + 1) % 3;

        assertEquals(200, put(follower, "k", "of-alice").status());
        Reply denied = put(follower, "k2", "of-bob");
        assertEquals(403, denied.status(), denied::toString);
        assertEquals(401, put(follower, "k3", "of-nobody").status());
        for (int node = 0; node < 3; node++) {
            Reply read = get(node, "/store/k?consistency=linearizable", "of-bob");
            assertEquals(200, read.status(), read::toString);
            assertEquals(
                    404,
                    get(node, "/store/k2?consistency=linearizable", "of-bob").status());
        }
        Reply forged = http.put(
                specs.get(leader).url("/store/k4"), "1", "Raft-Forwarded", "node9", "Raft-Caller", "eve:admin");
        assertEquals(401, forged.status(), forged::toString);
        Reply barrier = http.post(specs.get(leader).url("/raft/barrier"), "", "Authorization", "Bearer of-alice");
        assertEquals(403, barrier.status(), barrier::toString);

        // The secret is changed while all run, and no request is refused for that.
        int written = 0;
        for (String text : new String[] {SECRET + "\n" + OTHER, OTHER + "\n" + SECRET, OTHER}) {
            write("secret", text + "\n");
            for (long end = System.nanoTime() + REREAD.toNanos(); System.nanoTime() < end; written++) {
                Reply during = put(follower, "during" + written, "of-alice");
                assertEquals(200, during.status(), during::toString);
            }
        }
        int removed = (leader + 2) % 3;
        Reply removal = http.post(
                specs.get(follower).url("/raft/remove"),
                "{\"node_id\":\"" + specs.get(removed).nodeId() + "\"}",
                "Authorization",
                "Bearer of-root");
        assertEquals(200, removal.status(), removal::toString);
        for (ServerProcess process : processes) {
            assertFalse(process.log().contains("refused: a node"), process::log);
        }
    }

    @Test
    void aNodeWithAnotherSecretIsNotJoinedAndBothSidesSayWhy() throws IOException {
        start(0, "secret", 2);
        start(1, "secret", 2);
        awaitMembers(2, 0, 1);
        write("other", OTHER);
        start(2, "other", 2);
        String sentence = "the seal of a node is not made with the secret of node node1, or the request was changed on"
                + " its way: give all nodes the same RAFT_NODE_SECRET";
        eventually(LIMIT, () -> {
            assertTrue(processes.get(2).log().contains("node node3 is not joined yet: "), processes.get(2)::logTail);
            assertTrue(processes.get(2).log().contains(sentence), processes.get(2)::logTail);
            assertTrue(processes.get(0).log().contains("refused: a node (" + sentence), processes.get(0)::logTail);
        });
        Reply ready = get(2, "/health/ready?verbose", "of-root");
        assertEquals(503, ready.status(), ready::toString);
        assertTrue(ready.text().contains("give all nodes the same RAFT_NODE_SECRET"), ready::toString);

        processes.get(2).stop();
        processes.remove(2);
        start(2, "secret", 2);
        awaitMembers(3, 0, 1, 2);
    }

    @Test
    void aSecretThatCannotBeUsedIsToldAtTheStart() throws IOException {
        Files.setPosixFilePermissions(directory.resolve("secret"), PosixFilePermissions.fromString("rw-r--r--"));
        start(0, "secret", 1);
        eventually(
                LIMIT,
                () -> assertTrue(
                        processes.get(0).log().contains("may be read or changed by others (rw-r--r--)"),
                        processes.get(0)::logTail));
    }
}
