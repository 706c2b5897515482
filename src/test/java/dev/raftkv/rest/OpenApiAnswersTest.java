package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.access.Caller;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Address;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.Compare;
import dev.raftkv.model.Counter;
import dev.raftkv.model.DiskRoom;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Member;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Role;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Value;
import dev.raftkv.model.Write;
import dev.raftkv.ops.Vitals;
import dev.raftkv.raft.look.LoggedEntry.Commands;
import dev.raftkv.raft.look.LoggedEntry.Configuration;
import dev.raftkv.raft.members.Configuration.Sight;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.rest.OpenApi.Operation;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.rest.access.Login;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real answers of each request with each status that openapi.json names, held against its schemas. What it does not name must
 * not come, and what it names must have come.
 */
class OpenApiAnswersTest {
    private static final Operation LIST = new Operation("/store", "GET");
    private static final Operation STORE = new Operation("/store", "POST");
    private static final Operation PUT_BY_QUERY = new Operation("/store", "PUT");
    private static final Operation REMOVE_RANGE = new Operation("/store", "DELETE");
    private static final Operation ADD = new Operation("/store/{key}", "POST");
    private static final Operation READ = new Operation("/store/{key}", "GET");
    private static final Operation PUT = new Operation("/store/{key}", "PUT");
    private static final Operation REMOVE = new Operation("/store/{key}", "DELETE");
    private static final Operation READ_KEYS = new Operation("/read", "POST");
    private static final Operation TXN = new Operation("/txn", "POST");
    private static final Operation BEGIN = new Operation("/session", "POST");
    private static final Operation SESSIONS = new Operation("/session", "GET");
    private static final Operation RENEW = new Operation("/session/{id}", "PUT");
    private static final Operation LOOK = new Operation("/session/{id}", "GET");
    private static final Operation END = new Operation("/session/{id}", "DELETE");
    private static final Operation WATCH = new Operation("/watch", "GET");
    private static final Operation SETTINGS = new Operation("/raft/settings", "GET");
    private static final Operation SET = new Operation("/raft/settings", "PUT");
    private static final Operation BACKUP = new Operation("/backup", "GET");
    private static final Operation RESTORE = new Operation("/restore", "POST");
    private static final Operation JOIN = new Operation("/raft/join", "POST");
    private static final Operation REMOVE_MEMBER = new Operation("/raft/remove", "POST");
    private static final Operation ANNOUNCE = new Operation("/raft/announce", "POST");
    private static final Operation TRANSFER = new Operation("/raft/transfer", "POST");
    private static final Operation SNAPSHOT = new Operation("/raft/snapshot", "POST");
    private static final Operation MEMBERS = new Operation("/raft/members", "GET");
    private static final Operation CLUSTER = new Operation("/raft/cluster", "GET");
    private static final Operation STATS = new Operation("/raft/stats", "GET");
    private static final Operation BARRIER = new Operation("/raft/barrier", "POST");
    private static final Operation LOG = new Operation("/raft/log", "GET");
    private static final Operation EVENTS = new Operation("/raft/events", "GET");
    private static final Operation LIVE = new Operation("/health/live", "GET");
    private static final Operation READY = new Operation("/health/ready", "GET");
    private static final Operation METRICS = new Operation("/metrics", "GET");

    private static final String JSON = "application/json";
    private static final String STORE_BODY = "{\"key\":\"k\",\"value\":{\"n\":1.10}}";
    private static final String READ_BODY = "{\"keys\":[\"k\",\"e\",\"none\"]}";
    private static final String TXN_BODY = "{\"then\":[{\"put\":\"t\",\"value\":1}]}";
    private static final String SESSION_BODY = "{\"ttl\":15}";
    private static final String JOIN_BODY = "{\"node_id\":\"node2\",\"raft_address\":\"127.0.0.1:1112\"}";
    private static final String REMOVE_BODY = "{\"node_id\":\"node2\"}";
    private static final String ANNOUNCE_BODY =
            "{\"node_id\":\"node1\",\"raft_address\":\"127.0.0.1:1111\",\"http_address\":\"http://one:2221\"}";
    private static final String SETTINGS_BODY = "{\"history\":{\"changes\":20000,\"bytes\":1048576}}";
    private static final String TOO_LONG = "\"" + "x".repeat(RestServer.MAX_VALUE + 100_000) + "\"";
    private static final Optional<String> NONE = Optional.empty();

