package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static dev.raftkv.rest.Problem.assertProblem;
import static dev.raftkv.rest.Problem.assertUnavailable;
import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Address;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Compare;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.Counter;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Member;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Precondition.Match;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.Role;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Value;
import dev.raftkv.model.Write;
import dev.raftkv.raft.look.Events;
import dev.raftkv.raft.look.Happening;
import dev.raftkv.raft.look.Happening.Ballot;
import dev.raftkv.raft.look.Happening.Commit;
import dev.raftkv.raft.look.Happening.NewLeader;
import dev.raftkv.raft.look.Happening.NewMembers;
import dev.raftkv.raft.look.Happening.NewRole;
import dev.raftkv.raft.look.Happening.NewSnapshot;
import dev.raftkv.raft.look.Happening.NewTerm;
import dev.raftkv.raft.look.Happening.Vote;
import dev.raftkv.raft.look.LoggedEntry.Commands;
import dev.raftkv.raft.look.LoggedEntry.Configuration;
import dev.raftkv.rest.RestServer.Way;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code GET /raft/log} and {@code GET /raft/events}. */
@ParameterizedClass
@EnumSource(
        value = Way.class,
        names = {"JERSEY", "SHORTCUT"})
class LookTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Member VOTER = new Member("a", new Address("127.0.0.1", 1111), Optional.empty(), true);
    private static final Member LEARNER = new Member("b", new Address("::1", 1112), Optional.empty(), false);
    private static final String VOTER_JSON =
            "{\"node_id\":\"a\",\"raft_address\":\"127.0.0.1:1111\",\"suffrage\":\"Voter\"}";
    private static final String MEMBERS_JSON =
            "[" + VOTER_JSON + ",{\"node_id\":\"b\",\"raft_address\":\"[::1]:1112\",\"suffrage\":\"Learner\"}]";

    @TempDir
    private Path directory;

    @Parameter
    private Way way;

    private RestServer server;
    private RawHttp http;
    private final List<RawStream> streams = new ArrayList<>();

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, way);
        http = server.http();
    }

    @AfterEach
    void stop() throws IOException {
        for (RawStream stream : streams) {
            stream.close();
        }
        server.close();
    }

    private static JsonText json(String text) {
        return new JsonText(text.getBytes(UTF_8));
    }

    private static Key key(String text) {
        return Key.of(text);
    }

    private static Commands commands(Write... writes) {
        return new Commands(new Batch(77, List.of(writes)));
    }

    private static Command put(String value, long ttlMillis) {
        return new Command.Put(key("k"), json(value), ttlMillis);
    }

    private static String entry(long index, String kind, boolean committed, boolean applied, String more) {
        return "{\"index\":" + index + ",\"term\":2,\"kind\":\"" + kind + "\",\"bytes\":100,\"committed\":" + committed
                + ",\"applied\":" + applied + "," + more + "}";
    }

    private static String metadata(long index, long commit, boolean committed, boolean applied) {
        return entry(index, "metadata", committed, applied, "\"commit_index\":" + commit);
    }

    /** A log whose last entry is not committed, and the one before it not applied. */
    private static String log(long first, long last, String entries, String more) {
        return "{\"message\":\"success reading the log\",\"data\":{\"first_index\":" + first + ",\"last_index\":" + last
                + ",\"commit_index\":" + (last - 1) + ",\"applied_index\":" + (last - 2) + ",\"entries\":[" + entries
                + "]" + more + "}}";
    }

    @Test
    void theLogIsReadFromAnIndexAndPageByPage() {
        server.log = new FakeLog(7).withMetadata(4);
        String first = metadata(7, 0, true, true) + "," + metadata(8, 1, true, true);
        String rest = metadata(9, 2, true, false) + "," + metadata(10, 3, false, false);
        assertOk(log(7, 10, first + "," + rest, ""), http.get("/raft/log"));
        assertOk(log(7, 10, first, ",\"next_from\":9"), http.get("/raft/log?limit=2"));
        assertOk(log(7, 10, rest, ""), http.get("/raft/log?from=9&limit=2"));
        assertOk(
                log(7, 10, metadata(10, 3, false, false) + "," + metadata(9, 2, true, false), ""),
                http.get("/raft/log?last=2"));
        // Behind the end there is nothing, yet.
        assertOk(log(7, 10, "", ""), http.get("/raft/log?from=11"));
    }

    @Test
    void whatASnapshotHasReplacedIsGoneWithTheFirstThatIsThere() {
        server.log = new FakeLog(7).withMetadata(4);
        assertProblem(
                410,
                "Gone",
                "entry 6 is not in the Raft log of this node any more, a snapshot has taken its place: the log begins with"
                        + " entry 7",
                ",\"first_index\":7",
                http.get("/raft/log?from=6"));
    }

    @Test
    void whatIsAskedForIsChecked() {
        assertInvalid("limit is 0: give a whole number from 1 to 1000", http.get("/raft/log?limit=0"));
        assertInvalid("last is 1001: give a whole number from 1 to 1000", http.get("/raft/log?last=1001"));
        assertInvalid("last and from exclude each other: give one of them", http.get("/raft/log?last=1&from=1"));
        assertInvalid("last and limit exclude each other: give one of them", http.get("/raft/log?last=1&limit=1"));
        assertInvalid("last is all: give a whole number from 0 to 1000", http.get("/raft/events?last=all"));
        assertInvalid(
                "Last-Event-ID is 57@3f2a90c1: give the id of an event of this node, which is a number",
                http.send("GET", "/raft/events", "Last-Event-ID: 57@3f2a90c1\r\n"));
        server.log.close("this node is no member of a cluster");
        assertUnavailable("this node is no member of a cluster", http.get("/raft/log"));
    }

    private void assertCommand(String expected, Write write) {
        server.log = new FakeLog(0).with(commands(write));
        String entry = entry(0, "commands", false, false, "\"cluster_time_ms\":77,\"commands\":[" + expected + "]");
        assertOk(log(0, 0, entry, ""), http.get("/raft/log"));
    }

    @Test
    void commandsSayWhatTheyDo() {
        assertCommand("{\"op\":\"put\",\"key\":\"k\",\"value_bytes\":4,\"value\":1.10}", Write.of(put("1.10", 0)));
        assertCommand(
                "{\"op\":\"put\",\"key\":\"k\",\"value_bytes\":1,\"value\":1,\"ttl_ms\":5000,\"if_match\":[4,5],"
                        + "\"if_none_match\":\"*\",\"idempotency_key\":true}",
                new Write(
                        put("1", 5000),
                        new Precondition(Optional.of(Match.of(List.of(4L, 5L))), Optional.of(Match.ANY)),
                        Optional.of(new RequestId("the secret of a client", "print"))));
        assertCommand("{\"op\":\"delete\",\"key\":\"k\"}", Write.of(new Command.Delete(key("k"))));
        assertCommand(
                "{\"op\":\"delete_range\",\"prefix\":\"a/\"}", Write.of(new Command.DeleteRange(Prefix.of("a/"))));
        assertCommand(
                "{\"op\":\"add\",\"key\":\"k\",\"value\":-5}",
                Write.of(new Command.Add(key("k"), Counter.of("-5").orElseThrow())));
        assertCommand(
                "{\"op\":\"append\",\"prefix\":\"q/\",\"value_bytes\":1,\"value\":1,\"ttl_ms\":5000}",
                Write.of(new Command.Append(Prefix.of("q/"), json("1"), 5000)));
        assertCommand("{\"op\":\"expire\"}", Write.of(new Command.Expire()));
        assertCommand("{\"op\":\"barrier\"}", Write.of(new Command.Barrier()));
        assertCommand(
                "{\"op\":\"announce\",\"node_id\":\"a\",\"http_address\":\"http://one\"}",
                Write.of(new Command.Announce("a", "http://one")));
        assertCommand(
                "{\"op\":\"settings\",\"history_changes\":20000,\"history_bytes\":1048576,\"history_prev\":false}",
                Write.of(new Command.Settings(new HistoryLimits(20_000, 1 << 20))));
        UUID id = UUID.fromString("8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f");
        assertCommand(
                "{\"op\":\"session_create\",\"session\":\"" + id + "\",\"name\":\"n\",\"ttl_ms\":15000,"
                        + "\"behavior\":\"release\",\"lock_delay_ms\":0}",
                Write.of(new OfSession.Create(id, "n", 15_000, Behavior.RELEASE, 0)));
        assertCommand(
                "{\"op\":\"put\",\"key\":\"k\",\"value_bytes\":1,\"value\":1,\"session\":\"" + id + "\"}",
                Write.of(new OfSession.Put(key("k"), new JsonText("1".getBytes(UTF_8)), id)));
        assertCommand(
                "{\"op\":\"put\",\"key\":\"k\",\"value_bytes\":1,\"value\":1,\"release\":\"" + id + "\"}",
                Write.of(new OfSession.Release(key("k"), new JsonText("1".getBytes(UTF_8)), id)));
        assertCommand(
                "{\"op\":\"slot\",\"prefix\":\"p/\",\"slots\":3,\"value_bytes\":1,\"value\":1,\"session\":\"" + id
                        + "\"}",
                Write.of(new OfSession.Slot(Prefix.of("p/"), 3, json("1"), id)));
        assertCommand(
                "{\"op\":\"delete\",\"key\":\"k\",\"session\":\"" + id + "\"}",
                Write.of(new OfSession.Delete(key("k"), id)));
        assertCommand(
                "{\"op\":\"session_end\",\"sessions\":[\"" + id + "\"],\"term\":3}",
                Write.of(new OfSession.End(List.of(id), 3)));
    }

    @Test
    void whatConsulsClientsWriteToo() {
        UUID id = UUID.fromString("8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f");
        Value plain = Value.ofBytes("pg1".getBytes(UTF_8));
        Value bytes = Value.ofBytes(new byte[] {-1});
        assertCommand("{\"op\":\"consul_open\"}", Write.of(new OfConsul.Open()));
        assertCommand(
                "{\"op\":\"consul_put\",\"key\":\"k\",\"value_bytes\":3,\"content\":\"text\",\"value\":\"pg1\","
                        + "\"flags\":\"18446744073709551615\",\"if_revision\":7}",
                Write.of(new OfConsul.Put(key("k"), plain, -1, new Mode.Cas(7))));
        assertCommand(
                "{\"op\":\"consul_put\",\"key\":\"k\",\"value_bytes\":1,\"content\":\"base64\",\"value_begins\":\"/w==\","
                        + "\"session\":\"" + id + "\"}",
                Write.of(new OfConsul.Put(key("k"), bytes, 0, new Mode.Acquire(id))));
        assertCommand(
                "{\"op\":\"consul_put\",\"key\":\"k\",\"value_bytes\":1,\"value\":1,\"release\":\"" + id + "\"}",
                Write.of(new OfConsul.Put(key("k"), Value.of(json("1")), 0, new Mode.Release(id))));
        assertCommand(
                "{\"op\":\"consul_put\",\"key\":\"k\",\"value_bytes\":201,\"content\":\"text\",\"value_begins\":\""
                        + "x".repeat(200) + "\"}",
                Write.of(new OfConsul.Put(
                        key("k"), Value.ofBytes("x".repeat(201).getBytes(UTF_8)), 0, new Mode.Plain())));
        assertCommand(
                "{\"op\":\"consul_delete\",\"key\":\"k\",\"if_revision\":7}",
                Write.of(new OfConsul.Delete(key("k"), OptionalLong.of(7))));
        assertCommand(
                "{\"op\":\"consul_txn\",\"operations\":["
                        + "{\"op\":\"consul_put\",\"key\":\"k\",\"value_bytes\":0,\"content\":\"text\",\"value\":\"\"},"
                        + "{\"op\":\"consul_delete\",\"key\":\"k\"},{\"op\":\"get\",\"key\":\"k\"},"
                        + "{\"op\":\"get_range\",\"prefix\":\"p\"},{\"op\":\"delete_range\",\"prefix\":\"p\"},"
                        + "{\"op\":\"check\",\"key\":\"k\",\"revision\":7},{\"op\":\"check\",\"key\":\"k\",\"session\":null},"
                        + "{\"op\":\"check\",\"key\":\"k\",\"exists\":false}]}",
                Write.of(new OfConsul.Txn(List.of(
                        new ConsulOp.Put(key("k"), Value.NOTHING, 0, new Mode.Plain()),
                        new ConsulOp.Delete(key("k"), OptionalLong.empty()),
                        new ConsulOp.Get(key("k"), false),
                        new ConsulOp.GetTree(Prefix.of("p")),
                        new ConsulOp.DeleteTree(Prefix.of("p")),
                        new ConsulOp.CheckIndex(key("k"), 7),
                        new ConsulOp.CheckSession(key("k"), Optional.empty()),
                        new ConsulOp.CheckNotExists(key("k"))))));
    }

    @Test
    void transactionsToo() {
        assertCommand(
                "{\"op\":\"txn\",\"if\":[{\"key\":\"k\",\"op\":\"!=\",\"value\":[1]},{\"key\":\"k\",\"exists\":false},"
                        + "{\"key\":\"k\",\"op\":\"<\",\"revision\":3},{\"key\":\"k\",\"op\":\"=\",\"version\":4}],"
                        + "\"then\":[{\"op\":\"put\",\"key\":\"k\",\"value_bytes\":1,\"value\":1,\"ttl_ms\":9},"
                        + "{\"op\":\"get\",\"key\":\"k\"}],\"else\":[{\"op\":\"delete\",\"key\":\"k\"}]}",
                Write.of(new Command.Txn(
                        List.of(
                                new Compare.Value(key("k"), json("[1]"), false),
                                new Compare.Existence(key("k"), false),
                                new Compare.Revision(key("k"), Compare.Operator.LESS, 3),
                                new Compare.Version(key("k"), Compare.Operator.EQUAL, 4)),
                        List.of(new TxnOp.Put(key("k"), json("1"), 9), new TxnOp.Get(key("k"))),
                        List.of(new TxnOp.Delete(key("k"))))));
    }

    @Test
    void prefixesOfTransactionsToo() {
        assertCommand(
                "{\"op\":\"txn\",\"if\":[{\"prefix\":\"p\",\"op\":\">\",\"count\":0},"
                        + "{\"prefix\":\"\",\"op\":\"<=\",\"revision\":3}],"
                        + "\"then\":[{\"op\":\"get_range\",\"prefix\":\"p\"},"
                        + "{\"op\":\"get_range\",\"prefix\":\"p\",\"limit\":9}],"
                        + "\"else\":[{\"op\":\"delete_range\",\"prefix\":\"p\"}]}",
                Write.of(new Command.Txn(
                        List.of(
                                new Compare.Count(Prefix.of("p"), Compare.Operator.GREATER, 0),
                                new Compare.Revisions(Prefix.ALL, Compare.Operator.AT_MOST, 3)),
                        List.of(
                                new TxnOp.GetRange(Prefix.of("p"), TxnOp.GetRange.ALL),
                                new TxnOp.GetRange(Prefix.of("p"), 9)),
                        List.of(new TxnOp.DeleteRange(Prefix.of("p"))))));
    }

    @Test
    void ofAValueNoMoreThan200CharactersAreShown() {
        String whole = "\"" + "é".repeat(198) + "\"";
        assertCommand(
                "{\"op\":\"put\",\"key\":\"k\",\"value_bytes\":398,\"value\":" + whole + "}", Write.of(put(whole, 0)));
        String longer = "\"" + "é".repeat(199) + "\"";
        assertCommand(
                "{\"op\":\"put\",\"key\":\"k\",\"value_bytes\":400,\"value_begins\":\"\\\"" + "é".repeat(199) + "\"}",
                Write.of(put(longer, 0)));
        // What needs two characters is not torn.
        String pairs = "\"" + "😀".repeat(100_000) + "\"";
        assertCommand(
                "{\"op\":\"put\",\"key\":\"k\",\"value_bytes\":400002,\"value_begins\":\"\\\"" + "😀".repeat(99)
                        + "\"}",
                Write.of(put(pairs, 0)));
    }

    @Test
    void configurationsNameTheMembers() {
        server.log = new FakeLog(0)
                .with(new Configuration(List.of(VOTER, LEARNER), List.of()))
                .with(new Configuration(List.of(VOTER), List.of(VOTER)));
        String first = entry(0, "configuration", true, false, "\"members\":" + MEMBERS_JSON);
        String second = entry(
                1,
                "configuration",
                false,
                false,
                "\"members\":[" + VOTER_JSON + "],\"members_before\":[" + VOTER_JSON + "]");
        assertOk(log(0, 1, first + "," + second, ""), http.get("/raft/log"));
    }

    /** However much is asked for, and however large the entries are. */
    @Test
    void anAnswerIsBoundedAndSaysWhatItLeavesOut() {
        Write[] many = Collections.nCopies(20_000, Write.of(new Command.Delete(key("k".repeat(1000)))))
                .toArray(Write[]::new);
        server.log = new FakeLog(0).with(commands(many)).withMetadata(3);
        String told = http.get("/raft/log?limit=1000").body();
        assertTrue(told.length() < 400_000, () -> "length " + told.length());
        assertTrue(told.contains("\"commands_omitted\":197"), () -> told.substring(told.length() - 300));
        assertTrue(told.endsWith("\"next_from\":1}}\n"), () -> told.substring(told.length() - 300));
    }

    private RawStream events(String query, String headers) throws IOException {
        RawStream stream = new RawStream(server.address(), "/raft/events" + query, headers);
        streams.add(stream);
        assertEquals("HTTP/1.1 200 OK", stream.head().get(0));
        assertEquals("retry: 1000", stream.block());
        return stream;
    }

    private static String id(String block) {
        return block.lines()
                .filter(line -> line.startsWith("id: "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(block))
                .substring(4);
    }

    private static String withoutIdAndTime(String block) {
        return block.replaceFirst("id: \\d+\n", "")
                .replaceFirst("\"time\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\",", "");
    }

    private void assertTold(String expected, Happening happening) throws IOException {
        RawStream stream = events("", "");
        server.events.happened(happening);
        assertEquals(expected, withoutIdAndTime(stream.block()));
    }

    @Test
    void eachEventSaysWhatHasHappened() throws IOException {
        assertTold("event: role\ndata: {\"role\":\"Leader\",\"term\":3}", new NewRole(Role.LEADER, 3));
        assertTold("event: term\ndata: {\"term\":3}", new NewTerm(3));
        assertTold("event: leader\ndata: {\"leader_id\":null,\"term\":3}", new NewLeader(Optional.empty(), 3));
        assertTold("event: leader\ndata: {\"leader_id\":\"a\",\"term\":3}", new NewLeader(Optional.of("a"), 3));
        assertTold(
                "event: vote\ndata: {\"vote\":\"refused\",\"candidate\":\"a\",\"voter\":\"b\",\"pre_vote\":true,"
                        + "\"term\":3,\"reason\":\"it leads\"}",
                new Vote(Ballot.REFUSED, "a", "b", true, 3, Optional.of("it leads")));
        assertTold(
                "event: members\ndata: {\"index\":9,\"members\":" + MEMBERS_JSON + "}",
                new NewMembers(9, List.of(VOTER, LEARNER)));
        assertTold("event: snapshot\ndata: {\"snapshot\":\"taken\",\"index\":9}", new NewSnapshot(false, 9));
        assertTold("event: snapshot\ndata: {\"snapshot\":\"installed\",\"index\":9}", new NewSnapshot(true, 9));
        assertTold("event: commit\ndata: {\"index\":9}", new Commit(9));
    }

    @Test
    void aStreamIsResumedWithoutAGap() throws IOException {
        IntStream.rangeClosed(1, 3).forEach(term -> server.events.happened(new NewTerm(term)));
        RawStream stream = events("?last=2", "");
        assertEquals("event: term\ndata: {\"term\":2}", withoutIdAndTime(stream.block()));
        String last = id(stream.block());
        stream.close();
        server.events.happened(new NewTerm(4));
        // A browser repeats the query, too.
        RawStream resumed = events("?last=2", "Last-Event-ID: " + last + "\r\n");
        assertEquals("event: term\ndata: {\"term\":4}", withoutIdAndTime(resumed.block()));
        String silent = resumed.anyBlock();
        assertTrue(silent.startsWith(":\nid: " + (Long.parseLong(last) + 1)), silent);
    }

    @Test
    void eventsThatAreNotKeptAreGone() throws IOException {
        server.events.happened(new NewTerm(1));
        long first = Long.parseLong(id(events("?last=1", "").block()));
        IntStream.rangeClosed(1, Events.KEPT).forEach(term -> server.events.happened(new NewTerm(term)));
        RawHttp.Answer gone = http.send("GET", "/raft/events", "Last-Event-ID: " + (first - 1) + "\r\n");
        assertProblem(
                410,
                "Gone",
                "not all events after " + (first - 1)
                        + " are kept any more: begin again without Last-Event-ID, with last=1000 for all that are kept",
                ",\"oldest_event_id\":" + (first + 1),
                gone);
        assertTrue(
                http.send("GET", "/raft/events", "Last-Event-ID: 17\r\n").body().contains("last start"));
        assertEquals(Integer.toString(1), events("?last=1000", "").block().replaceAll("(?s).*\"term\":(\\d+).*", "$1"));
    }

    /** Places come back when clients go, which the heartbeat finds. */
    @Test
    void streamsAreLimitedAndEndWithTheNode() throws IOException {
        for (int i = 0; i < Events.MOST_FEEDS; i++) {
            events("", "");
        }
        assertUnavailable(
                "this node has 100 streams of events, its limit: end one, or try again", http.get("/raft/events"));
        for (RawStream stream : streams.subList(1, streams.size())) {
            stream.close();
        }
        eventually(SOON, () -> assertEquals(1, server.events.feeds()));
        server.events.close();
        String end = streams.get(0).block();
        assertTrue(end.startsWith("event: end\ndata: {\"error\":\"this node is stopping: ask another node,"), end);
        assertFalse(end.contains("\"last_event_id\":\"\""), end);
        assertEquals("(end)", streams.get(0).block());
        assertEquals(503, http.get("/raft/events").status());
    }

    @Test
    void aHeadIsAnsweredAtOnce() {
        RawHttp.Answer head = http.send("HEAD", "/raft/events", "");
        assertEquals(200, head.status());
        assertEquals("no", head.header("x-accel-buffering"));
        assertEquals("node1", head.header("raft-node"));
    }
}
