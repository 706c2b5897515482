package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Asked;
import dev.raftkv.access.NodeSecret;
import dev.raftkv.access.Seals;
import dev.raftkv.access.UserRole;
import dev.raftkv.rest.RandomAnswers;
import dev.raftkv.rest.RandomRequests;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three nodes that want to know who asks, and know each other by a secret that they share. */
final class SealedIT {
    /** In which each node has looked at its file. */
    private static final Duration REREAD = Duration.ofMillis(2500);

    private static final String OTHER = "a secret that only one of the nodes has, alas";
    private static final int REQUESTS = 10_000;
    private static final long SEED = 11;
    private static final int EQUAL = 200;

    private final Http http = Http.plain(Duration.ofSeconds(15));
    private SealedNodes nodes;

    @BeforeEach
    void prepare() throws Exception {
        nodes = new SealedNodes(new ExecutableWar(Build.war(), Build.deploy())::node, "sealed", 3);
    }

    @AfterEach
    void stop() {
        nodes.close();
    }

    @Test
    void nodesJoinForwardAndConfirmReadsByTheirSecretAndCallersKeepTheirRoles() throws IOException {
        for (int node = 0; node < 3; node++) {
            nodes.start(node, "secret", 3);
        }
        nodes.awaitMembers(3, 0, 1, 2);
        int leader = nodes.leader();
        int follower = (leader + 1) % 3;

        nodes.checkFollower(follower);
        Reply forged = http.put(
                nodes.spec(leader).url("/store/k4"), "1", "Raft-Forwarded", "node9", "Raft-Caller", "eve:admin");
        assertEquals(401, forged.status(), forged::toString);
        Reply barrier = nodes.post(leader, "/raft/barrier", "", "alice");
        assertEquals(403, barrier.status(), barrier::toString);
        aForeignNodeIsNotTakenIn(leader, follower);

        // The secret is changed while all run, and no request is refused for that.
        int written = 0;
        for (String text : new String[] {SealedNodes.SECRET + "\n" + OTHER, OTHER + "\n" + SealedNodes.SECRET, OTHER}) {
            nodes.write("secret", text + "\n");
            for (long end = System.nanoTime() + REREAD.toNanos(); System.nanoTime() < end; written++) {
                Reply during = nodes.put(follower, "during" + written, "alice");
                assertEquals(200, during.status(), during::toString);
            }
        }
        int removed = (leader + 2) % 3;
        String body = "{\"node_id\":\"" + nodes.spec(removed).nodeId() + "\"}";
        Reply removal = nodes.post(follower, "/raft/remove", body, "root");
        assertEquals(200, removal.status(), removal::toString);
        for (int node = 0; node < 3; node++) {
            ServerProcess process = nodes.process(node);
            assertFalse(process.log().contains("refused: a node"), process::log);
        }
    }

    /** Nor are the others thrown out. */
    private void aForeignNodeIsNotTakenIn(int leader, int follower) throws IOException {
        Map<String, String> attacks = Map.of(
                "/raft/join",
                "{\"node_id\":\"node9\",\"raft_address\":\"127.0.0.1:1\",\"discard_data\":true}",
                "/raft/remove",
                "{\"node_id\":\"" + nodes.spec(follower).nodeId() + "\"}");
        for (Map.Entry<String, String> attack : attacks.entrySet()) {
            for (int node : new int[] {leader, follower}) {
                Reply nobody = http.post(nodes.spec(node).url(attack.getKey()), attack.getValue());
                assertEquals(401, nobody.status(), nobody::toString);
                for (String name : new String[] {"alice", "bob"}) {
                    Reply refused = nodes.post(node, attack.getKey(), attack.getValue(), name);
                    assertEquals(403, refused.status(), refused::toString);
                }
            }
        }
        nodes.awaitMembers(3, 0, 1, 2);
    }

    @Test
    void aNodeWithAnotherSecretIsNotJoinedAndBothSidesSayWhy() throws IOException {
        nodes.start(0, "secret", 2);
        nodes.start(1, "secret", 2);
        nodes.awaitMembers(2, 0, 1);
        nodes.write("other", OTHER);
        nodes.start(2, "other", 2);
        String sentence = "the seal of a node is not made with the secret of node node1, or the request was changed on"
                + " its way: give all nodes the same RAFT_NODE_SECRET";
        eventually(SealedNodes.LIMIT, () -> {
            assertTrue(nodes.process(2).log().contains("node node3 is not joined yet: "), nodes.process(2)::logTail);
            assertTrue(nodes.process(2).log().contains(sentence), nodes.process(2)::logTail);
            assertTrue(nodes.process(0).log().contains("refused: a node (" + sentence), nodes.process(0)::logTail);
        });
        // Its port opens when the node has been started, and that may be after its first lines.
        eventually(SealedNodes.LIMIT, () -> {
            Reply ready = nodes.get(2, "/health/ready?verbose", "root");
            assertEquals(503, ready.status(), ready::toString);
            assertTrue(ready.text().contains("give all nodes the same RAFT_NODE_SECRET"), ready::toString);
        });

        nodes.process(2).stop();
        nodes.start(2, "secret", 2);
        nodes.awaitMembers(3, 0, 1, 2);
    }

