package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.testkit.Eventually;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
    /** More than a connection holds that nobody reads. */
    private static final String LONG = "\"" + "x".repeat(1_000_000) + "\"";

    @TempDir
    private Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private RestServer server;

    @BeforeEach
    void start() {
        server = new RestServer(directory.resolve("kv"), "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void put(String key, String value, long ttlMillis) {
        server.replicator.replicate(new Command.Put(Key.of(key), new JsonText(value.getBytes(UTF_8)), ttlMillis));
    }

    private HttpRequest.Builder request(String query) {
        return HttpRequest.newBuilder(URI.create(server.address() + "/backup" + query));
    }

    private HttpResponse<InputStream> open() throws Exception {
        return http.send(request("").build(), BodyHandlers.ofInputStream());
    }

    private long copies() throws Exception {
        Path copies = directory.resolve("kv.copies");
        if (!Files.exists(copies)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(copies)) {
            return all.count();
        }
    }

    private void awaitNoCopies() {
        Eventually.eventually(Duration.ofSeconds(20), () -> assertEquals(0, copies()));
    }

    @Test
    void aBackupHasTheWholeStoreInTheOrderOfItsKeys() throws Exception {
        put("b", "1", 0);
        put("a", "{\"n\": 1.10}", 0);
        put("b", "2", 0);
        put("c", "3", 60_000);

        HttpResponse<String> answer = http.send(request("").build(), BodyHandlers.ofString());

        List<String> lines = answer.body().lines().toList();
        assertTrue(lines.get(0).startsWith("{\"format\":\"raftkv-backup/1\",\"revision\":4,\"keys\":3,\"time\":"));
        assertTrue(lines.get(0).endsWith(",\"cluster\":\"3f2a90c1\"}"));
        assertEquals(
                List.of(
                        "{\"key\":\"a\",\"value\":{\"n\": 1.10},\"create_revision\":2,\"change_revision\":2,\"version\":1}",
                        "{\"key\":\"b\",\"value\":2,\"create_revision\":1,\"change_revision\":3,\"version\":2}"),
                lines.subList(1, 3));
        long ttl = Long.parseLong(lines.get(3).replaceFirst(".*\"ttl_ms\":(\\d+)}", "$1"));
        assertTrue(ttl > 50_000 && ttl <= 60_000, lines.get(3));
        assertTrue(lines.get(4).startsWith("{\"keys\":3,\"sha256\":\""));
        assertEquals(5, lines.size());
        assertEquals(
                "application/x-ndjson",
                answer.headers().firstValue("Content-Type").orElse(""));
        assertEquals("4", answer.headers().firstValue("Store-Revision").orElse(""));
        assertEquals(
                "attachment; filename=\"raftkv-3f2a90c1-4.jsonl\"",
                answer.headers().firstValue("Content-Disposition").orElse(""));
        awaitNoCopies();
    }

    @Test
    void aPartIsWhatStartsWithThePrefix() throws Exception {
        for (String key : List.of("a/1", "b/1", "b/2", "c/1")) {
            put(key, "1", 0);
        }

        List<String> lines = http.send(request("?prefix=b/").build(), BodyHandlers.ofLines())
                .body()
                .toList();

        assertTrue(lines.get(0).contains("\"keys\":2,") && lines.get(0).endsWith(",\"prefix\":\"b/\"}"), lines.get(0));
        assertTrue(lines.get(1).startsWith("{\"key\":\"b/1\"") && lines.get(2).startsWith("{\"key\":\"b/2\""));
        assertTrue(lines.get(3).startsWith("{\"keys\":2,"));
    }

    @Test
    void whoTakesGzipGetsTheSameText() throws Exception {
        for (int i = 0; i < 3_000; i++) {
            put("key" + i, "\"" + "value ".repeat(10) + i + "\"", 0);
        }

        String plain = http.send(request("").build(), BodyHandlers.ofString()).body();
        HttpResponse<byte[]> zipped =
                http.send(request("").header("Accept-Encoding", "br, gzip").build(), BodyHandlers.ofByteArray());

        assertEquals("gzip", zipped.headers().firstValue("Content-Encoding").orElse(""));
        String same = new String(new GZIPInputStream(new ByteArrayInputStream(zipped.body())).readAllBytes(), UTF_8);
        assertEquals(withoutTime(plain), withoutTime(same));
        assertTrue(zipped.body().length < plain.length() / 4, () -> "" + zipped.body().length);
        awaitNoCopies();
    }

    /** The clock goes on, and the hash with it. */
    private static List<String> withoutTime(String backup) {
        List<String> lines = new ArrayList<>(backup.lines().toList());
        lines.set(0, lines.get(0).replaceFirst("\"time\":\\d+", ""));
        return lines.subList(0, lines.size() - 1);
    }

    /** No session outlives a restore, and what would have gone with one does not stay for ever. */
    @Test
    void aKeyThatGoesWithItsSessionHasItsTtl() throws Exception {
        UUID goes = new UUID(1, 1);
        UUID stays = new UUID(2, 2);
        JsonText one = new JsonText("1".getBytes(UTF_8));
        server.replicator.replicate(List.of(
                new OfSession.Create(goes, "", 15_000, Behavior.DELETE, 0),
                new OfSession.Create(stays, "", 15_000, Behavior.RELEASE, 0),
                new OfSession.Put(Key.of("goes"), one, goes),
                new OfSession.Put(Key.of("stays"), one, stays),
                new OfSession.Put(Key.of("sooner"), one, goes),
                new Command.Put(Key.of("sooner"), one, 5_000)));

        List<String> lines =
                http.send(request("").build(), BodyHandlers.ofLines()).body().toList();

        assertEquals(
                List.of(
                        "{\"key\":\"goes\",\"value\":1,\"create_revision\":1,\"change_revision\":1,\"version\":1,\"ttl_ms\":15000}",
                        "{\"key\":\"stays\",\"value\":1,\"create_revision\":2,\"change_revision\":2,\"version\":1}"),
                List.of(lines.get(1), lines.get(3)));
        long ttl = Long.parseLong(lines.get(2).replaceFirst(".*\"ttl_ms\":(\\d+)}", "$1"));
        assertTrue(ttl > 0 && ttl <= 5_000, lines.get(2));
    }

    @Test
    void whatIsWrittenMeanwhileIsNotInIt() throws Exception {
        for (int i = 0; i < 30; i++) {
            put("k" + i, LONG, 0);
        }
        HttpResponse<InputStream> answer = open();
        for (int i = 0; i < 30; i++) {
            put("k" + i, "2", 0);
            put("new" + i, "2", 0);
        }

        String text = new String(answer.body().readAllBytes(), UTF_8);

        assertEquals("30", answer.headers().firstValue("Store-Revision").orElse(""));
        assertFalse(text.contains("\"value\":2"));
        assertTrue(text.contains("{\"keys\":30,\"sha256\":\""));
        awaitNoCopies();
    }

    @Test
    void twoAreMadeAtOnceAndWhoGoesLeavesNothing() throws Exception {
        for (int i = 0; i < 30; i++) {
            put("k" + i, LONG, 0);
        }
        HttpResponse<InputStream> first = open();
        HttpResponse<InputStream> second = open();
        HttpResponse<String> third = http.send(request("").build(), BodyHandlers.ofString());

        assertEquals(503, third.statusCode());
        assertEquals("1", third.headers().firstValue("Retry-After").orElse(""));
        assertTrue(third.body().contains("makes 2 backups now, its limit"), third.body());
        assertEquals(2, copies());
        first.body().close();
        second.body().close();
        awaitNoCopies();
        assertEquals(
                200, http.send(request("").build(), BodyHandlers.ofString()).statusCode());
    }

    @Test
    void whatACrashHasLeftIsDeletedAtTheStart() throws Exception {
        Path left = Files.createDirectories(directory.resolve("other.copies/7"));
        Files.writeString(left.resolve("00000000.jdb"), "x");

        try (RestServer other =
                new RestServer(directory.resolve("other"), "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT)) {
            assertFalse(Files.exists(directory.resolve("other.copies")), other.address());
        }
    }
}
