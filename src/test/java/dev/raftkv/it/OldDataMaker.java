package dev.raftkv.it;

import static dev.raftkv.it.OldNodes.answered;
import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Makes the data of a version for {@link OldDataIT}: three nodes of its WAR do something of everything, and are stopped in
 * order. What they answered at the end is beside their directories.
 */
public final class OldDataMaker {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final OldNodes nodes;
    private final Http http = Http.following(Duration.ofSeconds(20));
    private final List<OldRequest> requests = new ArrayList<>();

    private OldDataMaker(OldNodes nodes) {
        this.nodes = nodes;
    }

    /** @param args the WAR, and the file to make */
    public static void main(String... args) throws IOException {
        Path directory = Files.createTempDirectory("raftkv-old-data");
        try (OldNodes nodes = new OldNodes(Path.of(args[0]).toAbsolutePath(), directory)) {
            new OldDataMaker(nodes).make(directory);
        }
        pack(directory, Path.of(args[1]));
        FileTree.delete(directory);
    }

    private void make(Path directory) throws IOException {
        nodes.start(1, 2, 3);
        nodes.join(2);
        nodes.join(3);
        many("first/", 20);
        values();
        transactions();
        nodes.awaitReady();
        removeAndRejoin();
        expiry();
        awaitSnapshots();
        // Another leader, so another term and another file of the log; and what came before the snapshot goes.
        nodes.stop(1);
        many("second/", 10);
        nodes.start(1);
        nodes.awaitReady();
        many("third/", 40);
        awaitSnapshots();
        // One node has to catch up with the others.
        nodes.awaitEqual();
        nodes.stop(3);
        many("fourth/", 12);
        named();
        nodes.awaitEqual();
        int leader = nodes.leader();
        write(directory.resolve("list.json"), "/store?limit=1000");
        write(directory.resolve("watch.json"), "/watch?prefix=&from_revision=1&wait=10s");
        new JsonMapper()
                .writerWithDefaultPrettyPrinter()
                .writeValue(directory.resolve("requests.json").toFile(), requests);
        answered(200, http.put(url("/store/ttl/last?ttl=6"), "\"for a moment\""));
        nodes.awaitEqual();
        nodes.stop(3 - leader);
        nodes.stop(leader);
    }

    private void write(Path file, String target) throws IOException {
        Files.writeString(file, answered(200, http.get(url(target))).text());
    }

    private String url(String target) {
        return nodes.url(nodes.leader(), target);
    }

