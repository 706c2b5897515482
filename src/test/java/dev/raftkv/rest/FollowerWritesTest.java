package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static dev.raftkv.rest.Problem.assertProblem;
import static dev.raftkv.rest.Problem.assertUnavailable;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Role;
import dev.raftkv.rest.RestServer.Way;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two nodes with real sockets between them: a leader, and a follower under another context path. */
@ParameterizedClass
@EnumSource(
        value = Way.class,
        names = {"JERSEY", "SHORTCUT"})
class FollowerWritesTest {
    private static final String STORE = "{\"key\": \"k\", \"value\": 1.10}";
    private static final String JOIN = "{\"node_id\":\"node2\",\"raft_address\":\"127.0.0.1:1112\"}";
    private static final String REMOVE = "{\"node_id\":\"node2\"}";

    @TempDir
    private static Path directory;

    private static final Map<FollowerWrites, RestServer> FOLLOWERS = new EnumMap<>(FollowerWrites.class);

    @Parameter
    private Way way;

    private static RestServer leader;
    private RestServer follower;

    @BeforeParameterizedClassInvocation
    static void start(Way way) {
        Path nodes = directory.resolve(way.name());
        leader = new RestServer(nodes.resolve("leader"), "/leader", FollowerWrites.REDIRECT, way);
        for (FollowerWrites policy : FollowerWrites.values()) {
            FOLLOWERS.put(policy, new RestServer(nodes.resolve(policy.name()), "/follower", policy, way));
        }
    }

    @BeforeEach
    void reset() {
        leader.replicator.reset();
        leader.members.reset();
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        leader.close();
        FOLLOWERS.values().forEach(RestServer::close);
    }

    private RawHttp follower(FollowerWrites policy) {
        follower = FOLLOWERS.get(policy);
        follower.replicator.follow(Optional.of("node2"), Optional.of(leader.address()));
        follower.members.reset();
        follower.members.fail(Code.NOT_LEADER, "raftkv's own words for it");
        return follower.http();
    }

    @Test
    void redirectNamesTheSamePathAndQueryAtTheLeader() {
        RawHttp http = follower(FollowerWrites.REDIRECT);

        assertRedirect("/store", http.post("/store", STORE));
        assertRedirect("/store/", http.post("/store/", STORE));
        assertRedirect("/store/a%20b/cl%C3%a9/x+y/", http.delete("/store/a%20b/cl%C3%a9/x+y/"));
        assertRedirect("/store?key=a+b%2Fc%3f", http.delete("/store?key=a+b%2Fc%3f"));
        assertRedirect("/raft/join", http.post("/raft/join", JOIN));
        assertRedirect("/raft/remove", http.post("/raft/remove", REMOVE));
    }

    private void assertRedirect(String target, RawHttp.Answer answer) {
        assertProblem(
                307,
                "Temporary Redirect",
                "not the leader",
                ",\"leader_id\":\"node2\",\"leader_http_address\":\"" + leader.address() + "\"",
                answer);
        assertEquals(leader.address() + target, answer.header("location"));
    }

    @Test
    void aRequestChoosesForItselfWhatAFollowerDoes() {
        for (FollowerWrites policy : FollowerWrites.values()) {
            RawHttp http = follower(policy);

            assertOk(
                    "{\"message\":\"success persisting data\",\"data\":{\"key\":\"k\",\"value\":1}}",
                    http.send("PUT", "/store/k", wish("forward"), new byte[] {'1'}));
            assertRedirect("/store/k", http.send("PUT", "/store/k", wish("Redirect"), new byte[] {'1'}));
            assertEquals(
                    422,
                    http.send("PUT", "/store/k", wish("reject"), new byte[] {'1'})
                            .status());
            assertInvalid(
                    "Raft-Follower-Writes is yes: give redirect, forward or reject",
                    http.send("PUT", "/store/k", wish("yes"), new byte[] {'1'}));
        }
    }

    @Test
    void theChoiceIsNoPartOfARequestThatIsRepeated() {
        RawHttp http = follower(FollowerWrites.REDIRECT);
        String name = "Idempotency-Key: \"one\"\r\n";
        String first = leader.http()
                .send("PUT", "/store/k", name + wish("redirect"), new byte[] {'1'})
                .header("etag");

        assertEquals(
                first,
                http.send("PUT", "/store/k", name + wish("forward"), new byte[] {'1'})
                        .header("etag"));
    }

    @Test
    void theForwarderIsNoPartOfARequestThatIsRepeated() {
        RawHttp http = follower(FollowerWrites.FORWARD);
        leader.http().post("/store", STORE);
        String name = "Idempotency-Key: \"" + way + "-two\"\r\n";

        for (String target : List.of("/store/k", "/store?prefix=k")) {
            String key = name.replace("two", target.replaceAll("\\W", ""));
            RawHttp.Answer first = http.send("DELETE", target, key);
            RawHttp.Answer again = leader.http().send("DELETE", target, key);
            assertEquals(200, first.status(), first::body);
            assertEquals(first.body(), again.body());
            assertEquals(first.header("store-revision"), again.header("store-revision"));
        }
    }

