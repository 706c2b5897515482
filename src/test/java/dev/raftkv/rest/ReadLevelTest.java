package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertUnavailable;
import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.WriteTransaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads of each level at a leader, and at a follower that really asks it. */
@ParameterizedClass
@EnumSource(
        value = Way.class,
        names = {"JERSEY", "SHORTCUT", "READING_THREAD"})
class ReadLevelTest {
    @TempDir
    Path directory;

    @Parameter
    Way way;

    private RestServer leader;
    private RestServer follower;

    @BeforeEach
    void start() {
        leader = new RestServer(directory.resolve("leader"), "/one", FollowerWrites.REDIRECT, way);
        follower = new RestServer(directory.resolve("follower"), "/two", FollowerWrites.REDIRECT, way);
        follower.replicator.follow(Optional.of("node0"), Optional.of(leader.address()));
    }

    @AfterEach
    void stop() {
        follower.close();
        leader.close();
    }

    private static void put(RestServer server, String key, String json) {
        server.replicator.replicate(
                new Command.Put(Key.of(key), new JsonText(json.getBytes(StandardCharsets.UTF_8)), 0));
    }

    private static void assertServed(String value, String level, Answer answer) {
        assertEquals(200, answer.status(), answer::body);
        assertTrue(answer.body().endsWith("\"value\":" + value + "}}\n"), answer::body);
        assertEquals(level, answer.header("raft-consistency"));
    }

    @Test
    void aReadThatHasToWaitForAWriteIsAnsweredWhenThatIsOver() throws Exception {
        put(leader, "k", "1");
        KvStore store = leader.replicator.store();
        CompletableFuture<Answer> changed;
        CompletableFuture<Answer> added;
        CompletableFuture<Answer> forwarded;
        int left = leader.left();
        try (WriteTransaction write = store.begin(0)) {
            write.put(Key.of("k"), new JsonText("2".getBytes(StandardCharsets.UTF_8)), 0);
            write.put(Key.of("new"), new JsonText("3".getBytes(StandardCharsets.UTF_8)), 0);
            changed = CompletableFuture.supplyAsync(() -> leader.http().get("/store/k"));
            added = CompletableFuture.supplyAsync(() -> leader.http().get("/store/new?consistency=eventual"));
            forwarded = CompletableFuture.supplyAsync(
                    () -> leader.http().send("GET", "/store/k", "Raft-Follower-Writes: forward\r\n"));
            if (way == Way.READING_THREAD) {
                eventually(Duration.ofSeconds(20), () -> assertEquals(left + 3, leader.left()));
            }
            assertThrows(TimeoutException.class, () -> changed.get(200, TimeUnit.MILLISECONDS));
            assertThrows(TimeoutException.class, () -> added.get(1, TimeUnit.MILLISECONDS));
            write.commit(1, store.position().index() + 1);
        }

        assertServed("2", "eventual", changed.get(20, TimeUnit.SECONDS));
        assertServed("3", "eventual", added.get(20, TimeUnit.SECONDS));
        assertServed("2", "eventual", forwarded.get(20, TimeUnit.SECONDS));
    }

    @Test
    void theLeaderServesEachLevelAndSaysSo() {
        put(leader, "k", "1");
        assertServed("1", "eventual", leader.http().get("/store/k"));
        assertServed("1", "eventual", leader.http().get("/store/k?consistency=eventual"));
        assertServed("1", "leader", leader.http().get("/store/k?consistency=leader"));
        assertServed("1", "linearizable", leader.http().get("/store/k?consistency=linearizable"));
        leader.replicator.lease(false);
        assertServed("1", "leader", leader.http().get("/store/k?consistency=leader"));
        assertEquals(
                404, leader.http().get("/store/none?consistency=linearizable").status());
    }

    @Test
    void aFollowerWaitsUntilItHasAppliedWhatTheLeaderHad() throws Exception {
        put(leader, "k", "1");
        CompletableFuture<Answer> read =
                CompletableFuture.supplyAsync(() -> follower.http().get("/store/k?consistency=linearizable"));
        // The leader is at index 1, and its barrier at 2: the follower has to come there.
        put(follower, "k", "1");
        assertTrue(!read.isDone() || read.get().status() == 503);
        put(follower, "k", "2");
        Answer answer = read.get(10, TimeUnit.SECONDS);
        assertServed("2", "linearizable", answer);
        assertEquals("2", answer.header("store-revision"));
    }

    @Test
    void aFollowerThatStaysBehindSaysSoAndServesNothingLess() {
        put(leader, "k", "1");
        assertUnavailable(
                "this node has not come to entry 2 in time, it is at 0: try again, or ask another node",
                follower.http().get("/store/k?consistency=linearizable"));
    }

    @Test
    void aFollowerWhoseLeaderDoesNotLeadServesNothingLess() {
        put(follower, "k", "1");
        String again = ", so this read cannot be linearizable now: try again, or read with consistency=eventual";
        leader.replicator.writesFail(Code.UNAVAILABLE, "no majority");
        assertUnavailable(
                "the leader did not confirm that it leads" + again,
                follower.http().get("/store/k?consistency=linearizable"));
        leader.replicator.writesFail(Code.NOT_LEADER, "not me");
        assertUnavailable(
                "the leader did not confirm that it leads" + again,
                follower.http().get("/store/k?consistency=linearizable"));
        leader.close();
        assertUnavailable(
                "the leader did not answer" + again, follower.http().get("/store/k?consistency=linearizable"));
        follower.replicator.follow(Optional.empty(), Optional.empty());
        assertUnavailable(
                "no leader is known now (this node reaches 1 of 2 voting members, itself included, and it takes 2)"
                        + again,
                follower.http().get("/store/k?consistency=linearizable"));
        assertServed("1", "eventual", follower.http().get("/store/k"));
    }

