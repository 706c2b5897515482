package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Role;
import dev.raftkv.raft.members.Membership.Asked;
import dev.raftkv.testkit.Http;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What each node tells of all of them over HTTP, and what a learner does for clients. */
@Timeout(120)
class MembersIT {
    @TempDir
    Path directory;

    private final Http http = Http.plain(Duration.ofSeconds(10));
    private HttpNodes nodes;

    @BeforeEach
    void open() {
        nodes = new HttpNodes(directory, 3);
        for (int i = 0; i < 3; i++) {
            nodes.start(i, nodes.config(i, HttpNodes.id(i), List.of()));
        }
        Node first = nodes.node(0);
        NodeCluster.await(
                first.membership().join(Asked.voter("node2", nodes.configOf(1).raftAddress())));
        NodeCluster.await(
                first.membership().join(Asked.learner("node3", nodes.configOf(2).raftAddress())));
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(Role.LEARNER, nodes.node(2).kv().status().role()));
    }

    @AfterEach
    void close() {
        nodes.close();
    }

    private JsonNode members(int node) throws IOException {
        Http.Reply reply = http.get(nodes.url(node) + "/raft/members");
        assertEquals(200, reply.status(), reply::toString);
        return reply.json();
    }

    private Map<String, JsonNode> byId(JsonNode members) {
        Map<String, JsonNode> byId = new HashMap<>();
        members.path("data")
                .path("members")
                .forEach(each -> byId.put(each.path("node_id").asText(), each));
        return byId;
    }

    @Test
    void everyNodeTellsTheSame() {
        for (int i = 0; i < 50; i++) {
            NodeCluster.put(nodes.node(0), "key" + i, "1");
        }
        for (int asked : List.of(0, 1, 2)) {
            eventually(NodeCluster.PATIENCE, () -> {
                JsonNode answer = members(asked);
                assertEquals("Here are the members", answer.path("message").asText());
                assertEquals("node1", answer.path("data").path("leader_id").asText());
                long committed = answer.path("data").path("commit_index").asLong();
                assertTrue(committed > 0, answer::toString);
                Map<String, JsonNode> members = byId(answer);
                assertEquals(3, members.size());
                members.forEach((id, each) -> {
                    assertEquals(
                            id.equals("node3") ? "Learner" : "Voter",
                            each.path("suffrage").asText());
                    assertEquals(0, each.path("lag_entries").asLong(-1), each::toString);
                    assertTrue(each.path("match_index").asLong(-1) >= committed, each::toString);
                    assertTrue(each.path("last_contact_ms").asLong(-1) >= 0, each::toString);
                });
            });
        }
    }

    @Test
    void aMemberThatIsAwayLagsAndWithoutALeaderTheRestIsUnknown() {
        nodes.stop(2);
        for (int i = 0; i < 20; i++) {
            NodeCluster.put(nodes.node(0), "key" + i, "1");
        }
        eventually(NodeCluster.PATIENCE, () -> {
            JsonNode away = byId(members(1)).get("node3");
            assertTrue(away.path("lag_entries").asLong() >= 20, away::toString);
            assertTrue(away.path("last_contact_ms").asLong() > 300, away::toString);
        });
        nodes.stop(0);
        eventually(NodeCluster.PATIENCE, () -> {
            JsonNode answer = members(1);
            assertTrue(answer.path("message").asText().endsWith("no leader was asked"), answer::toString);
            assertEquals(3, byId(answer).size());
            byId(answer)
                    .values()
                    .forEach(each ->
                            assertEquals("unknown", each.path("lag_entries").asText()));
        });
    }

    @Test
    void aLearnerServesReadsOfAllLevelsAndSendsWritesOn() throws IOException {
        IntStream.range(0, 20).forEach(i -> NodeCluster.put(nodes.node(0), "key", "" + i));
        for (String level : List.of("linearizable", "leader")) {
            Http.Reply read = http.get(nodes.url(2) + "/store/key?consistency=" + level);
            String value = level.equals("leader")
                    ? read.headers().firstValue("location").orElseThrow()
                    : read.json().path("data").path("value").asText();
            assertEquals(level.equals("leader") ? nodes.url(0) + "/store/key?consistency=leader" : "19", value);
        }
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(
                        "19",
                        http.get(nodes.url(2) + "/store/key")
                                .json()
                                .path("data")
                                .path("value")
                                .asText()));
        Http.Reply redirected = http.post(nodes.url(2) + "/store", "{\"key\":\"other\",\"value\":1}");
        assertEquals(307, redirected.status(), redirected::toString);
        assertEquals(200, http.get(nodes.url(2) + "/health/ready").status());
    }

    @Test
    void aLearnerThatWasRemovedWhileItWasAwayIsToldWhenItComesBack() throws IOException {
        nodes.stop(2);
        NodeCluster.await(nodes.node(0).membership().remove("node3"));
        nodes.start(2);
        eventually(
                Duration.ofSeconds(30),
                () -> assertEquals(
                        Stage.REMOVED,
                        nodes.node(2).kv().status().identity().birth().stage()));
        NodeCluster.await(nodes.node(0)
                .membership()
                .join(Asked.learner("node3", nodes.configOf(2).raftAddress())));
        NodeCluster.put(nodes.node(0), "key", "1");
    }

    @Test
    void onePictureShowsAllMembersAndWhoDoesNotAnswer() throws IOException {
        nodes.stop(2);
        long begun = System.nanoTime();
        Http.Reply reply = http.get(nodes.url(1) + "/raft/cluster");
        assertEquals(200, reply.status(), reply::toString);
        assertTrue(System.nanoTime() - begun < Duration.ofSeconds(2).toNanos());
        Map<String, JsonNode> members = byId(reply.json());
        assertEquals("Leader", members.get("node1").path("state").asText(), reply::toString);
        assertEquals("Follower", members.get("node2").path("state").asText(), reply::toString);
        assertEquals("node1", members.get("node2").path("leader_id").asText(), reply::toString);
        JsonNode gone = members.get("node3");
        assertFalse(gone.path("answered").asBoolean(), reply::toString);
        assertTrue(gone.path("reason").asText().contains(nodes.url(2) + "/raft/stats did not answer"), reply::toString);
    }

    @Test
    void theLeadershipIsTransferredOverHttp() throws IOException {
        Http.Reply refused = http.post(nodes.url(0) + "/raft/transfer", "{\"node_id\":\"node3\"}");
        assertEquals(409, refused.status(), refused::toString);
        Http.Reply done = http.post(nodes.url(0) + "/raft/transfer", "{}");
        assertEquals(200, done.status(), done::toString);
        assertEquals("node node2 leads now", done.json().path("message").asText());
        assertEquals(Role.LEADER, nodes.node(1).kv().status().role());
        // A learner of a moment ago may still be starting, and says so.
        eventually(NodeCluster.PATIENCE, () -> {
            Http.Reply snapshot = http.post(nodes.url(2) + "/raft/snapshot", "");
            assertEquals(200, snapshot.status(), snapshot::toString);
            assertEquals("node3", snapshot.json().path("data").path("node_id").asText());
        });
    }
}