    @TempDir
    private Path directory;

    private final Map<String, Set<String>> seen = new TreeMap<>();
    private OpenApi api;
    private RestServer server;
    private RestServer watch;

    @BeforeEach
    void start() throws IOException {
        api = new OpenApi();
        server = new RestServer(directory.resolve("store"), "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT);
        watch = new RestServer(directory.resolve("watch"), "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT);
    }

    @AfterEach
    void stop() {
        server.close();
        watch.close();
    }

    @Test
    void everyAnswerIsDescribedAndEveryDescriptionIsAnswered() throws IOException {
        writesThatWork();
        readsThatWork();
        transactions();
        sessions();
        watches();
        backups();
        restores();
        members();
        looks();
        operations();
        refusedRequests();
        failures();
        follower();
        callers();

        Map<String, Set<String>> described = new TreeMap<>();
        for (Operation operation : api.operations()) {
            if (!operation.path().equals("/openapi.json")) {
                described.put(operation.toString(), new TreeSet<>(api.statuses(operation)));
            }
        }
        assertEquals(described, seen);
    }

    private void writesThatWork() throws IOException {
        is("Stored", send(STORE, "/store", STORE_BODY, ""));
        is("Stored", send(STORE, "/store", "{\"key\":\"e\",\"value\":null,\"ttl\":60}", "Idempotency-Key: \"1\"\r\n"));
        is("Stored", send(PUT, "/store/p/a?ttl=60", "[1, {}]", ""));
        is("Stored", send(PUT_BY_QUERY, "/store?key=p%2Fb", "true", "If-None-Match: *\r\n"));
        is("Removed", send(REMOVE, "/store/none", "", ""));
        is("Removed", send(REMOVE_RANGE, "/store?key=none", "", ""));
        is("Stored", send(STORE, "/store?prev", STORE_BODY.replace("\"k\"", "\"before\""), ""));
        is("Stored", send(PUT, "/store/before?prev", "1", ""));
        is("Stored", send(ADD, "/store/before?add=1&prev", "", "Idempotency-Key: \"3\"\r\n"));
        is("Stored", send(ADD, "/store/before?add=1&prev", "", "Idempotency-Key: \"3\"\r\n"));
        is("Removed", send(REMOVE, "/store/before?prev", "", ""));
        is("Removed", send(REMOVE_RANGE, "/store?key=before&prev", "", ""));
        is("Stored", send(ADD, "/store/n?add=-5", "", "If-None-Match: *\r\n"));
        is("Stored", send(STORE, "/store?key=n&add=12345678901234567890", "", "Idempotency-Key: \"2\"\r\n"));
        String next = "{\"value\":[1],\"ttl\":60}";
        api.assertValid("StoreRequest", next);
        RawHttp.Answer made = send(STORE, "/store?prefix=queue/&sequence", next, "");
        is("Stored", made);
        expect(201, made);
        long revision = Long.parseLong(made.header("store-revision"));
        send(PUT, "/store/queue/%020d".formatted(revision + 2), "1", "");
        expect(409, send(STORE, "/store?prefix=queue/&sequence", next, ""));
        is("Stored", send(PUT, "/store/range/1", "1", ""));
        is("RangeRemoved", send(REMOVE_RANGE, "/store?prefix=range/", "", ""));
    }

    private void valuesThatAreNoJson() throws IOException {
        Map<String, Value> values =
                Map.of("text", Value.ofBytes("a: b".getBytes(UTF_8)), "bytes", Value.ofBytes(new byte[] {(byte) 0xFF}));
        for (Map.Entry<String, Value> each : values.entrySet()) {
            Key key = Key.of("plain/" + each.getKey());
            server.replicator.replicate(List.of(new OfConsul.Put(key, each.getValue(), 0, new OfConsul.Mode.Plain())));
            is("Fetched", send(READ, "/store/" + key, "", ""));
            send(READ, "/store/" + key + "?raw", "", "");
            send(LIST, "/store?raw&key=" + key, "", "");
        }
        is("EntryList", send(LIST, "/store?prefix=plain/", "", ""));
        is("ReadDone", send(READ_KEYS, "/read", "{\"keys\":[\"plain/text\"]}", ""));
        is(
                "TransactionDone",
                send(TXN, "/txn", "{\"then\":[{\"get\":\"plain/text\"},{\"get_prefix\":\"plain/\"}]}", ""));
    }

    private void readsThatWork() throws IOException {
        is("Fetched", send(READ, "/store/k", "", ""));
        is("Fetched", send(READ, "/store/e?consistency=linearizable", "", ""));
        is("Fetched", send(LIST, "/store?key=k&consistency=leader&min_revision=1", "", ""));
        send(READ, "/store/k?raw", "", "");
        valuesThatAreNoJson();
        send(READ, "/store/k", "", "If-None-Match: \"1\"\r\n");
        send(LIST, "/store?key=k", "", "If-None-Match: \"1\"\r\n");
        is("EntryList", send(LIST, "/store?limit=1", "", ""));
        is("EntryList", send(LIST, "/store", "", ""));
        is("KeyList", send(LIST, "/store?prefix=p/&keys_only&after=p%2Fa", "", ""));
        is("Count", send(LIST, "/store?count_only", "", ""));
        is("ReadDone", send(READ_KEYS, "/read", READ_BODY, ""));
        is("ReadDone", send(READ_KEYS, "/read?consistency=leader&min_revision=1", READ_BODY, ""));
        is("LevelList", send(LIST, "/store?separator=/&reverse", "", ""));
        is("KeyList", send(LIST, "/store?separator=/&keys_only", "", ""));
        is("EntryList", send(LIST, "/store?order=created&after=k&after_revision=1", "", ""));
    }

    private void transactions() throws IOException {
        String all = "{\"if\":[{\"key\":\"k\",\"exists\":true},{\"key\":\"k\",\"revision\":0,\"op\":\">\"}],"
                + "\"then\":[{\"put\":\"t\",\"value\":1,\"ttl\":9},{\"get\":\"t\"},{\"get\":\"none\"},{\"delete\":\"none\"},"
                + "{\"add\":\"sum\",\"by\":-12345678901234567890,\"prev\":true},"
                + "{\"put\":\"u\",\"value\":1,\"prev\":true},{\"delete\":\"e\",\"prev\":true}]}";
        api.assertValid("Transaction", all);
        is("TransactionDone", send(TXN, "/txn", all, ""));
        is(
                "TransactionDone",
                send(TXN, "/txn", "{\"if\":[{\"key\":\"k\",\"value\":0}],\"then\":[{\"get\":\"k\"}],\"else\":[]}", ""));
        String ranges = "{\"if\":[{\"prefix\":\"\",\"exists\":true},{\"prefix\":\"\",\"count\":0,\"op\":\">=\"},"
                + "{\"prefix\":\"t\",\"revision\":0,\"op\":\">\"}],"
                + "\"then\":[{\"get_prefix\":\"\"},{\"get_prefix\":\"\",\"limit\":1},{\"delete_prefix\":\"t\"}]}";
        api.assertValid("Transaction", ranges);
        String name = "Idempotency-Key: \"ranges\"\r\n";
        is("TransactionDone", send(TXN, "/txn", ranges, name));
        is("TransactionDone", send(TXN, "/txn", ranges, name));
    }

    private void sessions() throws IOException {
        RawHttp.Answer begun = send(BEGIN, "/session", SESSION_BODY, "Idempotency-Key: \"s\"\r\n");
        is("SessionBegun", begun);
        String session = "/" + begun.header("location");
        String id = session.substring("/session/".length());
        is("SessionRenewed", send(RENEW, session, "", ""));
        is("Stored", send(PUT, "/store/s?session=" + id, "1", ""));
        is("ReadDone", send(READ_KEYS, "/read", "{\"keys\":[\"s\"]}", ""));
        is("Fetched", send(READ, "/store/s", "", ""));
        is("Stored", send(PUT, "/store/l?session=" + id + "&wait=1", "1", ""));
        is("Stored", send(PUT, "/store/l?release=" + id, "1", ""));
        expect(409, send(REMOVE, "/store/l?session=" + id, "", ""));
        expect(409, send(REMOVE_RANGE, "/store?key=l&session=" + id, "", ""));
        is("Removed", send(REMOVE, "/store/none?session=" + id, "", ""));
        is("Stored", send(STORE, "/store?prefix=pool/&slots=1&wait=1&session=" + id, "{\"value\":1}", ""));
        is("EntryList", send(LIST, "/store?prefix=s", "", ""));
        is("TransactionDone", send(TXN, "/txn", "{\"then\":[{\"get\":\"s\"}]}", ""));
        String held = "{\"if\":[{\"key\":\"s\",\"session\":\"" + id + "\"},{\"key\":\"none\",\"session\":null},"
                + "{\"key\":\"s\",\"token\":1,\"op\":\">=\"}],\"then\":[{\"put\":\"s\",\"value\":2,\"session\":\"" + id
                + "\"},{\"put\":\"s2\",\"value\":2,\"session\":\"" + id + "\"},{\"delete\":\"s3\",\"session\":\"" + id
                + "\"}]}";
        api.assertValid("Transaction", held);
        is("TransactionDone", send(TXN, "/txn", held, ""));
        expect(409, send(TXN, "/txn", "{\"then\":[{\"put\":\"none\",\"value\":1,\"release\":\"" + id + "\"}]}", ""));
        is("SessionFetched", send(LOOK, session + "?consistency=leader", "", ""));
        send(BEGIN, "/session", "{\"ttl\":86400,\"name\":\"n\",\"behavior\":\"release\",\"lock_delay\":60}", "");
        is("SessionList", send(SESSIONS, "/session?limit=1&min_revision=1", "", ""));
        is("SessionEnded", send(END, session, "", ""));
        expect(404, send(RENEW, session, "", ""));
        expect(404, send(LOOK, session, "", ""));
        expect(409, send(PUT, "/store/s?session=" + id, "1", ""));
        expect(409, send(PUT_BY_QUERY, "/store?key=s&session=" + id, "1", ""));
        for (Operation operation : new Operation[] {BEGIN, SESSIONS, RENEW, LOOK, END}) {
            String body = operation.equals(BEGIN) ? SESSION_BODY : "";
            expect(422, send(operation, target(operation) + "?x", body, ""));
            expect(400, send(operation, target(operation) + "?%zz", body, ""));
        }
        server.replicator.writesFail(Code.CONFLICT, "told as it is");
        expect(409, send(BEGIN, "/session", SESSION_BODY, ""));
        server.replicator.reset();
    }

    private void watches() throws IOException {
        RawHttp http = watch.http();
        watch.replicator.replicate(put("w/1"));
        watch.replicator.replicate(put("w/2"));
        watch.replicator.replicate(new Command.Delete(Key.of("w/1")));
        is("Changes", note(WATCH, http.get("/watch?prefix=w/&from_revision=1&wait=5s")));
        is("Changes", note(WATCH, http.get("/watch?wait=0")));
        expect(409, note(WATCH, http.get("/watch?prev&wait=0")));
        watch.replicator.replicate(new Command.Settings(new HistoryLimits(10_000, 16 << 20, true)));
        watch.replicator.replicate(put("w/2"));
        watch.replicator.replicate(put("w/3"));
        is("Changes", note(WATCH, http.get("/watch?prefix=w/&prev&from_revision=1&wait=5s")));
        note(WATCH, http.get("/watch?wait=forever"));
        note(WATCH, http.get("/watch?key=%zz"));
        JsonText large = new JsonText(("\"" + "x".repeat(1 << 20) + "\"").getBytes(UTF_8));
        IntStream.range(0, 20).forEach(i -> watch.replicator.replicate(new Command.Put(Key.of("k"), large, 0)));
        note(WATCH, http.get("/watch?from_revision=1"));
        watch.replicator.idle("this node is not part of a cluster");
        note(WATCH, http.get("/watch"));
    }

    private static Command put(String key) {
        return new Command.Put(Key.of(key), new JsonText("1".getBytes(UTF_8)), 0);
    }

    private void backups() throws IOException {
        expect(200, send(BACKUP, "/backup?prefix=p/&consistency=leader&min_revision=1", "", ""));
        expect(400, send(BACKUP, "/backup?prefix=%zz", "", ""));
        expect(422, send(BACKUP, "/backup?x", "", ""));
    }

    private void restores() throws IOException {
        String backup = send(BACKUP, "/backup?prefix=p/", "", "").body();
        is("Restored", restore("?replace", backup));
        expect(400, restore("?prefix=%zz", backup));
        expect(409, restore("", backup));
        expect(422, restore("?replace", "{}"));
        RawHttp.Answer other = server.http()
                .send("POST", "/restore", "Content-Type: text/plain\r\nContent-Length: 1\r\n", "1".getBytes(UTF_8));
        expect(415, note(RESTORE, other));
        server.replicator.writesFail(Code.TOO_SLOW, "told as it is");
        expect(408, restore("?replace", backup));
        server.replicator.writesFail(Code.TOO_LARGE, "told as it is");
        expect(413, restore("?replace", backup));
        server.replicator.writesFail(Code.NO_SPACE, "told as it is");
        expect(507, restore("?replace", backup));
        server.replicator.writesFail(Code.OUTCOME_UNKNOWN, "told as it is");
        expect(503, restore("?replace", backup));
        server.replicator.writesFail(Command.Restore.Switch.class::isInstance, Code.OUTCOME_UNKNOWN, "told as it is");
        expect(504, restore("?replace", backup));
        is("Stats", send(STATS, "/raft/stats", "", ""));
        server.replicator.reset();
    }

    private RawHttp.Answer restore(String query, String backup) throws IOException {
        byte[] body = backup.getBytes(UTF_8);
        String about = "Content-Type: application/x-ndjson\r\nContent-Length: " + body.length + "\r\n";
        return note(RESTORE, server.http().send("POST", "/restore" + query, about, body));
    }

    private void members() throws IOException {
        is("MembersChanged", send(JOIN, "/raft/join", JOIN_BODY, ""));
        server.members.joins("node2", Optional.of("its real id is node2"));
        is("MembersChanged", send(JOIN, "/raft/join", JOIN_BODY, ""));
        is("MembersChanged", send(REMOVE_MEMBER, "/raft/remove", REMOVE_BODY, ""));
        is("MembersChanged", send(TRANSFER, "/raft/transfer", REMOVE_BODY, ""));
        is("MembersChanged", send(TRANSFER, "/raft/transfer", "{}", ""));
        is("SnapshotTaken", send(SNAPSHOT, "/raft/snapshot", "", ""));
        send(SNAPSHOT, "/raft/snapshot?x", "", "");
        is("MemberList", send(MEMBERS, "/raft/members", "", ""));
        server.members.sees(new Sight(new PeerName("node2", new Address("::1", 1112)), 10, 2, 7));
        is("MemberList", send(MEMBERS, "/raft/members", "", ""));
        send(MEMBERS, "/raft/members?x", "", "");
        server.replicator.disk = Optional.of(new DiskRoom(1L << 40, 1 << 20));
        is("Picture", send(CLUSTER, "/raft/cluster", "", ""));
        send(CLUSTER, "/raft/cluster?x", "", "");
        is("Stats", send(STATS, "/raft/stats", "", ""));
        server.replicator.status(
                FakeReplicator.status(Role.SHUTDOWN, OptionalLong.empty(), NONE, NONE, Optional.of("the disk broke")));
        is("Stats", send(STATS, "/raft/stats", "", ""));
        server.replicator.reset();
        is("Settings", send(SETTINGS, "/raft/settings", "", ""));
        expect(422, send(SETTINGS, "/raft/settings?x", "", ""));
        is("Settings", send(SET, "/raft/settings", SETTINGS_BODY, ""));
        is("Barrier", send(BARRIER, "/raft/barrier", "", ""));
        is("Announced", send(ANNOUNCE, "/raft/announce", ANNOUNCE_BODY, ""));
        expect(409, send(ANNOUNCE, "/raft/announce", ANNOUNCE_BODY.replace(":1111", ":1119"), ""));
        send(STATS, "/raft/stats?x", "", "");
        send(BARRIER, "/raft/barrier?x", "", "");
    }

    private void looks() throws IOException {
        Write put = Write.of(put("k"));
        Write add = Write.of(new Command.Add(Key.of("k"), Counter.ZERO));
        Write append = Write.of(new Command.Append(Prefix.of("q/"), new JsonText("1".getBytes(UTF_8)), 0));
        Write txn = Write.of(new Command.Txn(
                List.of(
                        new Compare.Existence(Key.of("k"), true),
                        new Compare.Count(Prefix.ALL, Compare.Operator.AT_MOST, 9),
                        new Compare.Holder(Key.of("k"), Optional.empty(), true),
                        new Compare.Token(Key.of("k"), Compare.Operator.EQUAL, 9)),
                List.of(new TxnOp.Get(Key.of("k")), new TxnOp.GetRange(Prefix.ALL, 9)),
                List.of(new TxnOp.DeleteRange(Prefix.of("p")))));
        Member member = new Member("node1", new Address("127.0.0.1", 1111), NONE, true);
        server.log = new FakeLog(5)
                .with(new Commands(new Batch(7, List.of(put, add, append, txn, Write.of(new Command.Expire())))))
                .with(new Configuration(List.of(member), List.of(member)))
                .withMetadata(1);
        is("Log", send(LOG, "/raft/log?limit=2", "", ""));
        is("Log", send(LOG, "/raft/log?last=3", "", ""));
        expect(410, send(LOG, "/raft/log?from=4", "", ""));
        expect(422, send(LOG, "/raft/log?from=4&last=1", "", ""));
        server.log.close("told as it is");
        expect(503, send(LOG, "/raft/log", "", ""));
        expect(410, send(EVENTS, "/raft/events", "", "Last-Event-ID: 1\r\n"));
        expect(422, send(EVENTS, "/raft/events?last=x", "", ""));
        try (RawStream stream = new RawStream(server.address(), "/raft/events", "")) {
            assertEquals("HTTP/1.1 200 OK", stream.head().get(0));
            seen.computeIfAbsent(EVENTS.toString(), operation -> new TreeSet<>())
                    .add("200");
        }
        server.events.close();
        expect(503, send(EVENTS, "/raft/events", "", ""));
    }

    private void operations() throws IOException {
        for (Operation health : new Operation[] {LIVE, READY}) {
            is("Health", send(health, health.path(), "", ""));
            is("Health", send(health, health.path() + "?verbose", "", ""));
            send(health, health.path() + "?x", "", "");
        }
        server.vitals = new Vitals(Optional.of("the disk broke"), NONE, NONE, NONE, NONE, 0, NONE);
        send(LIVE, "/health/live", "", "");
        is("HealthProblem", send(READY, "/health/ready?verbose", "", ""));
        send(METRICS, "/metrics", "", "");
        send(METRICS, "/metrics?x", "", "");
    }

    private void refusedRequests() throws IOException {
        write("", "{", "", 400);
        write("If-Match: \"999\"\r\n", null, "", 412);
        write("", TOO_LONG, "", 413);
        write("", null, "?x", 422);
        for (Operation operation : new Operation[] {
            STORE, PUT, PUT_BY_QUERY, READ_KEYS, TXN, BEGIN, SET, JOIN, REMOVE_MEMBER, TRANSFER, ANNOUNCE
        }) {
            String text = "Content-Type: text/plain\r\nContent-Length: 1\r\n";
            RawHttp.Answer answer =
                    server.http().send(operation.method(), target(operation), text, "1".getBytes(UTF_8));
            expect(415, note(operation, answer));
        }
        expect(400, send(ADD, "/store/k?add=1", "", "If-Match: nonsense\r\n"));
        expect(412, send(ADD, "/store/k?add=1", "", "If-Match: \"999\"\r\n"));
        expect(422, send(ADD, "/store/k", "", ""));
        expect(422, send(ADD, "/store/k?add=1", "1", ""));
        expect(400, send(REMOVE, "/store/k", "", "If-Match: nonsense\r\n"));
        expect(400, send(REMOVE_RANGE, "/store?key=k", "", "If-Match: nonsense\r\n"));
        expect(412, send(REMOVE, "/store/k", "", "If-Match: \"999\"\r\n"));
        expect(412, send(REMOVE_RANGE, "/store?key=k", "", "If-Match: \"999\"\r\n"));
        expect(422, send(REMOVE, "/store/k?x", "", ""));
        expect(422, send(REMOVE_RANGE, "/store?x", "", ""));
        expect(400, send(READ, "/store/k", "", "If-Match: nonsense\r\n"));
        expect(404, send(READ, "/store/none", "", ""));
        expect(412, send(READ, "/store/k", "", "If-Match: \"999\"\r\n"));
        expect(422, send(READ, "/store/k?consistency=x", "", ""));
        expect(400, send(LIST, "/store?key=k", "", "If-Match: nonsense\r\n"));
        expect(404, send(LIST, "/store?key=none", "", ""));
        expect(412, send(LIST, "/store?key=k", "", "If-Match: \"999\"\r\n"));
        expect(422, send(LIST, "/store?limit=0", "", ""));
    }

    /** Sends the writes with a body, each with the same fault. */
    private void write(String headers, String body, String query, int status) throws IOException {
        for (Operation operation : new Operation[] {
            STORE, PUT, PUT_BY_QUERY, READ_KEYS, TXN, BEGIN, SET, JOIN, REMOVE_MEMBER, TRANSFER, ANNOUNCE
        }) {
            boolean oneKey = operation.path().startsWith("/store");
            if (oneKey || status != 412) {
                String target = target(operation);
                String more = query.isEmpty() || !target.contains("?") ? query : "&" + query.substring(1);
                expect(status, send(operation, target + more, body == null ? body(operation) : body, headers));
            }
        }
    }

    private void failures() throws IOException {
        Map<Code, Integer> ends = Map.of(Code.UNAVAILABLE, 503, Code.OUTCOME_UNKNOWN, 504, Code.NO_SPACE, 507);
        for (Map.Entry<Code, Integer> end : ends.entrySet()) {
            server.replicator.writesFail(end.getKey(), "told as it is");
            for (Operation operation :
                    new Operation[] {STORE, ADD, PUT, PUT_BY_QUERY, REMOVE, REMOVE_RANGE, TXN, BEGIN, END, SET, ANNOUNCE
                    }) {
                expect(end.getValue(), send(operation, target(operation), body(operation), ""));
            }
            if (end.getKey() != Code.NO_SPACE) {
                expect(end.getValue(), send(READ, "/store/k?consistency=linearizable", "", ""));
                expect(end.getValue(), send(LIST, "/store?consistency=linearizable", "", ""));
                expect(end.getValue(), send(READ_KEYS, "/read?consistency=linearizable", READ_BODY, ""));
                expect(end.getValue(), send(BACKUP, "/backup?consistency=linearizable", "", ""));
                expect(end.getValue(), send(RENEW, target(RENEW), "", ""));
                expect(end.getValue(), send(SESSIONS, "/session?consistency=linearizable", "", ""));
                expect(end.getValue(), send(SETTINGS, "/raft/settings?consistency=linearizable", "", ""));
                expect(end.getValue(), send(LOOK, target(LOOK) + "?consistency=linearizable", "", ""));
                expect(end.getValue(), send(BARRIER, "/raft/barrier", "", ""));
            }
        }
        for (Map.Entry<Code, Integer> end : Map.of(
                        Code.CONFLICT, 409, Code.INVALID, 422, Code.UNAVAILABLE, 503, Code.OUTCOME_UNKNOWN, 504)
                .entrySet()) {
            server.members.fail(end.getKey(), "told as it is");
            expect(end.getValue(), send(JOIN, "/raft/join", JOIN_BODY, ""));
            expect(end.getValue(), send(REMOVE_MEMBER, "/raft/remove", REMOVE_BODY, ""));
            expect(end.getValue(), send(TRANSFER, "/raft/transfer", REMOVE_BODY, ""));
        }
        server.members.fail(Code.UNAVAILABLE, "told as it is");
        expect(503, send(SNAPSHOT, "/raft/snapshot", "", ""));
        server.members.fail(Code.NOT_FOUND, "told as it is");
        expect(404, send(REMOVE_MEMBER, "/raft/remove", REMOVE_BODY, ""));
        expect(404, send(TRANSFER, "/raft/transfer", REMOVE_BODY, ""));
    }

    private void follower() throws IOException {
        server.replicator.follow(Optional.of("node2"), Optional.of("http://127.0.0.1:9"));
        server.members.fail(Code.NOT_LEADER, "not told");
        for (Operation operation : new Operation[] {
            STORE,
            ADD,
            PUT,
            PUT_BY_QUERY,
            REMOVE,
            REMOVE_RANGE,
            TXN,
            BEGIN,
            RENEW,
            END,
            SET,
            JOIN,
            REMOVE_MEMBER,
            TRANSFER
        }) {
            expect(307, send(operation, target(operation), body(operation), ""));
            expect(422, send(operation, target(operation), body(operation), "Raft-Follower-Writes: reject\r\n"));
        }
        expect(307, send(READ, "/store/k?consistency=leader", "", ""));
        expect(307, send(LIST, "/store?consistency=leader", "", ""));
        expect(307, send(READ_KEYS, "/read?consistency=leader", READ_BODY, ""));
        expect(307, send(SESSIONS, "/session?consistency=leader", "", ""));
        expect(307, send(SETTINGS, "/raft/settings?consistency=leader", "", ""));
        expect(307, send(LOOK, target(LOOK) + "?consistency=leader", "", ""));
        expect(307, send(BACKUP, "/backup?consistency=leader", "", ""));
        expect(307, restore("?replace", "{}"));
    }

    /** Nobody, and somebody without any role that is asked for. */
    private void callers() throws IOException {
        Caller stranger = new Caller("alice", Set.of());
        for (Operation operation : api.operations()) {
            if (api.statuses(operation).contains("401")) {
                RestServer asked = operation.equals(WATCH) ? watch : server;
                String query = operation.path().startsWith("/health") ? "?verbose" : "";
                RawHttp http = asked.http();
                asked.login = request -> Login.Answer.of(Caller.NOBODY);
                expect(401, note(operation, http.send(operation.method(), target(operation) + query, "")));
                asked.login = request -> Login.Answer.of(stranger);
                expect(403, note(operation, http.send(operation.method(), target(operation) + query, "")));
            }
        }
    }

    private static String target(Operation operation) {
        return switch (operation.method() + " " + operation.path()) {
            case "PUT /store", "DELETE /store" -> "/store?key=k";
            case "POST /store/{key}" -> "/store/k?add=1";
            default -> operation.path().replace("{key}", "k").replace("{id}", "8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f");
        };
    }

    private static String body(Operation operation) {
        return switch (operation.method() + " " + operation.path()) {
            case "POST /store" -> STORE_BODY;
            case "PUT /store", "PUT /store/{key}" -> "1";
            case "POST /read" -> READ_BODY;
            case "POST /txn" -> TXN_BODY;
            case "POST /session" -> SESSION_BODY;
            case "PUT /raft/settings" -> SETTINGS_BODY;
            case "POST /raft/join" -> JOIN_BODY;
            case "POST /raft/remove", "POST /raft/transfer" -> REMOVE_BODY;
            case "POST /raft/announce" -> ANNOUNCE_BODY;
            default -> "";
        };
    }

    private RawHttp.Answer send(Operation operation, String target, String body, String headers) throws IOException {
        String about = body.isEmpty()
                ? headers
                : headers + "Content-Type: " + JSON + "\r\nContent-Length: " + body.getBytes(UTF_8).length + "\r\n";
        return note(operation, server.http().send(operation.method(), target, about, body.getBytes(UTF_8)));
    }

    private RawHttp.Answer note(Operation operation, RawHttp.Answer answer) throws IOException {
        api.assertDescribes(operation, answer);
        seen.computeIfAbsent(operation.toString(), name -> new TreeSet<>()).add(Integer.toString(answer.status()));
        return answer;
    }

    private static void expect(int status, RawHttp.Answer answer) {
        assertEquals(status, answer.status(), answer::toString);
    }

    private void is(String schema, RawHttp.Answer answer) throws IOException {
        api.assertValid(schema, answer.body());
    }
}
