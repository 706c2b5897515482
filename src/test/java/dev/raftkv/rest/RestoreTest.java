package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Member;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Role;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.model.Value;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.testkit.Eventually;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class RestoreTest {
    private static final String TYPE = "application/x-ndjson";

    @TempDir
    private Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private RestServer server;
    private RestServer other;

    @BeforeEach
    void start() {
        server = new RestServer(directory.resolve("kv"), "/kv", FollowerWrites.FORWARD, Way.SHORTCUT);
        other = new RestServer(directory.resolve("other"), "/kv", FollowerWrites.FORWARD, Way.SHORTCUT);
    }

    @AfterEach
    void stop() {
        server.close();
        other.close();
    }

    private static void put(RestServer at, String key, String value, long ttlMillis) {
        at.replicator.replicate(new Command.Put(Key.of(key), new JsonText(value.getBytes(UTF_8)), ttlMillis));
    }

    private byte[] backup(RestServer at, String query) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create(at.address() + "/backup" + query))
                                .build(),
                        BodyHandlers.ofByteArray())
                .body();
    }

    private HttpResponse<String> restore(RestServer at, String query, String type, byte[] body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(at.address() + "/restore" + query))
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private void accept(RestServer at, String query, byte[] body, String data) throws Exception {
        HttpResponse<String> answer = restore(at, query, TYPE, body);
        assertEquals(200, answer.statusCode(), answer::body);
        assertEquals("{\"message\":\"success restoring data\",\"data\":" + data + "}\n", answer.body());
        assertFalse(Files.exists(directory.resolve("other-restore/backup")));
    }

    private void refuse(int status, String sentence, String query, byte[] body) throws Exception {
        HttpResponse<String> answer = restore(other, query, TYPE, body);
        assertEquals(status, answer.statusCode(), answer::body);
        assertTrue(answer.body().contains(sentence), answer::body);
    }

    /** The lines of the keys, without what a clock says. */
    private static List<String> keys(byte[] backup) {
        List<String> lines = new String(backup, UTF_8).lines().toList();
        return lines.subList(1, lines.size() - 1).stream()
                .map(line -> line.replaceFirst("\"ttl_ms\":\\d+", "\"ttl_ms\":0"))
                .toList();
    }

    @Test
    void aFreshClusterGetsAllAsItWas() throws Exception {
        put(server, "b", "{\n  \"n\": 1.10\n}", 0);
        put(server, "a", "1", 60_000);
        put(server, "b", "[1e400]", 0);
        byte[] backup = backup(server, "");

        accept(other, "", backup, "{\"keys\":2,\"revision\":4}");

        assertEquals(keys(backup), keys(backup(other, "")));
        put(other, "c", "1", 0);
        assertTrue(keys(backup(other, "")).get(2).contains("\"change_revision\":5"));
    }

    @Test
    void whatConsulsClientsHaveStoredIsThereAgain() throws Exception {
        UUID session = new UUID(1, 2);
        server.replicator.replicate(List.of(
                new OfSession.Create(session, "", 15_000, Behavior.RELEASE, 0),
                new OfConsul.Put(Key.of("a/1"), Value.ofBytes("pg1".getBytes(UTF_8)), -1, new Mode.Acquire(session)),
                new OfConsul.Put(Key.of("a/2"), Value.ofBytes(new byte[] {(byte) 0xFF}), 0, new Mode.Plain()),
                new OfConsul.Put(Key.of("b"), Value.NOTHING, 0, new Mode.Plain())));
        byte[] backup = backup(server, "");

        accept(other, "", backup, "{\"keys\":3,\"revision\":4}");
        assertEquals(keys(backup), keys(backup(other, "")));
        assertEquals(
                new Entry(Key.of("a/1"), Value.ofBytes("pg1".getBytes(UTF_8)), 1, 1, 1, 0, Optional.empty(), -1, 1),
                entry("a/1"));

        accept(other, "?prefix=a/&replace", backup, "{\"keys\":2,\"revision\":5}");
        assertEquals(
                new Entry(Key.of("a/1"), Value.ofBytes("pg1".getBytes(UTF_8)), 5, 5, 1, 0, Optional.empty(), -1, 1),
                entry("a/1"));
        assertEquals(Value.ofBytes(new byte[] {(byte) 0xFF}), entry("a/2").value());
        assertEquals(0, other.replicator.store().removedAt(Key.of("a/1")));
    }

    private Entry entry(String key) {
        return other.replicator.store().get(Key.of(key)).orElseThrow();
    }

    @Test
    void keysGiveWayOnlyIfThatIsSaid() throws Exception {
        put(server, "a", "1", 0);
        put(other, "old", "1", 0);
        put(other, "old", "2", 0);
        byte[] backup = backup(server, "");

        refuse(409, "say ?replace if they are to give way", "", backup);
        assertEquals(1, keys(backup(other, "")).size());
        accept(other, "?replace", backup, "{\"keys\":1,\"revision\":3}");
        assertEquals(keys(backup), keys(backup(other, "")));
    }

    @Test
    void aPartTakesThePlaceOfThatPartAlone() throws Exception {
        for (String key : List.of("a/1", "a/2", "b/1")) {
            put(server, key, "1", 0);
        }
        put(other, "a/9", "9", 0);
        put(other, "b/9", "9", 0);

        refuse(409, "say ?replace", "?prefix=a/", backup(server, ""));
        accept(other, "?prefix=a/&replace", backup(server, ""), "{\"keys\":2,\"revision\":4}");
        accept(other, "?prefix=c/", backup(server, ""), "{\"keys\":0,\"revision\":4}");
        accept(other, "", backup(server, "?prefix=b/1"), "{\"keys\":1,\"revision\":5}");
        refuse(422, "has only keys that start with b/", "?prefix=a/", backup(server, "?prefix=b/"));

        List<String> keys = keys(backup(other, ""));
        for (int i = 0; i < 4; i++) {
            assertTrue(
                    keys.get(i)
                            .startsWith("{\"key\":\""
                                    + List.of("a/1", "a/2", "b/1", "b/9").get(i)),
                    keys.get(i));
        }
    }

    @Test
    void whatIsRefusedChangesNothing() throws Exception {
        put(server, "a", "1", 0);
        put(server, "b", "2", 0);
        put(other, "old", "1", 0);
        byte[] backup = backup(server, "");
        byte[] before = backup(other, "");
        byte[] flipped = backup.clone();
        flipped[backup.length / 2] ^= 1;

        refuse(422, "cut short", "?replace", Arrays.copyOf(backup, backup.length - 1));
        refuse(422, "line 1 of the backup: it ends here", "?replace", new byte[0]);
        refuse(422, "of the backup: ", "?replace", flipped);
        refuse(
                422,
                "its format is raftkv-backup/2",
                "?replace",
                new String(backup, UTF_8).replace("backup/1", "backup/2").getBytes(UTF_8));
        refuse(422, "unknown query parameter", "?zz", backup);
        assertEquals(415, restore(other, "?replace", "text/plain", backup).statusCode());
        assertEquals(keys(before), keys(backup(other, "")));
        other.replicator.follow(Optional.of("node2"), Optional.of("http://two:2222"));
        HttpResponse<String> elsewhere = restore(other, "?replace", TYPE, backup);
        assertEquals(307, elsewhere.statusCode());
        assertEquals(
                "http://two:2222/restore?replace",
                elsewhere.headers().firstValue("Location").orElse(""));
    }

    @Test
    void whoWatchesIsToldToBeginAgain() throws Exception {
        put(other, "old", "1", 0);
        put(server, "a", "1", 0);
        HttpResponse<InputStream> watch = http.send(
                HttpRequest.newBuilder(URI.create(other.address() + "/watch")).build(), BodyHandlers.ofInputStream());
        try (BufferedReader events = new BufferedReader(new InputStreamReader(watch.body(), UTF_8))) {
            assertEquals("retry: 1000", events.readLine());
            Eventually.eventually(
                    Duration.ofSeconds(20),
                    () -> assertEquals(1, other.replicator.watches().watches()));
            accept(other, "?replace", backup(server, ""), "{\"keys\":1,\"revision\":2}");
            String line = events.readLine();
            while (!line.startsWith("event: ")) {
                line = events.readLine();
            }
            assertEquals("event: restored", line);
            assertTrue(events.readLine().contains("\"oldest_revision\":3"));
        }
        HttpResponse<String> late = http.send(
                HttpRequest.newBuilder(URI.create(other.address() + "/watch?from_revision=1&wait=0"))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(410, late.statusCode());
        assertTrue(late.body().contains("restored from a backup at revision 2"), late::body);
    }

    @Test
    void aSecondRestoreWaitsForItsTurn() throws Exception {
        put(server, "a", "1", 0);
        byte[] backup = backup(server, "");
        other.replicator.replicate(new Command.Restore.Begin("r", 1, true, Prefix.ALL));
        other.replicator.restores.begin("r");

        refuse(409, "another restore is under way", "", backup);
        // Nobody goes on with it.
        other.replicator.restores.end("r");
        accept(other, "", backup, "{\"keys\":1,\"revision\":2}");
    }

    @Test
    void whatTheDiskHasNoRoomForChangesNothing() throws Exception {
        put(server, "a", "1", 0);
        byte[] backup = backup(server, "");
        Path file = directory.resolve("other-restore").resolve("backup");
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, Path.of("/dev/full"));

        refuse(507, "cannot be written to the disk of this node: nothing was changed", "", backup);
        accept(other, "", backup, "{\"keys\":1,\"revision\":2}");
    }

    @Test
    void whatOneMemberHasNoRoomForChangesNothing() throws Exception {
        put(server, "a", "\"" + "x".repeat(1_000_000) + "\"", 0);
        put(other, "old", "1", 0);
        byte[] backup = backup(server, "");
        byte[] before = backup(other, "");
        long index = other.replicator.store().position().index();
        long free = 64 << 20;
        try (RecordedNode little = member(free, free - (1 << 20))) {
            other.replicator.status(
                    FakeReplicator.status(Role.LEADER, List.of(SELF, other(Optional.of(little.address())))));
            refuse(
                    507,
                    "the backup needs about 2 MB of each member's disk, and node2 has 1 MB above RAFT_MIN_FREE_DISK_MB:"
                            + " nothing was changed; free some space there",
                    "?replace",
                    backup);
            assertTrue(little.request().startsWith("GET /announced/raft/stats "));
        }
        assertEquals(keys(before), keys(backup(other, "")));
        assertEquals(index, other.replicator.store().position().index());
        try (RecordedNode enough = member(free, free - (3 << 20))) {
            other.replicator.status(
                    FakeReplicator.status(Role.LEADER, List.of(SELF, other(Optional.of(enough.address())))));
            accept(other, "?replace", backup, "{\"keys\":1,\"revision\":2}");
        }
        // A restore needs a majority, as each write does.
        other.replicator.status(FakeReplicator.status(Role.LEADER, List.of(SELF, other(Optional.empty()))));
        accept(other, "?replace", backup, "{\"keys\":1,\"revision\":3}");
    }

    /** Much more than the node takes of what nobody wants. */
    @Test
    @Timeout(60)
    void whoSendsMuchToADiskThatGetsFullIsToldSo() throws Exception {
        Path file = directory.resolve("other-restore").resolve("backup");
        Files.createDirectories(file.getParent());
        for (boolean expect : new boolean[] {false, true}) {
            Files.createSymbolicLink(file, Path.of("/dev/full"));
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create(other.address() + "/restore"))
                            .header("Content-Type", TYPE)
                            .expectContinue(expect)
                            .POST(BodyPublishers.ofByteArray(new byte[1 << 20]))
                            .build(),
                    BodyHandlers.ofString());
            assertEquals(507, answer.statusCode(), answer::body);
            Eventually.eventually(Duration.ofSeconds(20), () -> assertFalse(Files.exists(file, NOFOLLOW_LINKS)));
        }
        try (Socket connection = new Socket("127.0.0.1", other.port())) {
            Files.createSymbolicLink(file, Path.of("/dev/full"));
            OutputStream out = connection.getOutputStream();
            out.write(("POST /kv/restore HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: " + TYPE
                            + "\r\nExpect: 100-continue\r\nContent-Length: 100000000\r\n\r\n")
                    .getBytes(UTF_8));
            try {
                for (int sent = 0; sent < 100; sent++) {
                    out.write(new byte[1_000_000]);
                }
            } catch (IOException e) {
                // It is cut.
            }
        }
        Eventually.eventually(Duration.ofSeconds(20), () -> assertFalse(Files.exists(file, NOFOLLOW_LINKS)));
        // Whatever became of them, the next one finds the place free.
        accept(other, "", backup(server, ""), "{\"keys\":0,\"revision\":1}");
    }

    private static final Member SELF =
            new Member("node1", new Address("127.0.0.1", 1111), Optional.of("http://one:2221"), true);

    private static Member other(Optional<String> httpAddress) {
        return new Member("node2", new Address("127.0.0.1", 1112), httpAddress, true);
    }

    /** A follower that says what room its disk has. */
    private static RecordedNode member(long free, long minFree) throws Exception {
        String stats =
                "{\"message\":\"Here is the raft status\",\"data\":{\"node_id\":\"node2\",\"state\":\"Follower\","
                        + "\"term\":2,\"last_log_index\":1,\"commit_index\":1,\"applied_index\":1,"
                        + "\"disk\":{\"free_bytes\":" + free + ",\"min_free_bytes\":" + minFree + "}}}";
        return new RecordedNode(head -> "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                + stats.length() + "\r\nConnection: close\r\n\r\n" + stats);
    }

    @Test
    void whatIsLargerThanTheDiskOfTheLeaderIsNotRead() throws Exception {
        RawHttp.Answer answer = other.http()
                .send("POST", "/restore", "Content-Type: " + TYPE + "\r\nContent-Length: " + (1L << 50) + "\r\n");
        assertEquals(507, answer.status());
        assertTrue(answer.body().contains("no room for the backup of 1073741824 MB: "), answer::body);
        try (RestServer full = new RestServer(
                directory.resolve("full"), "/kv", FollowerWrites.FORWARD, Way.SHORTCUT, Long.MAX_VALUE)) {
            HttpResponse<String> refused = restore(full, "", TYPE, backup(server, ""));
            assertEquals(507, refused.statusCode());
            assertTrue(refused.body().contains("0 MB are left (RAFT_MIN_FREE_DISK_MB)"), refused::body);
            assertEquals(0, full.replicator.store().position().index());
        }
        accept(other, "", backup(server, ""), "{\"keys\":0,\"revision\":1}");
    }

    /** A pipe that nobody empties keeps whoever writes to it waiting. */
    @Test
    @Timeout(60)
    void aDiskThatHangsHoldsUpNobodyElse() throws Exception {
        Path file = directory.resolve("other-restore").resolve("backup");
        Files.createDirectories(file.getParent());
        assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
        CompletableFuture<InputStream> read = CompletableFuture.supplyAsync(() -> {
            try {
                return new FileInputStream(file.toFile());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        CompletableFuture<HttpResponse<String>> restore = http.sendAsync(
                HttpRequest.newBuilder(URI.create(other.address() + "/restore"))
                        .header("Content-Type", TYPE)
                        .POST(BodyPublishers.ofByteArray(new byte[1 << 20]))
                        .build(),
                BodyHandlers.ofString());
        try (InputStream pipe = read.get(20, TimeUnit.SECONDS)) {
            Eventually.eventually(Duration.ofSeconds(20), () -> assertTrue(pipe.available() >= 1 << 15));
            HttpResponse<InputStream> watch = http.send(
                    HttpRequest.newBuilder(URI.create(other.address() + "/watch"))
                            .build(),
                    BodyHandlers.ofInputStream());
            // By the same thread that looks after the upload, twice a second.
            CompletableFuture.supplyAsync(() -> heartbeats(watch.body(), 15)).get(20, TimeUnit.SECONDS);
            assertFalse(restore.isDone());
        }
        // Nobody reads from the pipe any more: what waits to write fails.
        HttpResponse<String> answer = restore.get(20, TimeUnit.SECONDS);
        assertEquals(507, answer.statusCode(), answer::body);
        accept(other, "", backup(server, ""), "{\"keys\":0,\"revision\":1}");
    }

    private static int heartbeats(InputStream watch, int most) {
        int heartbeats = 0;
        try (BufferedReader events = new BufferedReader(new InputStreamReader(watch, UTF_8))) {
            while (heartbeats < most) {
                heartbeats += events.readLine().equals(":") ? 1 : 0;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return heartbeats;
    }

    @Test
    void aPartThatIsTooLargeIsToldBeforeAnythingIsSent() throws Exception {
        String header = "{\"format\":\"raftkv-backup/1\",\"revision\":9,\"keys\":60000,\"time\":0,\"cluster\":\"c\"}\n";
        // It does not come to the damage behind them.
        String keys = IntStream.rangeClosed(0, 50_000)
                .mapToObj(i -> "{\"key\":\"a/" + String.format("%06d", i)
                        + "\",\"value\":1,\"create_revision\":1,\"change_revision\":1,\"version\":1}\n")
                .collect(Collectors.joining("", header, "damage\n"));
        refuse(
                413,
                "up to 50000 keys and 64 MiB, and the backup has more that start with a/: nothing was changed; restore by"
                        + " longer prefixes",
                "?prefix=a/",
                keys.getBytes(UTF_8));
        refuse(422, "line 50003 of the backup", "?prefix=a/00", keys.getBytes(UTF_8));
        assertEquals(0, other.replicator.store().position().index());
    }

    /** A revision stands for one state of a key, also of one that is gone. */
    @Test
    void aClusterThatIsNotNewAnyMoreTakesNoRevisionsOfAnother() throws Exception {
        put(server, "a", "1", 0);
        byte[] backup = new String(backup(server, ""), UTF_8)
                .replace(FakeReplicator.CLUSTER, "00000000")
                .getBytes(UTF_8);
        String lines = new String(backup, UTF_8);
        String text = lines.substring(0, lines.lastIndexOf('\n', lines.length() - 2) + 1);
        String hash =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        byte[] foreign = (text + "{\"keys\":1,\"sha256\":\"" + hash + "\"}\n").getBytes(UTF_8);
        AtomicBoolean written = new AtomicBoolean();
        other.replicator.writesFail(
                command -> {
                    if (command instanceof Command.Restore.Switch && written.compareAndSet(false, true)) {
                        put(other, "a", "2", 0);
                        other.replicator.replicate(new Command.Delete(Key.of("a")));
                    }
                    return false;
                },
                Code.UNAVAILABLE,
                "");

        refuse(409, "somebody has written meanwhile: nothing was changed; send the backup again", "", foreign);
        accept(other, "", foreign, "{\"keys\":1,\"revision\":3}");
        assertTrue(keys(backup(other, "")).get(0).contains("\"change_revision\":3"));
    }

    @Test
    void manyKeysComeInManyChunks() throws Exception {
        String value = "\"" + "x".repeat(100_000) + "\"";
        for (int i = 10; i < 60; i++) {
            put(server, "k" + i, value, 0);
        }
        byte[] backup = backup(server, "");
        accept(other, "", backup, "{\"keys\":50,\"revision\":51}");
        assertEquals(keys(backup), keys(backup(other, "")));
    }
}