    @Test
    void whatIsRelayedWithoutABodyTellsTheLengthThatTheLeaderTold() {
        leader.http().post("/store", STORE);
        RawHttp http = follower(FollowerWrites.FORWARD);

        RawHttp.Answer head = http.send("HEAD", "/store/k?raw&consistency=leader", "");
        assertEquals(200, head.status());
        assertEquals("4", head.header("content-length"));
        String tag = head.header("etag");
        RawHttp.Answer same = http.send("GET", "/store/k?consistency=leader", "If-None-Match: " + tag + "\r\n");
        assertEquals(304, same.status());
        assertNull(same.header("content-length"));
        assertEquals(tag, same.header("etag"));
    }

    /** A page of another site cannot send the header: browsers ask first whether they may, and are not told so. */
    @Test
    void noOtherSiteIsLetIn() {
        for (String path : List.of("/store", "/store/k", "/txn", "/raft/join", "/raft/remove")) {
            RawHttp.Answer answer = follower(FollowerWrites.FORWARD)
                    .send(
                            "OPTIONS",
                            path,
                            "Origin: http://evil.test\r\nAccess-Control-Request-Method: POST\r\n"
                                    + "Access-Control-Request-Headers: raft-follower-writes\r\n");
            assertTrue(
                    answer.headers().keySet().stream().noneMatch(name -> name.startsWith("access-control-")),
                    answer::toString);
        }
    }

    private static String wish(String followerWrites) {
        return "Raft-Follower-Writes: " + followerWrites
                + "\r\nContent-Type: application/json\r\nContent-Length: 1\r\n";
    }

    @Test
    void rejectIsTheAnswerOfRaftSample() {
        RawHttp http = follower(FollowerWrites.REJECT);

        for (RawHttp.Answer answer : List.of(
                http.post("/store", STORE),
                http.delete("/store/k"),
                http.post("/raft/join", JOIN),
                http.post("/raft/remove", REMOVE))) {
            assertProblem(422, "Unprocessable Content", "not the leader", ",\"leader_id\":\"node2\"", answer);
        }
    }

    @Test
    void forwardRelaysTheLeadersAnswers() {
        RawHttp http = follower(FollowerWrites.FORWARD);

        assertOk(
                "{\"message\":\"success persisting data\",\"data\":{\"key\":\"k\",\"value\":1.10}}",
                http.post("/store", STORE));
        assertEquals(200, leader.http().get("/store/k").status());
        assertOk(
                "{\"message\":\"success removing data\",\"data\":{\"key\":\"k\",\"value\":null}}",
                http.delete("/store/k"));
        assertEquals(404, leader.http().get("/store/k").status());
        assertOk(
                "{\"message\":\"success removing data\",\"data\":{\"key\":\"a b/c?\",\"value\":null}}",
                http.delete("/store?key=a+b%2Fc%3F"));
        assertTrue(
                http.post("/raft/join", JOIN).body().startsWith("{\"message\":\"node node2 at 127.0.0.1:1112 joined"));
        assertTrue(http.post("/raft/remove", REMOVE).body().startsWith("{\"message\":\"node node2 removed"));
        assertEquals(List.of("join node2 127.0.0.1:1112", "remove node2"), leader.members.asked());
    }

    @Test
    void forwardRelaysALongValue() {
        RawHttp http = follower(FollowerWrites.FORWARD);
        String value = "\"" + "v".repeat(RestServer.MAX_VALUE - 2) + "\"";

        assertOk(
                "{\"message\":\"success persisting data\",\"data\":{\"key\":\"k\",\"value\":" + value + "}}",
                http.post("/store", "{\"key\":\"k\",\"value\":" + value + "}"));
    }

    /** Longer than a node may keep of it. */
    @Test
    void forwardRelaysALongList() {
        RawHttp http = follower(FollowerWrites.FORWARD);
        for (int i = 0; i < 5; i++) {
            leader.http().post("/store", "{\"key\":\"long/" + i + "\",\"value\":\"" + "v".repeat(100_000) + "\"}");
        }

        RawHttp.Answer list = http.get("/store?prefix=long/&consistency=leader");
        assertEquals(200, list.status());
        assertTrue(list.body().length() > 500_000, () -> "length " + list.body().length());
        assertEquals(leader.http().get("/store?prefix=long/&consistency=leader").body(), list.body());
    }

    @Test
    void forwardRelaysTheLeadersRefusals() {
        RawHttp http = follower(FollowerWrites.FORWARD);

        leader.replicator.writesFail(Code.NO_SPACE, "free some space");
        assertProblem(507, "Insufficient Storage", "free some space", http.post("/store", STORE));
        leader.replicator.writesFail(Code.UNAVAILABLE, "later");
        assertUnavailable("later", http.delete("/store/k"));
    }

