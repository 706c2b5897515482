package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.raftkv.it.EventClient.Event;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What an operator with curl sees of three nodes: the log, the same at all of them, and an election as it happens. */
final class LookIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int SNAPSHOT_ENTRIES = 100;
    private static final String LARGE = "\"" + "x".repeat(200_000) + "\"";

    private final Http http = Http.following(Duration.ofSeconds(30));

    @Test
    void theLogIsTheSameAtAllNodesAndAnElectionIsSeenAsItHappens() throws IOException {
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        try (ServerCluster cluster = ServerCluster.start(
                (node, base) -> war.node(node, base).with("RAFT_SNAPSHOT_ENTRIES", Integer.toString(SNAPSHOT_ENTRIES)),
                "look")) {
            cluster.joinAll();
            int leader = cluster.awaitLeader();
            int voter = (leader + 1) % ServerCluster.SIZE;
            List<Event> before = events(cluster, voter, new EventClient(), event -> isLeader(cluster, leader, event));
            writeOneOfEach(cluster.url(leader, "/store"), cluster.url(leader, "/txn"));
            assertTheSameLog(cluster);

            EventClient client = new EventClient();
            events(
                    cluster,
                    voter,
                    client,
                    event -> event.id().equals(last(before).id()));
            cluster.kill(leader);
            int next = cluster.awaitLeader();
            Reply put = http.put(cluster.url(next, "/store/after"), "1");
            assertEquals(200, put.status(), put::toString);
            // What happened while it was away comes when the client is there again.
            List<Event> missed = events(cluster, voter, client, event -> isLeader(cluster, next, event));
            assertElection(cluster, next, voter, missed);
            assertEventsHaveRisingIds(before, missed);

            cluster.restart(leader);
            cluster.awaitLeader();
            assertTheSameLog(cluster);
            assertPurgedAfterASnapshot(cluster);
            anIdOfTheLastStartIsGone(cluster, voter, last(missed).id());
        }
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }

    /** Reads from where the client was, or all that is kept, until the event has come. */
    private static List<Event> events(ServerCluster cluster, int node, EventClient client, Predicate<Event> wanted)
            throws IOException {
        List<Event> seen = new ArrayList<>();
        int status = client.read(
                cluster.url(node, "/raft/events?last=1000"),
                () -> !seen.isEmpty() && wanted.test(last(seen)),
                seen::add);
        assertEquals(200, status);
        return seen;
    }

    private static JsonNode data(Event event) {
        try {
            return JSON.readTree(event.data());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isLeader(ServerCluster cluster, int node, Event event) {
        return event.name().equals("leader")
                && data(event)
                        .path("leader_id")
                        .asText()
                        .equals(cluster.spec(node).nodeId());
    }

    private void writeOneOfEach(String store, String txn) throws IOException {
        Reply put = http.put(store + "/k", "{\"n\": 1}");
        String tag = put.headers().firstValue("ETag").orElseThrow();
        assertEquals(200, http.put(store + "/k", "2", "If-Match", tag).status());
        assertEquals(
                200,
                http.post(
                                txn,
                                "{\"if\":[{\"key\":\"k\",\"value\":2}],\"then\":[{\"put\":\"t\",\"value\":3},{\"get\":\"k\"}]}")
                        .status());
        assertEquals(200, http.put(store + "/short?ttl=1", "4").status());
        eventually(LIMIT, () -> assertEquals(404, http.get(store + "/short").status()));
        assertEquals(200, http.delete(store + "/k").status());
    }

    private JsonNode log(ServerCluster cluster, int node, String query) throws IOException {
        Reply reply = http.get(cluster.url(node, "/raft/log" + query));
        assertEquals(200, reply.status(), reply::toString);
        return reply.json().path("data");
    }

    /** But for how far each node has come. */
    private static List<JsonNode> entries(JsonNode log) {
        List<JsonNode> entries = new ArrayList<>();
        for (JsonNode entry : log.path("entries")) {
            entries.add(((ObjectNode) entry.deepCopy()).without(List.of("committed", "applied")));
        }
        return entries;
    }

    private void assertTheSameLog(ServerCluster cluster) {
        eventually(LIMIT, () -> {
            JsonNode log = log(cluster, 0, "?from=0&limit=1000");
            List<JsonNode> entries = entries(log);
            assertEquals(log.path("last_index").asLong() + 1, entries.size());
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                JsonNode other = log(cluster, node, "?from=0&limit=1000");
                assertEquals(entries, entries(other), "node" + (node + 1));
                assertTrue(last(all(other)).path("applied").asBoolean(), other::toString);
                List<JsonNode> newest = entries(log(cluster, node, "?last=3"));
                for (int i = 0; i < newest.size(); i++) {
                    assertEquals(entries.get(entries.size() - 1 - i), newest.get(i));
                }
            }
            String text = entries.toString();
            for (String part : List.of(
                    "\"op\":\"put\",\"key\":\"k\",\"value_bytes\":8,\"value\":{\"n\":1}}",
                    "\"key\":\"k\",\"value_bytes\":1,\"value\":2,\"if_match\":[",
                    "{\"op\":\"txn\",\"if\":[{\"key\":\"k\",\"op\":\"=\",\"value\":2}],\"then\":[{\"op\":\"put\","
                            + "\"key\":\"t\",\"value_bytes\":1,\"value\":3},{\"op\":\"get\",\"key\":\"k\"}],\"else\":[]}",
                    "\"key\":\"short\",\"value_bytes\":1,\"value\":4,\"ttl_ms\":1000}",
                    "{\"op\":\"expire\"}",
                    "{\"op\":\"delete\",\"key\":\"k\"}",
                    "{\"op\":\"announce\",\"node_id\":\"node2\"")) {
                assertTrue(text.contains(part), () -> part + " is not in " + text);
            }
            assertTrue(entries.stream().anyMatch(entry -> entry.path("members").size() == ServerCluster.SIZE), text);
            assertTrue(entries.stream().anyMatch(entry -> entry.has("members_before")), text);
        });
    }

    private static List<JsonNode> all(JsonNode log) {
        List<JsonNode> all = new ArrayList<>();
        log.path("entries").forEach(all::add);
        return all;
    }

    /** The one that has become the leader was voted for, by this node or by the one that tells of it. */
    private static void assertElection(ServerCluster cluster, int next, int voter, List<Event> seen) {
        String candidate = cluster.spec(next).nodeId();
        List<JsonNode> given = seen.stream()
                .filter(event -> event.name().equals("vote"))
                .map(LookIT::data)
                .filter(vote -> vote.path("vote").asText().equals("given")
                        && vote.path("candidate").asText().equals(candidate)
                        && !vote.path("pre_vote").asBoolean())
                .toList();
        assertTrue(!given.isEmpty(), seen::toString);
        long term = given.get(0).path("term").asLong();
        assertTrue(
                seen.stream()
                        .anyMatch(event -> event.name().equals("term")
                                && data(event).path("term").asLong() == term),
                seen::toString);
        if (next == voter) {
            for (String role : List.of("Candidate", "Leader")) {
                assertTrue(
                        seen.stream()
                                .anyMatch(event -> event.name().equals("role")
                                        && data(event).path("role").asText().equals(role)),
                        seen::toString);
            }
        }
    }

    private static void assertEventsHaveRisingIds(List<Event> before, List<Event> after) {
        long last = 0;
        List<Event> all = new ArrayList<>(before);
        all.addAll(after);
        for (Event event : all) {
            long id = Long.parseLong(event.id());
            assertTrue(id > last, () -> id + " in " + all);
            last = id;
        }
    }

    /**
     * Large values fill the files of the log, of which only whole ones go. The log is cut where that takes 128 entries away: not
     * at each node by its first snapshot, so there are enough for a second.
     */
    private void assertPurgedAfterASnapshot(ServerCluster cluster) throws IOException {
        int leader = cluster.awaitLeader();
        for (int i = 0; i < 3 * SNAPSHOT_ENTRIES; i++) {
            assertEquals(
                    200,
                    http.put(cluster.url(leader, "/store/large/" + i % 10), LARGE)
                            .status());
        }
        for (int each = 0; each < ServerCluster.SIZE; each++) {
            int node = each;
            eventually(LIMIT, () -> {
                Reply gone = http.get(cluster.url(node, "/raft/log?from=0"));
                assertEquals(410, gone.status(), gone::toString);
                long first = gone.json().path("first_index").asLong();
                JsonNode log = log(cluster, node, "?limit=3");
                assertEquals(first, log.path("first_index").asLong());
                assertEquals(first, all(log).get(0).path("index").asLong());
            });
            JsonNode newest = log(cluster, node, "?last=1000");
            assertTrue(all(newest).size() > 10, newest::toString);
            assertTrue(newest.toString().contains("\"value_begins\":\"\\\"xxx"), newest::toString);
            JsonNode none =
                    log(cluster, node, "?from=" + (newest.path("last_index").asLong() + 1000));
            assertEquals(0, none.path("entries").size());
        }
    }

    private static void anIdOfTheLastStartIsGone(ServerCluster cluster, int node, String id) throws IOException {
        cluster.kill(node);
        cluster.restart(node);
        Reply gone = Http.plain(Duration.ofSeconds(10)).get(cluster.url(node, "/raft/events"), "Last-Event-ID", id);
        assertEquals(410, gone.status(), gone::toString);
        assertTrue(gone.json().path("oldest_event_id").asLong() > Long.parseLong(id), gone::toString);
    }
}
