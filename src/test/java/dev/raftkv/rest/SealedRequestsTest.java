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
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.raftkv.access.Asked;
import dev.raftkv.access.Seals;
import dev.raftkv.model.Code;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What comes to a node as if another node had sent it, and does not, or not like this. */
@ParameterizedClass
@EnumSource(
        value = Way.class,
        names = {"JERSEY", "SHORTCUT"})
class SealedRequestsTest {
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

    /** Each header on its own line, with its end. */
    private static String sealed(Seals by, String addressee, String caller, String body) {
        Map<String, String> headers = new TreeMap<>();
        if (caller != null) {
            headers.put(Seals.CALLER, caller);
        }
        String seal = by.seal(new Asked("POST", "/store", headers::get), body.getBytes(UTF_8), addressee)
                .orElseThrow()
                .text();
        return "Raft-Forwarded: node3\r\n" + Seals.HEADER + ": " + seal + "\r\n"
                + (caller == null ? "" : Seals.CALLER + ": " + caller + "\r\n");
    }

    @Test
    void aForgedForwardedRequestGivesNoRightsAndWritesNothing() throws IOException {
        String says = "Raft-Forwarded: node3\r\nRaft-Caller: eve:admin,writer,node\r\n";
        assertEquals(401, store(nodes.leader, says, STORE).status());
        assertSays(403, "bob may not ask for others", store(nodes.leader, says + bearer(READER), STORE));

        Seals stranger = nodes.seals("node3", OTHER);
        assertSays(
                403,
                "the seal of a node is not made with the secret of node node2",
                store(nodes.leader, sealed(stranger, "node2", "eve:admin", STORE), STORE));

        Seals node = nodes.seals("node3", SECRET);
        String real = sealed(node, "node2", "bob:reader", STORE);
        assertSays(
                403,
                "or the request was changed on its way",
                store(nodes.leader, real.replace("bob:reader", "bob:writer"), STORE));
        assertSays(403, "bob has not the role writer", store(nodes.leader, real, STORE));
        assertSays(
                403,
                "eve has not the role writer",
                store(nodes.leader, sealed(node, "node2", "eve:node", STORE), STORE));
        assertSays(
                403, "node3 has not the role writer", store(nodes.leader, sealed(node, "node2", null, STORE), STORE));
        assertSays(
                421,
                "this is node node2, and node node1 was asked",
                store(nodes.leader, sealed(node, "node1", "alice:writer", STORE), STORE));
        assertEquals(0, nodes.revision());
    }

    @Test
    void anotherBodyThanTheSealedOneIsNotCarriedOut() throws IOException {
        String real = sealed(nodes.seals("node3", SECRET), "node2", "alice:writer", STORE);
        Answer answer = store(nodes.leader, real, STORE.replace('1', '2'));
        assertSays(403, "the body is not the one that node node3 has sealed", answer);
        assertNotNull(answer.header("raft-seal-refused"));
        assertEquals(0, nodes.revision());
    }

    @Test
    void aReplayIsRefused() throws IOException {
        String once = sealed(nodes.seals("node3", SECRET), "node2", "alice:writer", STORE);
        assertEquals(200, store(nodes.leader, once, STORE).status());
        assertSays(403, "has come a second time", store(nodes.leader, once, STORE));
        assertEquals(1, nodes.revision());
    }

    @Test
    void whatIsForAnotherClusterIsRefusedSealedOrNot() {
        String other = "Raft-Cluster: 00000000-0000-0000-0000-000000000000\r\n";
        assertSays(421, "another cluster", store(nodes.leader, bearer(WRITER) + other, STORE));
        assertEquals(
                200,
                store(nodes.leader, bearer(WRITER) + "Raft-Cluster: " + CLUSTER + "\r\n", STORE)
                        .status());
    }

    private static Answer says(RestServer node, Seals by, String caller, String path, String body) {
        byte[] bytes = body.getBytes(UTF_8);
        Map<String, String> headers = new TreeMap<>(Map.of("Content-Type", "application/json"));
        if (caller != null) {
            headers.put(Seals.CALLER, caller);
        }
        headers.put(
                Seals.HEADER,
                by.seal(new Asked("POST", path, headers::get), bytes, "")
                        .orElseThrow()
                        .text());
        headers.put("Content-Length", "" + bytes.length);
        StringBuilder lines = new StringBuilder();
        headers.forEach(
                (name, value) -> lines.append(name).append(": ").append(value).append("\r\n"));
        return node.http().send("POST", path, lines.toString(), bytes);
    }

    @Test
    void aNodeSpeaksForItselfAlone() throws IOException {
        Seals node3 = nodes.seals("node3", SECRET);
        String self = "{\"node_id\":\"node3\",\"raft_address\":\"127.0.0.1:1113\"}";
        String other = self.replace("node3", "node1");
        assertSays(
                403,
                "node3 is a node and may speak for itself alone, not for node1",
                says(nodes.leader, node3, null, "/raft/join", other));
        assertEquals(200, says(nodes.leader, node3, null, "/raft/join", self).status());
        String forced = self.replace("}", ",\"force\":true}");
        assertSays(403, "is for people to decide", says(nodes.leader, node3, null, "/raft/join", forced));
        assertEquals(
                200,
                says(nodes.leader, node3, "root:admin", "/raft/join", forced).status());
        assertEquals(
                200,
                says(nodes.leader, node3, "root:admin", "/raft/join", other).status());

        String address = "\"http_address\":\"http://evil.example\"}";
        assertSays(
                403,
                "node3 is a node and may speak for itself alone, not for node1",
                says(nodes.leader, node3, null, "/raft/announce", other.replace("}", "," + address)));
        assertSays(
                200,
                "the members know the address",
                says(nodes.leader, node3, null, "/raft/announce", self.replace("}", "," + address)));
    }

    /** It would be the follower's word, and not its own. */
    @Test
    void aNodeThatAsksToBeJoinedIsSentToTheLeader() throws IOException {
        nodes.follower.members.fail(Code.NOT_LEADER, "raftkv's own words for it");
        byte[] join = "{\"node_id\":\"node3\",\"raft_address\":\"127.0.0.1:1113\"}".getBytes(UTF_8);
        String seal = nodes.seals("node3", SECRET)
                .seal(new Asked("POST", "/raft/join", name -> null), join, "")
                .orElseThrow()
                .text();
        Answer answer = nodes.follower
                .http()
                .send(
                        "POST",
                        "/raft/join",
                        "Raft-Seal: " + seal + "\r\nContent-Type: application/json\r\nContent-Length: " + join.length
                                + "\r\n",
                        join);
        assertEquals(307, answer.status(), answer.body());
        assertEquals(nodes.leader.address() + "/raft/join", answer.header("location"));
    }
}