    @Test
    void forwardGoesOverOneHopOnly() {
        RawHttp http = follower(FollowerWrites.FORWARD);
        leader.replicator.follow(Optional.of("node3"), Optional.of("http://127.0.0.1:1/never"));

        assertUnavailable(
                "the node that was taken for the leader does not lead: try again in a moment",
                http.post("/store", STORE));
    }

    @Test
    void forwardToALeaderThatIsGoneChangesNothing() throws IOException {
        RawHttp http = follower(FollowerWrites.FORWARD);
        String gone;
        try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            gone = "http://127.0.0.1:" + port.getLocalPort();
        }
        follower.replicator.follow(Optional.of("node2"), Optional.of(gone));

        assertUnavailable(
                "the leader at " + gone + " cannot be reached: nothing was changed, try again in a moment",
                http.post("/store", STORE));
    }

    @ParameterizedTest
    @EnumSource(FollowerWrites.class)
    void withoutALeaderTheClientIsToTryAgain(FollowerWrites policy) {
        RawHttp http = follower(policy);
        follower.replicator.follow(Optional.empty(), Optional.empty());

        String alone =
                "no leader is known now: this node reaches 1 of 2 voting members, itself included, and it takes 2."
                        + " Try again in a moment";
        assertUnavailable(alone, http.post("/store", STORE));
        assertUnavailable(alone, http.post("/raft/remove", REMOVE));

        follower.replicator.follow(Optional.of("node1"), Optional.of("http://myself"));
        assertUnavailable("the leader has just changed: try again in a moment", http.delete("/store/k"));
    }

    @Test
    void whoComesBetweenTwoLeadersIsSentToTheNextOne() throws Exception {
        RawHttp http = follower(FollowerWrites.REDIRECT);
        NodeStatus noLeader = FakeReplicator.status(
                Role.FOLLOWER, List.of(new Member("node1", new Address("127.0.0.1", 1111), Optional.empty(), true)));
        follower.replicator.status(noLeader);
        CompletableFuture<Outcome> refused = new CompletableFuture<>();
        follower.replicator.writesEnd(refused);
        CompletableFuture<RawHttp.Answer> write = CompletableFuture.supplyAsync(() -> http.post("/store", STORE));
        follower.replicator.awaitWrite();
        refused.completeExceptionally(new KvException(Code.NOT_LEADER, "raftkv's own words for it"));

        follower.replicator.follow(Optional.of("node2"), Optional.of(leader.address()));
        follower.replicator.leaderChanges();

        assertRedirect("/store", write.get(20, TimeUnit.SECONDS));
        follower.replicator.status(noLeader);
        assertUnavailable(
                "no leader is known now: this node reaches 1 of 1 voting members, itself included, and it takes 1."
                        + " Try again in a moment",
                http.post("/store", STORE));
    }

    @Test
    void aLeaderThatHearsOfNoMajoritySaysSo() {
        RawHttp http = follower(FollowerWrites.REDIRECT);
        follower.replicator.reset();
        follower.replicator.writesFail(Code.UNAVAILABLE, "too late");

        follower.inTouch = Optional.of(Set.of("node2"));
        assertUnavailable("too late", http.post("/store", STORE));
        follower.inTouch = Optional.of(Set.of("node3"));
        String alone = "too late (this node reaches 1 of 2 voting members, itself included, and it takes 2)";
        assertUnavailable(alone, http.post("/store", STORE));
        follower.inTouch = Optional.empty();
    }

    @ParameterizedTest
    @EnumSource(value = FollowerWrites.class, names = "REJECT", mode = EnumSource.Mode.EXCLUDE)
    void withoutTheLeadersAddressTheClientIsToTryAgain(FollowerWrites policy) {
        RawHttp http = follower(policy);
        follower.replicator.follow(Optional.of("node2"), Optional.empty());

        assertUnavailable(
                "the leader's HTTP address is not known yet: try again in a moment", http.post("/store", STORE));
    }

    @ParameterizedTest
    @EnumSource(FollowerWrites.class)
    void requestIsCheckedBeforeItGoesElsewhere(FollowerWrites policy) {
        RawHttp http = follower(policy);

        assertInvalid("key is empty", http.post("/store", "{\"key\":\"\"}"));
        assertInvalid("key is empty", http.delete("/store/%20"));
        assertInvalid("node_id is empty: give the id of the node", http.post("/raft/join", "{}"));
    }

    @ParameterizedTest
    @EnumSource(FollowerWrites.class)
    void readsStayHere(FollowerWrites policy) {
        RawHttp http = follower(policy);

        assertProblem(404, "Not Found", "error getting key k from storage: Key not found", http.get("/store/k"));
        assertEquals(200, http.get("/raft/stats").status());
    }

    @ParameterizedTest
    @EnumSource(FollowerWrites.class)
    void leaderThatHandedOverHasItselfRemovedByItsSuccessor(FollowerWrites policy) {
        RawHttp http = follower(policy);
        follower.members.handsOverTo(leader.address());

        assertTrue(http.post("/raft/remove", REMOVE).body().startsWith("{\"message\":\"node node2 removed"));
        assertEquals(List.of("remove node2"), leader.members.asked());
    }
}