    /** Entries of their own, so that a snapshot comes soon. */
    private void many(String prefix, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            answered(200, http.put(url("/store/" + prefix + i), "\"" + prefix + i + " " + "x".repeat(i) + "\""));
        }
    }

    private void values() throws IOException {
        List<String> values = List.of(
                "null",
                "true",
                "1.10",
                "1e400",
                "\"text \\u00e9 é 漢字 😀\"",
                "[]",
                "{\"b\": 1.50, \"a\": [null, {\"c\": \"\"}]}",
                "\"" + "long ".repeat(4000) + "\"");
        for (int i = 0; i < values.size(); i++) {
            answered(200, http.put(url("/store/value/" + i), values.get(i)));
        }
        for (String key : List.of("key/with/slashes", "clé%20漢%F0%9F%98%80", "k".repeat(1024))) {
            answered(200, http.put(url("/store/" + key), "1"));
            answered(200, http.put(url("/store/" + key), "2"));
        }
        // The first version kept the white space around a bare value.
        answered(200, http.put(url("/store/value/line"), "42\n"));
        answered(200, http.put(url("/store/gone"), "1"));
        answered(200, http.delete(url("/store/gone")));
        answered(200, http.put(url("/store/again"), "1"));
        answered(200, http.delete(url("/store/again")));
        answered(200, http.put(url("/store/again"), "2"));
        many("range/", 20);
        answered(200, http.delete(url("/store?prefix=range/")));
        Reply created = answered(200, http.put(url("/store/tagged"), "1", "If-None-Match", "*"));
        String tag = created.headers().firstValue("ETag").orElseThrow();
        answered(200, http.put(url("/store/tagged"), "2", "If-Match", tag));
        answered(412, http.put(url("/store/tagged"), "3", "If-Match", tag));
    }

    private void transactions() throws IOException {
        answered(200, http.post(url("/store"), "{\"key\": \"blue\", \"value\": \"v1\"}"));
        answered(200, http.post(url("/store"), "{\"key\": \"green\", \"value\": \"v2\"}"));
        String swap =
                "{\"if\": [{\"key\": \"blue\", \"value\": \"v1\"}], \"then\": [{\"put\": \"blue\", \"value\": \"v2\"},"
                        + " {\"put\": \"green\", \"value\": \"v1\"}, {\"delete\": \"first/0\"}], \"else\": [{\"get\": \"blue\"}]}";
        answered(200, http.post(url("/txn"), swap));
        answered(200, http.post(url("/txn"), swap));
    }

    private void removeAndRejoin() throws IOException {
        answered(200, http.post(url("/raft/remove"), "{\"node_id\": \"node3\"}"));
        eventually(LIMIT, () -> assertEquals("Shutdown", nodes.state(3)));
        many("without/", 10);
        nodes.join(3);
        nodes.awaitReady();
    }

    private void expiry() throws IOException {
        answered(200, http.put(url("/store/ttl/short?ttl=1"), "1"));
        answered(200, http.put(url("/store/ttl/long?ttl=1000000"), "1"));
        answered(200, http.put(url("/store/ttl/taken-back?ttl=2"), "1"));
        answered(200, http.put(url("/store/ttl/taken-back"), "2"));
        eventually(
                LIMIT, () -> assertEquals(404, http.get(url("/store/ttl/short")).status()));
    }

    private void awaitSnapshots() throws IOException {
        long now = nodes.stats(nodes.leader()).path("last_log_index").asLong();
        eventually(LIMIT, () -> {
            for (int node : nodes.running()) {
                long snapshot = nodes.stats(node).path("last_snapshot_index").asLong();
                assertTrue(now - snapshot <= OldNodes.SNAPSHOT_ENTRIES, () -> "snapshot at " + snapshot + " of " + now);
            }
        });
    }

    /** Requests that can be repeated. */
    private void named() throws IOException {
        ask("POST", "/store", "{\"key\": \"named/store\", \"value\": \"paid\"}", "\"order-1\"");
        ask("PUT", "/store/named/put", "[1, 2]", "\"order-2\"");
        ask(
                "POST",
                "/txn",
                "{\"then\": [{\"put\": \"named/txn\", \"value\": 1}, {\"get\": \"blue\"}, {\"get\": \"none\"}]}",
                "\"order-3\"");
        ask(
                "POST",
                "/txn",
                "{\"if\": [{\"key\": \"blue\", \"exists\": false}], \"then\": [],"
                        + " \"else\": [{\"get\": \"blue\"}, {\"get\": \"green\"}]}",
                "order-4");
        ask("POST", "/txn", "{\"then\": [{\"get\": \"changed\"}]}", "order-5");
        answered(200, http.put(url("/store/changed"), "1"));
        ask("POST", "/txn", "{\"then\": [{\"get\": \"changed\"}]}", "order-6");
        answered(200, http.put(url("/store/changed"), "2"));
    }

    private void ask(String method, String target, String body, String name) throws IOException {
        Reply reply = method.equals("PUT")
                ? http.put(url(target), body, "Idempotency-Key", name)
                : http.post(url(target), body, "Idempotency-Key", name);
        requests.add(
                new OldRequest(method, target, body, name, answered(200, reply).text()));
    }

    /** Without the archive, which nobody reads. */
    private static void pack(Path directory, Path file) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.filter(Files::isRegularFile)
                    .filter(path -> !path.toString().contains("archive")
                            && !path.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(Deflater.BEST_COMPRESSION);
            for (Path path : files) {
                ZipEntry entry = new ZipEntry(directory.relativize(path).toString());
                entry.setLastModifiedTime(FileTime.fromMillis(0));
                zip.putNextEntry(entry);
                Files.copy(path, zip);
                zip.closeEntry();
            }
        }
    }
}
