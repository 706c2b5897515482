package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.raft.members.Membership.Asked;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.TestConfigs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that takes long to catch up, and those who wait for it. */
@Timeout(180)
class CatchUpIT {
    /** Where Ratis takes entries. */
    private static final String APPEND = "RaftServerImpl.appendEntries";

    private static final Pattern LACKS = Pattern.compile("node3 still lacks (\\d+) entries");
    /** So who is new gets the log, entry by entry. */
    private static final NodeConfig.Storage NO_SNAPSHOTS =
            new NodeConfig.Storage(8 << 20, 1 << 20, 1_000_000, Long.MAX_VALUE);

    private static final Duration ELECTION = Duration.ofMillis(500);

    /** Before it a change that waits is not given up; and long after it nobody waits. */
    private static final Duration TURN = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private final Http http = Http.plain(Duration.ofSeconds(60));
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private HttpNodes nodes;

    @BeforeEach
    void open() {
        nodes = new HttpNodes(directory, 3);
    }

    @AfterEach
    void close() {
        end.complete(null);
        CodeInjectionForTesting.remove(APPEND);
        nodes.close();
    }

    /** The second comes last: who is new has to have the log as far as that. */
    private void start(Duration joinTimeout, int keys, String value) {
        for (int i = 0; i < 3; i++) {
            NodeConfig config = nodes.config(i, HttpNodes.id(i), List.of());
            NodeConfig replaying = TestConfigs.with(config, NO_SNAPSHOTS);
            nodes.start(i, TestConfigs.with(replaying, TestConfigs.timeouts(ELECTION, joinTimeout)));
        }
        write(keys, value);
        eventually(
                NodeCluster.PATIENCE,
                () -> NodeCluster.await(nodes.node(0)
                        .membership()
                        .join(Asked.voter("node2", nodes.configOf(1).raftAddress()))));
    }

    /** Entries reach the third node so much later, or never while {@code delay} is negative. */
    private void slow(Duration delay) {
        String third = "node3@" + nodes.configOf(2).raftAddress();
        CodeInjectionForTesting.put(APPEND, (local, remote, arguments) -> {
            AppendEntriesRequestProto request = (AppendEntriesRequestProto) arguments[1];
            if (local.toString().equals(third) && !end.isDone()) {
                if (delay.isNegative()) {
                    throw new IllegalStateException("nothing reaches node3");
                }
                if (request.getEntriesCount() > 0) {
                    LockSupport.parkNanos(delay.toNanos());
                }
            }
            return true;
        });
    }

    /** Each is an entry of its own. */
    private void write(int keys, String value) {
        for (int i = 0; i < keys; i++) {
            NodeCluster.put(nodes.node(0), "key" + i, value);
        }
    }

