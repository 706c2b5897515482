package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static dev.raftkv.rest.Problem.assertProblem;
import static dev.raftkv.rest.Problem.assertUnreadable;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.Role;
import dev.raftkv.raft.members.Configuration.Sight;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.rest.RestServer.Way;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RaftResourceTest {
    private static final String INDEXES = "\"term\":2,\"last_log_index\":13,\"last_log_term\":2,\"commit_index\":12,"
            + "\"applied_index\":11,\"last_snapshot_index\":-1,\"last_snapshot_term\":-1,\"num_peers\":1,";
    private static final String MEMBERS = "\"latest_configuration\":["
            + "{\"node_id\":\"node1\",\"raft_address\":\"127.0.0.1:1111\",\"http_address\":\"http://one:2221\","
            + "\"suffrage\":\"Voter\"},"
            + "{\"node_id\":\"node2\",\"raft_address\":\"[::1]:1112\",\"http_address\":null,\"suffrage\":\"Voter\"},"
            + "{\"node_id\":\"node3\",\"raft_address\":\"127.0.0.1:1113\",\"http_address\":null,"
            + "\"suffrage\":\"Learner\"}],";
    private static final String UNKNOWN =
            "\"match_index\":\"unknown\",\"lag_entries\":\"unknown\",\"last_contact_ms\":\"unknown\"";
    private static final String BIRTH = "\"birth\":{\"stage\":\"member\","
            + "\"group_id\":\"00000000-0000-0001-0000-000000000002\",\"raft_address\":\"127.0.0.1:1111\","
            + "\"asks\":[\"http://one:2221\",\"http://two:2221\"],\"log_level\":12}";
    private static final String STATS = "\"data\":{\"node_id\":\"node1\",\"state\":\"Leader\"," + INDEXES
            + "\"last_contact\":0," + MEMBERS
            + "\"leader_id\":\"node1\",\"leader_http_address\":\"http://one:2221\"," + BIRTH + "}";

    @TempDir
    private static Path directory;

    private static RestServer server;
    private static RawHttp http;

    @BeforeAll
    static void start() {
        server = new RestServer(directory.resolve("store"), "", FollowerWrites.REDIRECT, Way.JERSEY);
        http = server.http();
    }

    @BeforeEach
    void reset() {
        server.replicator.reset();
        server.members.reset();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void statsOfALeader() {
        assertOk("{\"message\":\"Here is the raft status\"," + STATS + "}", http.get("/raft/stats"));
        assertOk("{\"message\":\"Here is the raft status\"," + STATS + "}", http.get("/raft/stats/"));
    }

    @Test
    void statsOfAFollower() {
        server.replicator.follow(Optional.of("node2"), Optional.empty());

        assertOk(
                "{\"message\":\"Here is the raft status\",\"data\":{\"node_id\":\"node1\",\"state\":\"Follower\","
                        + INDEXES + "\"last_contact\":42," + MEMBERS
                        + "\"leader_id\":\"node2\",\"leader_http_address\":null," + BIRTH + "}}",
                http.get("/raft/stats"));
    }

    @Test
    void statsOfANodeThatIsStoppedByAFailure() {
        server.replicator.status(FakeReplicator.status(
                Role.SHUTDOWN,
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("the disk broke")));

        assertOk(
                "{\"message\":\"Here is the raft status\",\"data\":{\"node_id\":\"node1\",\"state\":\"Shutdown\","
                        + INDEXES + "\"last_contact\":null," + MEMBERS
                        + "\"leader_id\":null,\"leader_http_address\":null," + BIRTH
                        + ",\"failure\":\"the disk broke\"}}",
                http.get("/raft/stats"));
    }

    @Test
    void nodeJoins() {
        assertOk(
                "{\"message\":\"node node2 at 127.0.0.1:1112 joined successfully\"," + STATS + "}",
                http.post("/raft/join", "{\"node_id\":\"node2\",\"raft_address\":\"127.0.0.1:1112\"}"));
        assertEquals(List.of("join node2 127.0.0.1:1112"), server.members.asked());
    }

    @Test
    void aNodeThatIsCalledOtherwiseJoinsUnderItsOwnNameWithAWarning() {
        server.members.joins("node2", Optional.of("its real id is node2"));

        assertOk(
                "{\"message\":\"node node2 at [::1]:1112 joined successfully\"," + STATS
                        + ",\"warning\":\"its real id is node2\"}",
                http.post(
                        "/raft/join",
                        "{\"discard_data\":true,\"raft_address\":\"[::1]:1112\",\"node_id\":\"node_2\"}"));
        assertEquals(List.of("join node_2 [::1]:1112 discarding"), server.members.asked());
    }

    @Test
    void aLearnerJoinsAndAVoterByForce() {
        http.post(
                "/raft/join",
                "{\"node_id\":\"n\",\"raft_address\":\"h:1\",\"suffrage\":\"learner\",\"discard_data\":true}");
        http.post("/raft/join", "{\"node_id\":\"n\",\"raft_address\":\"h:1\",\"suffrage\":\"voter\",\"force\":true}");

        assertEquals(List.of("join n h:1 learner discarding", "join n h:1 by force"), server.members.asked());
    }

    @Test
    void theLeadershipIsTransferred() {
        assertOk(
                "{\"message\":\"node node2 leads now\"," + STATS + "}",
                http.post("/raft/transfer", "{\"node_id\":\"node2\"}"));
        assertEquals(200, http.post("/raft/transfer", "{}").status());
        assertInvalid("node_id is empty: give the id of the node", http.post("/raft/transfer", "{\"node_id\":\" \"}"));
        assertEquals(List.of("transfer node2", "transfer to anybody"), server.members.asked());
    }

    @Test
    void aSnapshotIsToldWithItsIndex() {
        assertOk(
                "{\"message\":\"the snapshot is on the disk\",\"data\":{\"node_id\":\"node1\",\"index\":11}}",
                http.post("/raft/snapshot", ""));
    }

    @Test
    void aLeaderTellsHowFarTheMembersAreAndWhoIsJoining() {
        server.members.sees(
                new Sight(new PeerName("node2", new Address("::1", 1112)), 10, 2, 7),
                new Sight(new PeerName("node9", new Address("127.0.0.1", 1119)), -1, 12, 30));

        assertOk(
                "{\"message\":\"Here are the members\",\"data\":{\"leader_id\":\"node1\",\"term\":2,\"commit_index\":12,"
                        + "\"members\":[{\"node_id\":\"node1\",\"raft_address\":\"127.0.0.1:1111\","
                        + "\"http_address\":\"http://one:2221\",\"suffrage\":\"Voter\",\"joining\":false,"
                        + "\"match_index\":13,\"lag_entries\":0,\"last_contact_ms\":0},"
                        + "{\"node_id\":\"node2\",\"raft_address\":\"[::1]:1112\",\"http_address\":null,"
                        + "\"suffrage\":\"Voter\",\"joining\":false,"
                        + "\"match_index\":10,\"lag_entries\":2,\"last_contact_ms\":7},"
                        + "{\"node_id\":\"node3\",\"raft_address\":\"127.0.0.1:1113\",\"http_address\":null,"
                        + "\"suffrage\":\"Learner\",\"joining\":false," + UNKNOWN + "},"
                        + "{\"node_id\":\"node9\",\"raft_address\":\"127.0.0.1:1119\",\"http_address\":null,"
                        + "\"suffrage\":\"Learner\",\"joining\":true,"
                        + "\"match_index\":-1,\"lag_entries\":12,\"last_contact_ms\":30}]}}",
                http.get("/raft/members"));
    }

    @Test
    void aFollowerThatCannotAskTheLeaderSaysSo() {
        server.replicator.follow(Optional.of("node2"), Optional.of("http://127.0.0.1:1"));

        String body = http.get("/raft/members").body();

        assertTrue(body.startsWith("{\"message\":\"Here are the members; no leader was asked\""), body);
        assertTrue(body.contains("\"suffrage\":\"Voter\",\"joining\":false," + UNKNOWN), body);
    }

    @Test
    void nodeIsRemoved() {
        assertOk(
                "{\"message\":\"node node2 removed successfully\"," + STATS + "}",
                http.post("/raft/remove", "{\"node_id\":\"node2\"}"));
        assertEquals(List.of("remove node2"), server.members.asked());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{}", "{\"node_id\":\" \"}", "{\"node_id\":null}"})
    void nodeIdIsNeeded(String body) {
        assertInvalid("node_id is empty: give the id of the node", http.post("/raft/join", body));
        assertInvalid("node_id is empty: give the id of the node", http.post("/raft/remove", body));
        assertEquals(List.of(), server.members.asked());
    }

    @Test
    void addressIsNeeded() {
        String sentence = "raft_address is empty: give the host and Raft port of the node that is to join";

        assertInvalid(sentence, http.post("/raft/join", "{\"node_id\":\"n\"}"));
        assertInvalid(sentence, http.post("/raft/join", "{\"node_id\":\"n\",\"raft_address\":\" \"}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {":1111", "host", "host:", "host:0", "host:65536", "::1:1111", "http://host:1111"})
    void addressMustHaveHostAndPort(String address) {
        assertInvalid(
                "raft_address is not of the form host:port: " + address + "; give it like 127.0.0.1:1112 or [::1]:1112",
                http.post("/raft/join", "{\"node_id\":\"n\",\"raft_address\":\"" + address + "\"}"));
    }

    @Test
    void otherFieldsAndKindsAreRefused() {
        assertInvalid(
                "unknown field \\\"vote\\\": the fields of this request are node_id, raft_address, suffrage, discard_data,"
                        + " force",
                http.post("/raft/join", "{\"node_id\":\"n\",\"raft_address\":\"h:1\",\"vote\":false}"));
        assertInvalid(
                "suffrage is Learner: give \\\"voter\\\" or \\\"learner\\\"",
                http.post("/raft/join", "{\"node_id\":\"n\",\"raft_address\":\"h:1\",\"suffrage\":\"Learner\"}"));
        assertInvalid(
                "unknown field \\\"raft_address\\\": the fields of this request are node_id",
                http.post("/raft/remove", "{\"node_id\":\"n\",\"raft_address\":\"h:1\"}"));
        assertInvalid(
                "discard_data is neither true nor false",
                http.post("/raft/join", "{\"node_id\":\"n\",\"raft_address\":\"h:1\",\"discard_data\":\"yes\"}"));
        assertInvalid(
                "node_id is no string: write it in double quotes",
                http.post("/raft/remove", "{\"node_id\":{\"a\":1}}"));
        assertInvalid("the body is no JSON object: send one with the members node_id", http.post("/raft/remove", "[]"));
        assertInvalid(
                "unknown query parameter \\\"force\\\": this request knows none",
                http.post("/raft/remove?force", "{\"node_id\":\"n\"}"));
        assertInvalid("unknown query parameter \\\"x\\\": this request knows none", http.get("/raft/stats?x=1"));
    }

    @Test
    void bodiesThatCannotBeReadAreRefused() {
        assertUnreadable(
                "the body is not valid JSON: it ends too early, at line 1, column 12",
                http.post("/raft/join", "{\"node_id\":"));
        assertProblem(
                415,
                "Unsupported Media Type",
                "the body has the content type text/plain: send JSON in UTF-8 with the header Content-Type:"
                        + " application/json",
                http.post("/raft/join", "text/plain", "{}".getBytes(UTF_8)));
        assertProblem(
                413,
                "Content Too Large",
                "the body is too large: the limit is 65536 bytes",
                http.post("/raft/remove", " ".repeat(65537)));
    }

    @ParameterizedTest
    @CsvSource({"NOT_FOUND, 404, Not Found", "CONFLICT, 409, Conflict", "OUTCOME_UNKNOWN, 504, Gateway Timeout"})
    void failureOfAChangeIsToldWithItsStatus(Code code, int status, String title) {
        server.members.fail(code, "do this");

        assertProblem(
                status,
                title,
                "do this",
                http.post("/raft/join", "{\"node_id\":\"node2\",\"raft_address\":\"127.0.0.1:1112\"}"));
        assertProblem(status, title, "do this", http.post("/raft/remove", "{\"node_id\":\"node2\"}"));
    }

    @Test
    void membersAreChangedByPostOnly() {
        assertEquals("OPTIONS, POST", http.get("/raft/join").header("allow"));
        assertEquals(405, http.delete("/raft/remove").status());
        assertEquals(405, http.post("/raft/stats", "{}").status());
        assertEquals(404, http.get("/raft").status());
    }
}
