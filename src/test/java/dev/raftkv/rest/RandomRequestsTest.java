package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.NodeSecret;
import dev.raftkv.access.Seals;
import dev.raftkv.access.UserRole;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RandomRequests.Made;
import dev.raftkv.rest.RestServer.Guard;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.testkit.PrivateFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two thousand requests of somebody who tries, as SealedIT makes ten thousand of a real node: none of them is let in further
 * than its role says, none breaks anything.
 */
class RandomRequestsTest {
    private static final long SEED = 20_261_126;
    private static final int REQUESTS = 2000;
    private static final String CLUSTER = "00000000-0000-0001-0000-000000000002";

    @TempDir
    private Path directory;

    @Test
    void noneIsLetInFurtherThanItsRoleAndNoneBreaksAnything() throws IOException {
        NodeSecret secret = secret();
        Guard guard = new Guard(seals("node1", secret), "node1", Tokened.login(directory), Optional.empty());
        RandomRequests requests = new RandomRequests(
                SEED,
                "/kv",
                seals("node3", secret),
                Map.of(
                        UserRole.METRICS, Tokened.token("metrics"),
                        UserRole.NODE, Tokened.token("node")));
        try (RestServer server =
                new RestServer(directory.resolve("store"), "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT, guard)) {
            byte[] entry = ("{\"key\":\"secret\",\"value\":\"" + RandomAnswers.SECRET + "\"}").getBytes(US_ASCII);
            String head = "Content-Type: application/json\r\nContent-Length: " + entry.length + "\r\n"
                    + Tokened.bearer("writer");
            assertEquals(200, server.http().send("POST", "/store", head, entry).status());
            long revision = server.replicator.store().position().revision();
            Map<String, Integer> answers = new TreeMap<>();
            for (int i = 0; i < REQUESTS; i++) {
                Made request = requests.next();
                String answer = request.send(server.port());
                String about = "request " + i + " of seed " + SEED + ": " + request.text() + "\n" + answer;
                answers.merge(RandomAnswers.judge(request, answer, about), 1, Integer::sum);
            }
            // Most came as far as the gate, the open paths are open, and each role may do something.
            assertTrue(answers.getOrDefault("nobody 401", 0) > REQUESTS / 4, answers::toString);
            assertTrue(answers.getOrDefault("nobody 403", 0) > REQUESTS / 20, answers::toString);
            for (String whose : new String[] {"nobody 200", "metrics 200", "metrics 403", "node 200", "node 403"}) {
                assertTrue(answers.getOrDefault(whose, 0) > 0, answers::toString);
            }
            assertEquals(revision, server.replicator.store().position().revision());
            assertFalse(server.members.asked().stream().anyMatch(asked -> asked.startsWith("remove")));
            String found = server.http()
                    .send("GET", "/store/secret", Tokened.bearer("reader"))
                    .body();
            assertTrue(found.contains(RandomAnswers.SECRET), found);
        }
    }

    private static Seals seals(String nodeId, NodeSecret secret) {
        return new Seals(nodeId, Optional.of(secret), () -> Optional.of(CLUSTER));
    }

    private NodeSecret secret() throws IOException {
        return NodeSecret.open(
                PrivateFiles.write(directory.resolve("secret"), "the secret of all nodes, of 32 bytes or more"));
    }
}