    private Http.Reply post(String path, String body) {
        try {
            return http.post(nodes.url(0) + path, body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Http.Reply join() {
        return post(
                "/raft/join",
                "{\"node_id\":\"node3\",\"raft_address\":\"" + nodes.configOf(2).raftAddress() + "\"}");
    }

    /** The third node in the members' list of the second, which asks the leader. */
    private JsonNode listed() throws IOException {
        for (JsonNode member :
                http.get(nodes.url(1) + "/raft/members").json().path("data").path("members")) {
            if (member.path("node_id").asText().equals("node3")) {
                return member;
            }
        }
        return MissingNode.getInstance();
    }

    @Test
    void theMembersListAndTheAnswersOfTheJoinShowHowFarANewVoterIs() throws Exception {
        start(Duration.ofSeconds(1), 400, "\"" + "x".repeat(64 << 10) + "\"");
        slow(Duration.ofMillis(200));
        List<Long> told = new ArrayList<>();
        CompletableFuture<Http.Reply> joined = CompletableFuture.supplyAsync(() -> {
            Http.Reply answer = join();
            while (answer.status() != 200) {
                Matcher lacks = LACKS.matcher(answer.text());
                if (lacks.find()) {
                    told.add(Long.parseLong(lacks.group(1)));
                }
                // It cannot be over while it says so.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
                answer = join();
            }
            return answer;
        });
        List<Long> matches = new ArrayList<>();
        List<Long> lags = new ArrayList<>();
        while (!joined.isDone()) {
            JsonNode third = listed();
            if (third.path("joining").asBoolean() && third.path("match_index").isNumber()) {
                matches.add(third.path("match_index").asLong());
                lags.add(third.path("lag_entries").asLong());
            }
        }
        assertEquals(200, joined.get().status(), joined.get()::toString);
        assertRises(matches);
        assertRises(lags.stream().map(lag -> -lag).toList());
        assertRises(told.stream().map(lag -> -lag).toList());
        eventually(NodeCluster.PATIENCE, () -> {
            JsonNode third = listed();
            assertFalse(third.path("joining").asBoolean(true), third::toString);
            assertEquals("Voter", third.path("suffrage").asText(), third::toString);
            assertEquals(0, third.path("lag_entries").asLong(-1), third::toString);
        });
    }

    /** Never falls, and has stopped on its way. */
    private static void assertRises(List<Long> numbers) {
        assertEquals(numbers.stream().sorted().toList(), numbers);
        assertTrue(numbers.stream().distinct().count() >= 3, numbers::toString);
    }

    /** A learner that is to be a voter and gets nothing: whatever else is asked for is answered, and never done later. */
    @Test
    void whatCannotBeginWhileAJoinGoesOnIsAnsweredAndNotDoneLate() throws Exception {
        start(Duration.ofSeconds(60), 1, "1");
        NodeCluster.await(nodes.node(0)
                .membership()
                .join(Asked.learner("node3", nodes.configOf(2).raftAddress())));
        eventually(
                NodeCluster.PATIENCE,
                () -> assertEquals(Role.LEARNER, nodes.node(2).kv().status().role()));
        slow(Duration.ofMillis(-1));
        write(20, "1");
        eventually(
                NodeCluster.PATIENCE,
                () -> assertTrue(listed().path("last_contact_ms").asLong() > 2 * ELECTION.toMillis()));
        CompletableFuture<Http.Reply> join = CompletableFuture.supplyAsync(this::join);
        assertGoesOn(join);

        NodeStatus before = nodes.node(0).kv().status();
        long asked = System.nanoTime();
        List<CompletableFuture<Http.Reply>> waiting = List.of(
                CompletableFuture.supplyAsync(() -> post("/raft/transfer", "{}")),
                CompletableFuture.supplyAsync(() -> post("/raft/remove", "{\"node_id\":\"node2\"}")));
        for (CompletableFuture<Http.Reply> each : waiting) {
            Http.Reply answer = each.get(2 * TURN.toSeconds(), TimeUnit.SECONDS);
            assertTrue(System.nanoTime() - asked > TURN.toNanos() / 2, answer::toString);
            assertEquals(503, answer.status(), answer::toString);
            assertTrue(answer.headers().firstValue("Retry-After").isPresent(), answer::toString);
            assertTrue(
                    answer.text()
                            .contains("the join of node3 at "
                                    + nodes.configOf(2).raftAddress() + " is under way: nothing was changed"),
                    answer::toString);
            assertTrue(LACKS.matcher(answer.text()).find(), answer::toString);
        }
        assertFalse(join.isDone(), "the others were answered because the join is over");

        end.complete(null);
        Http.Reply joined = join.get(60, TimeUnit.SECONDS);
        assertEquals(200, joined.status(), joined::toString);
        // Whatever was before this one has had its turn.
        assertEquals(404, post("/raft/remove", "{\"node_id\":\"nobody\"}").status());
        NodeStatus after = nodes.node(0).kv().status();
        assertEquals(before.leaderId(), after.leaderId());
        assertEquals(before.term(), after.term());
        assertEquals(
                List.of("node1", "node2", "node3"),
                after.members().stream()
                        .filter(Member::voter)
                        .map(Member::nodeId)
                        .sorted()
                        .toList());
    }

    private static void assertGoesOn(CompletableFuture<Http.Reply> change) throws Exception {
        try {
            Http.Reply answer = change.get(2, TimeUnit.SECONDS);
            throw new AssertionError("it is over: " + answer);
        } catch (TimeoutException e) {
            // It waits, as it should.
        }
    }
}
