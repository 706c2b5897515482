package dev.raftkv.rest;

import static dev.raftkv.rest.NodesThatForward.CLUSTER;
import static dev.raftkv.rest.NodesThatForward.OTHER;
import static dev.raftkv.rest.NodesThatForward.READER;
import static dev.raftkv.rest.NodesThatForward.SECRET;
import static dev.raftkv.rest.NodesThatForward.STORE;
import static dev.raftkv.rest.NodesThatForward.WRITER;
import static dev.raftkv.rest.NodesThatForward.assertSays;
import static dev.raftkv.rest.NodesThatForward.bearer;
import static dev.raftkv.rest.NodesThatForward.store;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Asked;
import dev.raftkv.access.SealRefusedException;
import dev.raftkv.access.Seals;
import dev.raftkv.model.Command;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.testkit.HttpHead;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A follower that passes writes on to its leader, or to others that would like to be taken for it. */
@ParameterizedClass
@EnumSource(
        value = Way.class,
        names = {"JERSEY", "SHORTCUT"})
class BetweenNodesTest {
    @TempDir
    private Path directory;

    @Parameter
    private Way way;

    private NodesThatForward nodes;

    @BeforeEach
    void start() throws Exception {
        nodes = new NodesThatForward(directory, way);
    }

    @AfterEach
    void stop() throws IOException {
        nodes.close();
    }

    private RecordedNode record(Function<String, String> answer) throws IOException {
        return nodes.closes(new RecordedNode(answer));
    }

    private RecordedNode record(ServerSocket server, Function<String, String> answer) {
        return nodes.closes(new RecordedNode(server, answer));
    }

    @Test
    void aForwardedWriteIsDoneInTheNameOfItsCaller() {
        assertEquals(200, store(nodes.follower, bearer(WRITER), STORE).status());
        assertEquals(1, nodes.revision());
        assertSays(403, "bob has not the role writer", store(nodes.follower, bearer(READER), STORE));
        assertSays(401, "this node wants to know who asks", store(nodes.follower, "", STORE));
        assertEquals(1, nodes.revision());
    }

    @Test
    void aFollowersReadIsConfirmedByTheLeader() {
        nodes.follower.replicator.replicate(new Command.Barrier());
        Answer read = nodes.follower.http().send("GET", "/store/k?consistency=linearizable", bearer(READER));
        assertSays(404, "k", read);
        assertSays(403, "bob has not the role node", nodes.leader.http().send("POST", "/raft/barrier", bearer(READER)));
    }