    @Test
    void aSecretThatCannotBeUsedIsToldAtTheStart() throws IOException {
        Files.setPosixFilePermissions(nodes.file("secret"), PosixFilePermissions.fromString("rw-r--r--"));
        nodes.start(0, "secret", 1);
        eventually(
                SealedNodes.LIMIT,
                () -> assertTrue(
                        nodes.process(0).log().contains("may be read or changed by others (rw-r--r--)"),
                        nodes.process(0)::logTail));
    }

    private Seals seals() {
        return new Seals("node9", Optional.of(NodeSecret.open(nodes.file("secret"))), Optional::empty);
    }

    /** A write that another node passes on, with everything that it takes. */
    private String[] sealedWrite(String target, String json, String caller) {
        Map<String, String> headers = Map.of(Seals.CALLER, caller);
        String seal = seals().seal(new Asked("PUT", target, headers::get), json.getBytes(UTF_8), "node1")
                .orElseThrow()
                .text();
        return new String[] {Seals.HEADER, seal, Seals.CALLER, caller, "Raft-Forwarded", "node9"};
    }

    private void assertSays(int status, String words, String... headers) throws IOException {
        Reply reply = http.put(nodes.spec(0).url("/store/k"), "1", headers);
        assertEquals(status, reply.status(), reply::toString);
        assertTrue(reply.text().contains(words), reply::toString);
    }

    private int version() throws IOException {
        return nodes.get(0, "/store?prefix=k", "bob")
                .json()
                .at("/data/0/version")
                .asInt();
    }

    @Test
    void aSealIsGoodOnceAlsoWhereTheNodeIsRestarted() throws IOException {
        nodes.start();
        nodes.awaitMembers(1, 0);
        String[] first = sealedWrite("/store/k", "1", "alice:writer");
        String[] unused = sealedWrite("/store/k", "1", "alice:writer");
        assertEquals(200, http.put(nodes.spec(0).url("/store/k"), "1", first).status());
        for (int i = 0; i < EQUAL; i++) {
            assertSays(403, "a seal of node node9 has come a second time", first);
        }
        long told = lines("has come a second time");
        // Once, and how often it was since, should the minute have ended meanwhile.
        assertTrue(told == 1 || told == 2, nodes.process(0)::log);

        nodes.process(0).stop();
        nodes.start(0, "secret", 0);
        nodes.awaitMembers(1, 0);
        assertSays(403, "node node1 has started since node node9 sealed this", first);
        // It was never used, which the node cannot know.
        assertSays(403, "node node1 has started since node node9 sealed this", unused);
        assertEquals(1, version());
        assertSays(200, "k", sealedWrite("/store/k", "1", "alice:writer"));
        assertEquals(2, version());
    }

    private long lines(String words) {
        return nodes.process(0)
                .log()
                .lines()
                .filter(line -> line.contains(words))
                .count();
    }

    /** As RandomRequestsTest does it, fewer, without a server of its own. */
    @Test
    void tenThousandRandomRequestsAreNotLetInFurtherThanTheirRole() throws IOException {
        nodes.start();
        nodes.awaitMembers(1, 0);
        assertEquals(
                200,
                nodes.post(0, "/store", "{\"key\":\"secret\",\"value\":\"" + RandomAnswers.SECRET + "\"}", "alice")
                        .status());
        String before = nodes.get(0, "/store?prefix=", "bob").text();
        RandomRequests requests =
                new RandomRequests(SEED, "", seals(), Map.of(UserRole.METRICS, "of-prom", UserRole.NODE, "of-node7"));
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < REQUESTS; i++) {
            RandomRequests.Made request = requests.next();
            String answer = request.send(nodes.spec(0).httpPort());
            String about = "request " + i + " of seed " + SEED + ": " + request.text() + "\n" + answer;
            answers.merge(RandomAnswers.judge(request, answer, about), 1, Integer::sum);
        }
        for (String whose : List.of("nobody 200", "nobody 401", "nobody 403", "metrics 200", "node 200", "node 403")) {
            assertTrue(answers.getOrDefault(whose, 0) > 0, answers::toString);
        }
        assertEquals(before, nodes.get(0, "/store?prefix=", "bob").text());
        nodes.awaitMembers(1, 0);
        // As many as there are ways to be refused, with the names that they give themselves, and not as there were
        // requests.
        assertTrue(lines("refused") < 30, nodes.process(0)::log);
    }
}