    @Test
    void aReadDoesNotWaitForALeaderThatHangs() throws Exception {
        put(follower, "k", "1");
        leader.replicator.writesEnd(new CompletableFuture<>());
        String late = "the cluster has not confirmed in time what this read must show: try again, or read with"
                + " consistency=eventual";
        leader.replicator.lease(false);
        CompletableFuture<Answer> atTheFollower =
                CompletableFuture.supplyAsync(() -> follower.http().get("/store/k?consistency=linearizable"));
        CompletableFuture<Answer> ofTheLeader =
                CompletableFuture.supplyAsync(() -> leader.http().get("/store/k?consistency=leader"));
        CompletableFuture<Answer> barrier =
                CompletableFuture.supplyAsync(() -> leader.http().post("/raft/barrier", ""));
        assertUnavailable(late, leader.http().get("/store/k?consistency=linearizable"));
        assertEquals(503, atTheFollower.get(10, TimeUnit.SECONDS).status());
        assertUnavailable(late, ofTheLeader.get(10, TimeUnit.SECONDS));
        assertUnavailable(late, barrier.get(10, TimeUnit.SECONDS));
    }

    @Test
    void aFollowerAsksTheNextLeaderWhenTheFirstHangs() throws Exception {
        CompletableFuture<Outcome> hangs = new CompletableFuture<>();
        leader.replicator.writesEnd(hangs);
        try (RestServer next = new RestServer(directory.resolve("next"), "/three", FollowerWrites.REDIRECT, way)) {
            CompletableFuture<Answer> read =
                    CompletableFuture.supplyAsync(() -> follower.http().get("/store/k?consistency=linearizable"));
            leader.replicator.awaitWrite();
            follower.replicator.follow(Optional.of("node7"), Optional.of(next.address()));
            follower.replicator.leaderChanges();
            put(follower, "k", "1");
            assertServed("1", "linearizable", read.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aFollowerSendsWhoWantsTheLeadersStateThere() {
        Answer answer = follower.http().get("/store/k?consistency=leader");
        assertEquals(307, answer.status());
        assertEquals(leader.address() + "/store/k?consistency=leader", answer.header("location"));
        assertEquals(
                307, follower.http().get("/store?prefix=a&consistency=leader").status());
    }

    @Test
    void aFollowerThatForwardsRelaysTheLeadersAnswerWhole() {
        put(leader, "k", "1");
        try (RestServer forwarding =
                new RestServer(directory.resolve("forwarding"), "/kv", FollowerWrites.FORWARD, way)) {
            forwarding.replicator.follow(Optional.of("node0"), Optional.of(leader.address()));
            Answer answer = forwarding.http().get("/store/k?raw&consistency=leader");
            assertEquals("1", answer.body());
            assertEquals("\"1\"", answer.header("etag"));
            assertEquals("leader", answer.header("raft-consistency"));
            assertEquals("nosniff", answer.header("x-content-type-options"));
            String put = "Content-Type: application/json\r\nContent-Length: 1\r\n";
            byte[] two = {'2'};
            assertEquals(
                    412,
                    forwarding
                            .http()
                            .send("PUT", "/store/k", put + "If-Match: \"9\"\r\n", two)
                            .status());
            Answer stored =
                    forwarding.http().send("PUT", "/store/k", put + "If-Match: \"1\"\r\nIdempotency-Key: i\r\n", two);
            assertEquals(200, stored.status());
            assertEquals("\"2\"", stored.header("etag"));
            assertEquals("2", stored.header("store-revision"));
            assertEquals(
                    stored.body(),
                    forwarding
                            .http()
                            .send("PUT", "/store/k", put + "If-Match: \"1\"\r\nIdempotency-Key: i\r\n", two)
                            .body());
        }
    }

    @Test
    void whoWroteAtOneNodeReadsItAtAnother() throws Exception {
        put(leader, "k", "1");
        CompletableFuture<Answer> read =
                CompletableFuture.supplyAsync(() -> follower.http().get("/store/k?min_revision=1"));
        put(follower, "k", "1");
        assertServed("1", "eventual", read.get(10, TimeUnit.SECONDS));
        assertUnavailable(
                "this node has not come to revision 7 in time, it is at 1: try again, or ask another node",
                follower.http().get("/store/k?min_revision=7"));
        assertServed("1", "eventual", follower.http().get("/store/k?min_revision=0"));
    }

    @Test
    void barriersAreForNodesThatLead() {
        assertEquals(
                "{\"message\":\"barrier passed\",\"data\":{\"index\":1}}\n",
                leader.http().post("/raft/barrier", "").body());
        Answer refused = follower.http().post("/raft/barrier", "");
        assertEquals(503, refused.status());
        eventually(
                Duration.ofSeconds(5),
                () -> assertEquals(200, leader.http().get("/raft/stats").status()));
    }
}