    private static String answer(int status, String headers, String body) {
        return "HTTP/1.1 " + status + " X\r\nConnection: close\r\n" + headers + "Content-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    @Test
    void aCallersTokenNeverLeavesForAnAnnouncedAddress() throws Exception {
        RecordedNode other = record(head -> answer(200, "Content-Type: application/json\r\n", "{}"));
        nodes.follow("node2", other.address());
        String secrets = bearer(WRITER) + "Cookie: session=of-alice\r\nProxy-Authorization: Basic YQ==\r\n"
                + "X-Forwarded-User: alice\r\nIf-None-Match: *\r\n";
        assertEquals(200, store(nodes.follower, secrets, STORE).status());

        String request = other.request();
        assertTrue(request.startsWith("POST /announced/store HTTP/1.1\r\n"), request);
        assertEquals("alice:writer", HttpHead.header(request, Seals.CALLER).orElse(null));
        assertEquals(CLUSTER, HttpHead.header(request, Seals.CLUSTER).orElse(null));
        assertEquals("*", HttpHead.header(request, "If-None-Match").orElse(null));
        assertNotNull(HttpHead.header(request, Seals.HEADER).orElse(null));
        for (String secret : new String[] {"Authorization", "Cookie", "X-Forwarded-User", WRITER, "of-alice", SECRET}) {
            assertFalse(
                    request.toLowerCase(Locale.ROOT).contains(secret.toLowerCase(Locale.ROOT)),
                    () -> secret + " in " + request);
        }
        // What was caught opens no other door, and none a second time.
        String caught = request.lines()
                .filter(line -> line.startsWith("Raft-") || line.startsWith("If-"))
                .map(line -> line + "\r\n")
                .reduce("", String::concat);
        String stolen = "{\"key\":\"stolen\",\"value\":1}";
        assertEquals(403, store(nodes.leader, caught, stolen).status());
        assertEquals(421, store(nodes.follower, caught, STORE).status());
        assertEquals(0, nodes.revision());
    }

    @Test
    void aRefusalOfTheCallerIsRelayedAndOneOfTheNodeIsNot() throws Exception {
        nodes.follow(
                "node2",
                record(head -> answer(403, "Content-Type: a/b\r\n", "not you, Alice"))
                        .address());
        Answer relayed = store(nodes.follower, bearer(WRITER), STORE);
        assertSays(403, "not you, Alice", relayed);

        String forged = "Raft-Seal-Refused: " + "0".repeat(64) + "\r\nContent-Type: application/problem+json\r\n";
        String words = "{\"detail\":\"who are you?\"}";
        nodes.follow("node2", record(head -> answer(403, forged, words)).address());
        Answer unknown = store(nodes.follower, bearer(WRITER), STORE);
        assertSays(504, "may or may not have been carried out", unknown);
        assertSays(504, "it says: who are you?", unknown);
        assertNull(unknown.header("raft-seal-refused"));

        nodes.follow(
                "node2",
                record(head -> answer(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", words))
                        .address());
        assertSays(504, "Give all nodes the same RAFT_NODE_SECRET", store(nodes.follower, bearer(WRITER), STORE));
    }

    @Test
    void anotherSecretAtTheFollowerIsToldToTheClient() throws IOException {
        nodes.replaceFollower(OTHER);
        nodes.follow("node2", nodes.leader.address());
        assertSays(
                504,
                "the nodes do not know each other: the leader at " + nodes.leader.address()
                        + " refuses this node (it says: the seal of a node is not made with the secret of node node2",
                store(nodes.follower, bearer(WRITER), STORE));
        Answer read = nodes.follower.http().send("GET", "/store/k?consistency=linearizable", bearer(READER));
        assertSays(503, "so this read cannot be linearizable now", read);
        assertSays(503, "Give all nodes the same RAFT_NODE_SECRET, and clocks that agree", read);
        assertEquals(0, nodes.revision());
    }

    @Test
    void withoutASecretTheClientIsToldWhatToSet() throws IOException {
        nodes.replaceFollower(null);
        nodes.follow("node2", nodes.leader.address());
        Answer write = store(nodes.follower, bearer(WRITER), STORE);
        assertSays(503, "Set RAFT_NODE_SECRET, the same on all nodes. Nothing was changed", write);
        assertEquals(0, nodes.revision());
        assertSays(401, "set RAFT_NODE_SECRET", store(nodes.leader, "User-Agent: raftkv\r\n", STORE));
    }

    @Test
    void whoeverElseHasComeToAnAddressIsNotTakenForTheLeader() {
        nodes.follow("node9", nodes.leader.address());
        Answer answer = store(nodes.follower, bearer(WRITER), STORE);
        assertSays(504, "not the leader answers at its address " + nodes.leader.address(), answer);
        assertSays(504, "this is node node2, and node node9 was asked). Nothing proves", answer);
        assertEquals(0, nodes.revision());
    }

    @Test
    void aMisdirectedWriteIsSentToTheLeaderThatIsKnownThen() throws Exception {
        ServerSocket encrypted = Tls.open(nodes.certificates.node("node8"))
                .context()
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
        nodes.follow("node9", record(encrypted, misdirected()).address());
        assertEquals(200, store(nodes.follower, bearer(WRITER), STORE).status());
        assertEquals(1, nodes.revision());
    }

    /** Somebody between the nodes may have brought it to the one that it was for. */
    @Test
    void aMisdirectedWriteThatOthersMayHaveSeenIsNotSentAgain() throws Exception {
        nodes.follow("node9", record(misdirected()).address());
        assertSays(504, "may or may not have been carried out", store(nodes.follower, bearer(WRITER), STORE));
        assertEquals(0, nodes.revision());
    }

    /** What another node answers, by when the leader is known. */
    private Function<String, String> misdirected() throws IOException {
        Seals other = nodes.seals("node8", SECRET);
        return head -> {
            nodes.follow("node2", nodes.leader.address());
            SealRefusedException refusal = assertThrows(
                    SealRefusedException.class,
                    () -> other.check(new Asked(
                            "POST",
                            "/store",
                            name -> HttpHead.header(head, name).orElse(null))));
            return answer(421, Seals.REFUSED + ": " + refusal.proof() + "\r\n", "");
        };
    }
}
