package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertProblem;
import static dev.raftkv.rest.Problem.assertUnavailable;
import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.EventId;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code GET /watch}, as streams and as single answers. */
class WatchTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    /** What ids end with. */
    private static final String OURS = "@" + FakeReplicator.CLUSTER;

    @TempDir
    Path directory;

    private RestServer server;
    private RawHttp http;
    private final List<RawStream> streams = new ArrayList<>();

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT);
        http = server.http();
    }

    @AfterEach
    void stop() throws IOException {
        for (RawStream stream : streams) {
            stream.close();
        }
        server.close();
    }

    private RawStream watch(String query, String headers) throws IOException {
        RawStream stream = new RawStream(server.address(), "/watch" + query, headers);
        streams.add(stream);
        assertEquals("HTTP/1.1 200 OK", stream.head().get(0));
        assertEquals("retry: 1000", stream.block());
        return stream;
    }

    private void put(String key, String json) {
        server.replicator.replicate(new Command.Put(Key.of(key), json(json), 0));
    }

    /** Of the id that an event or a heartbeat has. */
    private static long revision(String block) {
        String id = block.lines()
                .filter(line -> line.startsWith("id: "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(block));
        return EventId.parse(id.substring(4)).orElseThrow().cursor().revision();
    }

    private static JsonText json(String text) {
        return new JsonText(text.getBytes(UTF_8));
    }

    @Test
    void changesComeAsEventsWithTheirRevisions() throws IOException {
        put("before", "0");
        RawStream stream = watch("?prefix=a", "");
        assertTrue(stream.head().contains("Content-Type: text/event-stream;charset=UTF-8"), stream.head()::toString);
        assertTrue(stream.head().contains("Raft-Node: node1"), stream.head()::toString);
        assertTrue(stream.head().contains("Store-Revision: 1"), stream.head()::toString);
        assertTrue(stream.head().contains("X-Accel-Buffering: no"), stream.head()::toString);
        put("a", "1.10");
        put("b", "2");
        put("a", "{\"x\":\r\n 1,\n\"y\": 2}");
        server.replicator.replicate(new Command.Delete(Key.of("a")));
        assertEquals(
                "id: 2@3f2a90c1\nevent: put\ndata: {\"key\":\"a\",\"value\":1.10,\"create_revision\":2,\"change_revision\":2,\"version\":1}",
                stream.block());
        assertEquals(
                "id: 4@3f2a90c1\nevent: put\ndata: {\"key\":\"a\",\"value\":{\"x\":\ndata:  1,\ndata: \"y\": 2},\"create_revision\":2,\"change_revision\":4,\"version\":2}",
                stream.block());
        assertEquals("id: 5@3f2a90c1\nevent: delete\ndata: {\"key\":\"a\",\"change_revision\":5}", stream.block());
    }

    @Test
    void aTransactionIsResumedInItsMiddle() throws IOException {
        server.replicator.replicate(new Command.Txn(
                List.<Compare>of(),
                List.of(
                        new TxnOp.Put(Key.of("a1"), json("1"), 0),
                        new TxnOp.Put(Key.of("b"), json("1"), 0),
                        new TxnOp.Put(Key.of("a2"), json("1"), 0)),
                List.of()));
        put("a3", "1");
        RawStream all = watch("?prefix=a&from_revision=1", "");
        assertTrue(all.block().startsWith("id: 1.0@3f2a90c1\n"));
        assertTrue(all.block().startsWith("id: 1@3f2a90c1\n"));
        assertTrue(all.block().startsWith("id: 2@3f2a90c1\n"));
        RawStream rest = watch("?prefix=a&from_revision=1", "Last-Event-ID: 1.0@3f2a90c1\r\n");
        assertTrue(rest.block().startsWith("id: 1@3f2a90c1\n"));
        assertTrue(watch("?key=a3", "Last-Event-ID: 1\r\n").block().startsWith("id: 2@3f2a90c1\n"));
    }

    @Test
    void aWatchIsAboutTheKindsThatItNames() throws IOException {
        server.replicator.replicate(new Command.Txn(
                List.<Compare>of(),
                List.of(new TxnOp.Put(Key.of("a1"), json("1"), 0), new TxnOp.Put(Key.of("a2"), json("1"), 0)),
                List.of()));
        server.replicator.replicate(new Command.Txn(
                List.<Compare>of(),
                List.of(
                        new TxnOp.Delete(Key.of("a1")),
                        new TxnOp.Put(Key.of("a3"), json("1"), 0),
                        new TxnOp.Delete(Key.of("a2"))),
                List.of()));
        put("a3", "2");
        RawStream stream = watch("?prefix=a&kind=delete,expire&from_revision=1", "");
        String first = "id: 2.0@3f2a90c1\nevent: delete\ndata: {\"key\":\"a1\",\"change_revision\":2}";
        String second = "id: 2@3f2a90c1\nevent: delete\ndata: {\"key\":\"a2\",\"change_revision\":2}";
        assertEquals(first, stream.block());
        assertEquals(second, stream.block());
        assertEquals(
                second,
                watch("?prefix=a&kind=delete", "Last-Event-ID: 2.0@3f2a90c1\r\n")
                        .block());
        put("a3", "3");
        server.replicator.replicate(new Command.Delete(Key.of("a3")));
        assertEquals("id: 5@3f2a90c1\nevent: delete\ndata: {\"key\":\"a3\",\"change_revision\":5}", stream.block());
        assertEquals(
                "{\"message\":\"success watching data\",\"data\":[{\"event\":\"delete\",\"id\":\"5@3f2a90c1\",\"key\":\"a3\","
                        + "\"change_revision\":5}],\"revision\":5,\"last_event_id\":\"5@3f2a90c1\"}\n",
                http.get("/watch?prefix=a&kind=delete&wait=5s&from_revision=3").body());
        assertEquals(
                "{\"message\":\"success watching data\",\"data\":[],\"revision\":5,\"last_event_id\":\"5@3f2a90c1\"}\n",
                http.get("/watch?prefix=a&kind=expire&wait=0&from_revision=1").body());
    }

    @Test
    void theKeysThatAreThereComeFirst() throws IOException {
        put("a/2", "[1,\n2]");
        server.replicator.replicate(new Command.Put(Key.of("a/1"), json("1"), 60_000));
        put("b", "0");
        RawStream stream = watch("?prefix=a/&initial", "");
        assertEquals(
                "event: initial\ndata: {\"key\":\"a/1\",\"value\":1,\"create_revision\":2,\"change_revision\":2,\"version\":1,"
                        + "\"ttl\":60}",
                stream.block());
        assertEquals(
                "event: initial\ndata: {\"key\":\"a/2\",\"value\":[1,\ndata: 2],\"create_revision\":1,\"change_revision\":1,"
                        + "\"version\":1}",
                stream.block());
        assertEquals("id: 3@3f2a90c1\nevent: initial_end\ndata: {\"revision\":3}", stream.block());
        server.replicator.replicate(new Command.Delete(Key.of("a/1")));
        assertEquals("id: 4@3f2a90c1\nevent: delete\ndata: {\"key\":\"a/1\",\"change_revision\":4}", stream.block());

        // A browser that connects again.
        RawStream again = watch("?prefix=a/&initial", "Last-Event-ID: 3@3f2a90c1\r\n");
        assertTrue(again.block().startsWith("id: 4@3f2a90c1\nevent: delete\n"));
    }

    @Test
    void theKeysThatAreThereAreToldWhateverKindsOfChangesAreWanted() throws IOException {
        put("k", "1");
        RawStream stream = watch("?key=k&initial=true&kind=delete", "");
        assertTrue(stream.block().startsWith("event: initial\n"));
        assertEquals("id: 1@3f2a90c1\nevent: initial_end\ndata: {\"revision\":1}", stream.block());
        put("k", "2");
        server.replicator.replicate(new Command.Delete(Key.of("k")));
        assertEquals("id: 3@3f2a90c1\nevent: delete\ndata: {\"key\":\"k\",\"change_revision\":3}", stream.block());
        assertEquals(
                "id: 3@3f2a90c1\nevent: initial_end\ndata: {\"revision\":3}",
                watch("?key=k&initial", "").block());
    }

    /** More than the connection holds, and than a piece: what the client has not taken is not read. */
    @Test
    void manyKeysComeAsTheClientTakesThemWhileTheyChange() throws Exception {
        String value = "\"" + "x".repeat(4000) + "\"";
        for (int i = 1000; i < 3000; i++) {
            put("k" + i, value);
        }
        RawStream stream = watch("?prefix=k&initial", "");
        for (int i = 0; i < 20; i++) {
            put("k1000", "1");
            put("k2999", "2");
            put("other", "3");
        }
        int keys = 0;
        String block = stream.block();
        for (; !block.contains("event: initial_end"); block = stream.block()) {
            assertFalse(block.contains("id: "), block);
            keys += block.startsWith("event: initial\n") ? 1 : 0;
        }
        assertEquals(2000, keys);
        long end = revision(block);
        for (long revision = end + 1; revision <= 2060; revision++) {
            if (revision % 3 != 2060 % 3) {
                assertEquals(revision, revision(stream.block()));
            }
        }
        put("k1000", "last");
        assertEquals(2061, revision(stream.block()));
    }

    @Test
    void whoIsCutOffAmongTheFirstKeysBeginsAgain() throws IOException {
        String value = "\"" + "x".repeat(1 << 20) + "\"";
        for (int i = 0; i < 32; i++) {
            put("k" + i, value);
        }
        RawStream stream = watch("?initial", "");
        assertTrue(stream.block().startsWith("event: initial\n"));
        server.replicator.watches().close();
        String block = stream.block();
        while (block.startsWith("event: initial\n")) {
            block = stream.block();
        }
        assertEquals("event: end\ndata: {\"error\":\"this node is stopping: go on at another node\"}", block);
        assertEquals("(end)", stream.block());
    }

    @Test
    void marksSayHowFarAStreamHasCome() throws IOException {
        put("k", "1");
        put("other", "1");
        RawStream stream = watch("?key=k&progress=1&from_revision=1", "");
        assertTrue(stream.block().startsWith("id: 1@3f2a90c1\nevent: put\n"));
        assertEquals("id: 2@3f2a90c1\nevent: progress\ndata: {\"revision\":2}", stream.block());
        put("other", "2");
        assertEquals("id: 3@3f2a90c1\nevent: progress\ndata: {\"revision\":3}", stream.block());
        assertEquals("id: 3@3f2a90c1\nevent: progress\ndata: {\"revision\":3}", stream.block());
        put("k", "2");
        String block = stream.block();
        if (block.contains("event: progress\n")) {
            block = stream.block();
        }
        assertTrue(block.startsWith("id: 4@3f2a90c1\nevent: put\n"), block);
        assertEquals("id: 4@3f2a90c1\nevent: progress\ndata: {\"revision\":4}", stream.block());
    }

    @Test
    void aStreamOfTheKeysThatAreThereIsMarkedFromTheirEndOn() throws IOException {
        put("k", "1");
        RawStream stream = watch("?key=k&initial&progress=1", "");
        assertTrue(stream.block().startsWith("event: initial\n"));
        assertEquals("id: 1@3f2a90c1\nevent: initial_end\ndata: {\"revision\":1}", stream.block());
        assertEquals("id: 1@3f2a90c1\nevent: progress\ndata: {\"revision\":1}", stream.block());
    }

    /** The timer would go on to wake them for ever. */
    @Test
    void streamsWithMarksLeaveNothingOnTheHeap() throws IOException {
        for (int i = 0; i < 5; i++) {
            watch("?key=k&progress=3600", "");
        }
        for (RawStream stream : streams) {
            stream.close();
        }
        put("k", "1");
        eventually(SOON, () -> assertEquals(0, LiveObjects.count("dev.raftkv.rest.watch.WatchNews")));
    }

    @Test
    void aWatchThatStopsIsToldWhereToGoOn() throws IOException {
        RawStream stream = watch("", "");
        put("a", "1");
        assertTrue(stream.block().startsWith("id: 1@3f2a90c1\n"));
        server.replicator.watches().close();
        assertEquals(
                "event: end\ndata: {\"error\":\"this node is stopping: go on at another node\",\"last_event_id\":\"1@3f2a90c1\"}",
                stream.block());
        assertEquals("(end)", stream.block());
        assertEquals(503, http.get("/watch").status());
    }

    @Test
    void changesThatAreNotKeptAreGone() {
        String value = "\"" + "x".repeat(1 << 20) + "\"";
        for (int i = 0; i < 20; i++) {
            put("k", value);
        }
        long oldest = server.replicator.store().oldestRevision();
        assertTrue(oldest > 1 && oldest < 20, "oldest " + oldest);
        String sentence = "changes before revision " + oldest
                + " are not kept any more: read the keys again, then watch from the Store-Revision of that answer plus one";
        for (String target : List.of("/watch?from_revision=1", "/watch?wait=1&from_revision=1")) {
            assertProblem(410, "Gone", sentence, ",\"oldest_revision\":" + oldest, http.get(target));
        }
        assertEquals(200, http.get("/watch?wait=0&from_revision=" + oldest).status());
    }

    @Test
    void whatIsAheadOfTheClusterIsNotWaitedFor() throws IOException {
        put("k", "1");
        put("k", "2");
        String again = ": read the keys again, then watch from the Store-Revision of that answer plus one";
        for (String target : List.of("/watch", "/watch?wait=600s", "/watch?key=k&from_revision=1")) {
            for (String id : List.of("5000", "3.0", "5000" + OURS)) {
                assertProblem(
                        410,
                        "Gone",
                        "there is no revision " + id.replaceAll("[.@].*", "") + ", this cluster is at 2" + again,
                        ",\"oldest_revision\":1",
                        http.send("GET", target, "Last-Event-ID: " + id + "\r\n"));
            }
            assertProblem(
                    410,
                    "Gone",
                    "the id 1@00000000 is of another cluster, this one is 3f2a90c1" + again,
                    ",\"oldest_revision\":1",
                    http.send("GET", target, "Last-Event-ID: 1@00000000\r\n"));
        }
        assertEquals(410, http.get("/watch?from_revision=4").status());
        RawStream next = watch("?from_revision=3", "");
        put("k", "3");
        assertTrue(next.block().startsWith("id: 3@3f2a90c1\n"));
    }

    @Test
    void aFollowerThatIsBehindDoesNotCallWhatItHasNotSeenGone() throws IOException {
        put("k", "1");
        put("k", "2");
        try (RestServer follower =
                new RestServer(directory.resolve("follower"), "/two", FollowerWrites.REDIRECT, Way.SHORTCUT)) {
            follower.replicator.follow(Optional.of("node0"), Optional.of(server.address()));
            String cannotSay =
                    "this node has not come to revision 2, and the leader cannot say now whether there is such"
                            + " a one: try again, or watch at another node";
            assertUnavailable(cannotSay, follower.http().get("/watch?wait=0&from_revision=3"));
            follower.replicator.replicate(new Command.Put(Key.of("k"), json("1"), 0));
            follower.replicator.replicate(new Command.Put(Key.of("k"), json("2"), 0));
            assertEquals(
                    200, follower.http().get("/watch?wait=0&from_revision=3").status());
            // As far as any barrier of the leader in this test.
            Command barrier = new Command.Barrier();
            for (int i = 0; i < 50; i++) {
                follower.replicator.replicate(barrier);
            }
            assertProblem(
                    410,
                    "Gone",
                    "there is no revision 3, this cluster is at 2: read the keys again, then watch from the"
                            + " Store-Revision of that answer plus one",
                    ",\"oldest_revision\":1",
                    follower.http().get("/watch?from_revision=4"));
            follower.replicator.follow(Optional.empty(), Optional.empty());
            assertUnavailable(
                    cannotSay.replace("revision 2", "revision 3"),
                    follower.http().get("/watch?from_revision=4"));
            assertEquals(0, follower.replicator.watches().watches());
        }
    }

    @Test
    void aWatchThatCannotBeginIsNotLeftOpen() {
        try (RestServer synchronous =
                new RestServer(directory.resolve("sync"), "/kv", FollowerWrites.REDIRECT, Way.SYNCHRONOUS)) {
            for (String target : List.of("/watch", "/watch?wait=30s")) {
                assertEquals(500, synchronous.http().get(target).status());
                assertEquals(0, synchronous.replicator.watches().watches());
            }
        }
    }

    @Test
    void aQuietStreamShowsThatItLivesAndHowFarItIs() throws IOException {
        RawStream stream = watch("?key=k", "");
        put("other", "1");
        String heartbeat = stream.anyBlock();
        while (heartbeat.equals(":\nid: 0@3f2a90c1")) {
            heartbeat = stream.anyBlock();
        }
        assertEquals(":\nid: 1@3f2a90c1", heartbeat);
    }

    /** Nothing is kept for it: what it missed is in the history, or it is told what is. */
    @Test
    void aClientThatTakesNothingIsCutOff() throws Exception {
        RawStream stuck = watch("", "");
        String value = "\"" + "x".repeat(1 << 20) + "\"";
        for (int i = 0; i < 12; i++) {
            put("k" + i % 4, value);
        }
        eventually(SOON, () -> {
            assertEquals(0, server.replicator.watches().watches());
            assertEquals(1, server.replicator.watches().cutOffs());
        });
        put("after", "1");
        RawStream next = watch("", "Last-Event-ID: 3\r\n");
        for (int revision = 4; revision <= 13; revision++) {
            assertTrue(next.block().startsWith("id: " + revision + OURS + "\n"));
        }
        stuck.close();
    }

    @Test
    void aSlowClientIsToldWhereToGoOn() throws Exception {
        RawStream slow = watch("", "");
        String value = "\"" + "x".repeat(1 << 20) + "\"";
        long begun = System.nanoTime();
        for (int i = 0; i < 12; i++) {
            put("k" + i % 4, value);
        }
        Duration patience = RestServer.HASTE.patience();
        eventually(SOON, () -> assertTrue(System.nanoTime() - begun > patience.toNanos()));
        String last = "0";
        String block = slow.block();
        while (block.startsWith("id: ") && !last.equals("12")) {
            last = Long.toString(revision(block));
            block = last.equals("12") ? block : slow.block();
        }
        // Unless this test itself was too slow, and the connection was cut.
        if (block.startsWith("event: ")) {
            assertEquals(
                    "event: slow\ndata: {\"error\":\"the client took nothing for 0 seconds: go on from last_event_id\","
                            + "\"last_event_id\":\"" + last + OURS + "\"}",
                    block.replaceAll("\\.\\d+(?=@)", ""));
        }
        if (!last.equals("12")) {
            assertTrue(watch("", "Last-Event-ID: " + last + "\r\n")
                    .block()
                    .startsWith("id: " + (Integer.parseInt(last) + 1)));
        }
    }

    @Test
    void manyChangesArriveOnceAndInOrderWhileTheyAreMade() throws Exception {
        RawStream stream = watch("?prefix=k/", "");
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 3000; i++) {
                put((i % 3 == 0 ? "other/" : "k/") + i % 7, "1");
            }
        });
        long last = 0;
        for (int i = 0; i < 2000; i++) {
            long revision = revision(stream.block());
            assertEquals(last + (last % 3 == 0 ? 2 : 1), revision);
            last = revision;
        }
        writer.get(10, TimeUnit.SECONDS);
    }

    /** Kept by the timer until the time was over, each with its answer. */
    @Test
    void answeredPollsLeaveNothingOnTheHeap() {
        for (int i = 1; i <= 30; i++) {
            put("k", Integer.toString(i));
            assertEquals(
                    200, http.get("/watch?key=k&wait=600s&from_revision=" + i).status());
        }
        eventually(SOON, () -> assertEquals(0, LiveObjects.count("dev.raftkv.rest.watch.WatchPoll")));
    }

    /** More than the history keeps, and than the hub has in memory. */
    @Test
    void aQuietKeyIsWatchedWhileOthersChange() throws Exception {
        RawStream stream = watch("?key=quiet", "");
        CompletableFuture<Answer> poll =
                CompletableFuture.supplyAsync(() -> http.get("/watch?key=quiet&wait=120s&from_revision=1"));
        eventually(SOON, () -> assertEquals(2, server.replicator.watches().watches()));
        Command busy = new Command.Put(Key.of("busy"), json("1"), 0);
        for (int i = 0; i < 20; i++) {
            server.replicator.replicate(Collections.nCopies(1000, busy));
        }
        long last = 0;
        while (last < 20_000) {
            String block = stream.anyBlock();
            assertTrue(block.startsWith(":\n"), block);
            last = revision(block);
        }
        assertEquals(
                "{\"message\":\"success watching data\",\"data\":[],\"revision\":20000,\"last_event_id\":\"20000@3f2a90c1\"}\n",
                http.get("/watch?key=quiet&wait=0").body());
        put("quiet", "1");
        assertTrue(stream.block().startsWith("id: 20001@3f2a90c1\nevent: put\n"));
        assertTrue(poll.get(10, TimeUnit.SECONDS).body().endsWith("\"last_event_id\":\"20001@3f2a90c1\"}\n"));
    }

    @Test
    void anAnswerGoesAsFarAsItHasLooked() {
        put("k", "1");
        put("busy", "2");
        put("busy", "3");
        Answer answer = http.get("/watch?key=k&wait=1s&from_revision=1");
        assertTrue(
                answer.body().endsWith("\"version\":1}],\"revision\":3,\"last_event_id\":\"3@3f2a90c1\"}\n"),
                answer::body);
        assertEquals("3", answer.header("store-revision"));
    }

    @Test
    void oneAnswerWaitsForAChange() throws Exception {
        CompletableFuture<Answer> poll = CompletableFuture.supplyAsync(() -> http.get("/watch?key=k&wait=30s"));
        eventually(SOON, () -> assertEquals(1, server.replicator.watches().watches()));
        put("other", "1");
        put("k", "[1, 2]");
        Answer answer = poll.get(10, TimeUnit.SECONDS);
        // White space in front of it has kept the connection.
        assertEquals(
                "{\"message\":\"success watching data\",\"data\":[{\"event\":\"put\",\"id\":\"2@3f2a90c1\",\"key\":\"k\",\"value\":[1, 2],"
                        + "\"create_revision\":2,\"change_revision\":2,\"version\":1}],\"revision\":2,\"last_event_id\":\"2@3f2a90c1\"}\n",
                answer.body().stripLeading());
        assertEquals("no-store", answer.header("cache-control"));
        assertEquals(
                "{\"message\":\"success watching data\",\"data\":[],\"revision\":2,\"last_event_id\":\"2@3f2a90c1\"}\n",
                http.get("/watch?key=k&wait=0").body());
        eventually(SOON, () -> assertEquals(0, server.replicator.watches().watches()));
    }

    @ParameterizedTest
    @CsvSource({
        "?prefix=a&key=b, key and prefix exclude each other: give one of them",
        "?from=1, 'unknown query parameter \\\"from\\\": this request knows key, prefix, kind, initial, prev, progress, from_revision, wait'",
        "?from_revision=0, from_revision is 0: give a whole number from 1 to 922337203685477580",
        "?from_revision=x, from_revision is x: give a whole number from 1 to 922337203685477580",
        "?wait=601, 'wait is 601: give seconds from 0 to 600, like 30s'",
        "?wait=-1, 'wait is -1: give seconds from 0 to 600, like 30s'",
        "?wait=1m, 'wait is 1m: give seconds from 0 to 600, like 30s'",
        "?kind=, 'kind is : give put, delete, expire, or two of them with a comma between'",
        "?kind=Put, 'kind is Put: give put, delete, expire, or two of them with a comma between'",
        "'?kind=put,', 'kind is put,: give put, delete, expire, or two of them with a comma between'",
        "'?kind=put,%20delete', 'kind is put, delete: give put, delete, expire, or two of them with a comma between'",
        "'?kind=put,initial', 'kind is put,initial: give put, delete, expire, or two of them with a comma between'",
        "'?kind=put,put', 'kind names put more than once: name it once'",
        "?kind=put&kind=delete, 'query parameter \\\"kind\\\" is given more than once: give it once'",
        "?initial=2, initial is neither true nor false: 2",
        "?prev=all, prev is neither true nor false: all",
        "?initial&from_revision=1, initial and from_revision exclude each other: give one of them",
        "?initial&wait=1s, initial and wait exclude each other: give one of them",
        "?progress, 'progress is : give a whole number from 1 to 3600'",
        "?progress=0, progress is 0: give a whole number from 1 to 3600",
        "?progress=3601, progress is 3601: give a whole number from 1 to 3600",
        "?progress=5s, progress is 5s: give a whole number from 1 to 3600",
        "?progress=5&wait=1s, progress and wait exclude each other: give one of them",
        "?key=%20, key is empty"
    })
    void badParametersAreRefused(String query, String sentence) {
        assertInvalid(sentence, http.get("/watch" + query));
    }

    @Test
    void whatElseIsRefused() {
        assertInvalid(
                "Last-Event-ID is x: give the id of an event, such as 57@3f2a90c1",
                http.send("GET", "/watch?wait=0", "Last-Event-ID: x\r\n"));
        Answer post = http.post("/watch", "{}");
        assertProblem(405, "Method Not Allowed", "this path does not take this method: it takes GET, OPTIONS", post);
        assertEquals("GET, OPTIONS", post.header("allow"));
        server.replicator.idle("gone");
        assertEquals(503, http.get("/watch").status());
    }

    @Test
    void watchesAreCountedAmongTheRequests() throws IOException {
        watch("?key=k", "");
        http.get("/watch?wait=0");
        http.get("/watch?wait=x");

        eventually(SOON, () -> {
            String metrics = http.get("/metrics").body();
            for (String expected : List.of(
                    "raftkv_http_requests_total{route=\"/watch\",method=\"GET\",status=\"2xx\"} 2",
                    "raftkv_http_requests_total{route=\"/watch\",method=\"GET\",status=\"4xx\"} 1",
                    "raftkv_http_request_duration_seconds_count{route=\"/watch\",method=\"GET\"} 3")) {
                assertTrue(metrics.contains(expected), metrics);
            }
        });
    }

    @Test
    void thereIsALimit() throws IOException {
        for (int i = 0; i < FakeReplicator.MAX_WATCHES; i++) {
            watch("?key=k" + i, "");
        }
        assertEquals(503, http.get("/watch?key=one-more").status());
        streams.remove(0).close();
        put("k0", "1");
        server.replicator.replicate(new Command.DeleteRange(Prefix.of("k")));
        eventually(SOON, () -> {
            put("k0", "1");
            assertEquals(200, http.get("/watch?key=one-more&wait=0").status());
        });
    }
}
