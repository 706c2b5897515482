package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertProblem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import dev.raftkv.rest.RestServer.Way;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code GET /watch?prev}. */
class WatchPreviousTest {
    private static final String OFF =
            "this cluster does not keep what keys were before their changes, so that watches cannot"
                    + " tell: switch it on by PUT /raft/settings, with \\\"prev\\\": true in its history, or watch without prev";

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

    private void keep(boolean previous) {
        server.replicator.replicate(new Command.Settings(new HistoryLimits(10_000, 16 << 20, previous)));
    }

    private void put(String key, String json) {
        server.replicator.replicate(new Command.Put(Key.of(key), json(json), 0));
    }

    private static JsonText json(String text) {
        return new JsonText(text.getBytes(UTF_8));
    }

    private static String history(long created, long changed, long version) {
        return ",\"create_revision\":" + created + ",\"change_revision\":" + changed + ",\"version\":" + version;
    }

    private static String was(String value, long created, long changed, long version) {
        return ",\"prev\":{\"exists\":true,\"value\":" + value + history(created, changed, version) + "}}";
    }

    @Test
    void eachChangeIsToldWithWhatItsKeyWas() throws IOException {
        put("a", "0");
        keep(true);
        RawStream stream = watch("?prefix=a&prev", "");
        put("a", "1.10");
        put("ab", "[1, 2]");
        server.replicator.replicate(new Command.Txn(
                List.of(),
                List.of(new TxnOp.Put(Key.of("ab"), json("5"), 60_000), new TxnOp.Delete(Key.of("a"))),
                List.of()));
        server.replicator.replicate(new Command.DeleteRange(Prefix.of("a")));
        assertEquals(
                "id: 2@3f2a90c1\nevent: put\ndata: {\"key\":\"a\",\"value\":1.10" + history(1, 2, 2)
                        + was("0", 1, 1, 1),
                stream.block());
        assertEquals(
                "id: 3@3f2a90c1\nevent: put\ndata: {\"key\":\"ab\",\"value\":[1, 2]" + history(3, 3, 1)
                        + ",\"prev\":{\"exists\":false}}",
                stream.block());
        String put = "id: 4.0@3f2a90c1\nevent: put\ndata: {\"key\":\"ab\",\"value\":5" + history(3, 4, 2)
                + ",\"ttl\":60" + was("[1, 2]", 3, 3, 1);
        assertEquals(put, stream.block());
        assertEquals(
                "id: 4@3f2a90c1\nevent: delete\ndata: {\"key\":\"a\",\"change_revision\":4" + was("1.10", 1, 2, 2),
                stream.block());
        String removal =
                "id: 5@3f2a90c1\nevent: delete\ndata: {\"key\":\"ab\",\"change_revision\":5,\"prev\":{\"exists\":true,"
                        + "\"value\":5" + history(3, 4, 2) + ",\"ttl\":60}}";
        assertEquals(removal, stream.block());
        // From the history, in the middle of a revision, and of one kind.
        assertEquals(
                removal,
                watch("?prefix=a&prev=true&kind=delete", "Last-Event-ID: 4@3f2a90c1\r\n")
                        .block());
        assertEquals(
                "id: 4@3f2a90c1\nevent: delete\ndata: {\"key\":\"a\",\"change_revision\":4}",
                watch("?prefix=a&prev=false", "Last-Event-ID: 4.0@3f2a90c1\r\n").block());
    }

    @Test
    void onePollTellsItToo() {
        keep(true);
        put("k", "1");
        put("k", "2");
        assertEquals(
                "{\"message\":\"success watching data\",\"data\":[{\"event\":\"put\",\"id\":\"1@3f2a90c1\",\"key\":\"k\",\"value\":1"
                        + history(1, 1, 1) + ",\"prev\":{\"exists\":false}},"
                        + "{\"event\":\"put\",\"id\":\"2@3f2a90c1\",\"key\":\"k\",\"value\":2" + history(1, 2, 2)
                        + was("1", 1, 1, 1) + "],\"revision\":2,\"last_event_id\":\"2@3f2a90c1\"}\n",
                http.get("/watch?key=k&prev&from_revision=1&wait=5s").body());
    }

    @Test
    void whatWasMadeWhileItWasOffHasNone() throws IOException {
        put("k", "1");
        put("k", "2");
        keep(true);
        RawStream stream = watch("?prev&from_revision=1", "");
        assertEquals(
                "id: 1@3f2a90c1\nevent: put\ndata: {\"key\":\"k\",\"value\":1" + history(1, 1, 1)
                        + ",\"prev\":{\"exists\":false}}",
                stream.block());
        assertEquals(
                "id: 2@3f2a90c1\nevent: put\ndata: {\"key\":\"k\",\"value\":2" + history(1, 2, 2) + "}",
                stream.block());
        keep(false);
        server.replicator.replicate(new Command.Delete(Key.of("k")));
        assertEquals("id: 3@3f2a90c1\nevent: delete\ndata: {\"key\":\"k\",\"change_revision\":3}", stream.block());
    }

    @Test
    void theKeysThatAreThereHaveNone() throws IOException {
        put("k", "1");
        keep(true);
        RawStream stream = watch("?key=k&initial&prev", "");
        assertEquals("event: initial\ndata: {\"key\":\"k\",\"value\":1" + history(1, 1, 1) + "}", stream.block());
        assertEquals("id: 1@3f2a90c1\nevent: initial_end\ndata: {\"revision\":1}", stream.block());
        put("k", "2");
        assertEquals(
                "id: 2@3f2a90c1\nevent: put\ndata: {\"key\":\"k\",\"value\":2" + history(1, 2, 2) + was("1", 1, 1, 1),
                stream.block());
    }

    @Test
    void itIsRefusedWhileItIsOff() {
        for (String query : new String[] {"?prev", "?key=k&prev&wait=0", "?prefix=k&initial&prev"}) {
            assertProblem(409, "Conflict", OFF, http.get("/watch" + query));
        }
        // Before one is opened, which is closed when its answer has gone, and so maybe after it is read.
        assertEquals(0, server.replicator.watches().watches());
        assertEquals(200, http.get("/watch?prev=false&wait=0").status());
        keep(true);
        assertEquals(200, http.get("/watch?prev&wait=0").status());
        keep(false);
        assertEquals(409, http.get("/watch?prev&wait=0").status());
    }

    /** A node that has not heard of the switch asks the leader; where it cannot, it does not say that it is off. */
    @Test
    void aNodeThatCannotKnowDoesNotSayThatItIsOff() {
        server.replicator.writesFail(Code.UNAVAILABLE, "no leader");
        assertEquals(503, http.get("/watch?prev&wait=0").status());
        server.replicator.reset();
        keep(true);
        server.replicator.writesFail(Code.UNAVAILABLE, "no leader");
        assertEquals(200, http.get("/watch?prev&wait=0").status());
    }
}
