package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.testkit.Eventually;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
