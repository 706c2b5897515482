package dev.raftkv.it;

import static dev.raftkv.it.OldNodes.answered;
import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Today's nodes open what those of each released version have written, serve all of it, and go on. {@link OldDataMaker} has
 * made the data.
 */
final class OldDataIT {
    private static final Path DATA = Build.source("src/test/resources/olddata");
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Http http = Http.following(Duration.ofSeconds(20));

    @Test
    void thereIsDataOfEachReleasedVersion() throws IOException {
        List<String> released = new ArrayList<>();
        for (String line : Files.readAllLines(Build.source("CHANGELOG.md"))) {
            if (line.startsWith("## ") && !line.endsWith("(not released yet)")) {
                released.add(line.substring(3).split(" ")[0]);
            }
        }
        assertFalse(released.isEmpty());
        assertEquals(
                released.stream().sorted().toList(),
                versions(),
                "CONTRIBUTING.md says how the data of a version is made, which CHANGELOG.md calls released");
    }

    @ParameterizedTest
    @MethodSource("versions")
    @Timeout(300)
    void whatAVersionHasWrittenIsServed(String version) throws IOException {
        Path directory = unpack(version);
        try (OldNodes nodes = new OldNodes(Build.war(), directory)) {
            nodes.start(1, 2, 3);
            nodes.awaitReady();
            String list = Files.readString(directory.resolve("list.json"));
            assertServed(nodes, list, Files.readString(directory.resolve("watch.json")));
            repeat(nodes, directory.resolve("requests.json"));
            assertServed(nodes, list, Files.readString(directory.resolve("watch.json")));
            goOn(nodes);

            for (int node : OldNodes.ALL) {
                nodes.stop(node);
            }
            nodes.start(1, 2, 3);
            nodes.awaitReady();
            nodes.awaitEqual();
            assertEquals(list(nodes, 1), list(nodes, 2));
            assertEquals(list(nodes, 1), list(nodes, 3));
            for (int node : OldNodes.ALL) {
                assertEquals(
                        "7",
                        answered(200, http.get(nodes.url(node, "/store/tagged?raw")))
                                .text());
            }
        }
    }

    private static List<String> versions() throws IOException {
        try (Stream<Path> files = Files.list(DATA)) {
            return files.map(file -> file.getFileName().toString().replaceFirst("[.]zip$", ""))
                    .sorted()
                    .toList();
        }
    }

    private static Path unpack(String version) throws IOException {
        Path directory = Build.directory("old-data-" + version);
        try (InputStream in = Files.newInputStream(DATA.resolve(version + ".zip"));
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = directory.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(zip, file);
            }
        }
        return directory;
    }

    /** At each node: all entries and changes as they were answered once, and the key that had a moment left is gone. */
    private void assertServed(OldNodes nodes, String list, String watch) throws IOException {
        String moment = "/store/ttl/last?consistency=linearizable";
        eventually(SOON, () -> assertEquals(404, http.get(nodes.url(1, moment)).status()));
        nodes.awaitEqual();
        String before = withoutTime(watch.substring(0, watch.indexOf("],\"last_event_id\"")));
        for (int node : OldNodes.ALL) {
            assertEquals(withoutTime(list), list(nodes, node));
            String url = nodes.url(node, "/watch?prefix=&from_revision=1&wait=10s");
            String changes = withoutTime(answered(200, http.get(url)).text());
            if (!before.contains("@")) {
                // 0.1.0 did not say in an id of which cluster it is.
                changes = changes.replaceAll("\"id\":\"([0-9.]+)@[0-9a-f]{8}\"", "\"id\":\"$1\"");
            }
            assertEquals(before, changes.substring(0, before.length()));
            String after = changes.substring(before.length());
            assertTrue(after.contains("\"event\":\"expire\"") && after.contains("\"key\":\"ttl/last\""), after);
        }
    }

    private String list(OldNodes nodes, int node) throws IOException {
        return withoutTime(
                answered(200, http.get(nodes.url(node, "/store?limit=1000"))).text());
    }

    /** What is left of a key's time is less than it was. */
    private static String withoutTime(String list) {
        return list.replaceAll("\"ttl\":\\d+", "\"ttl\":0");
    }

    /** The answers are remembered, but for a value that was read and is another now. */
    private void repeat(OldNodes nodes, Path file) throws IOException {
        OldRequest[] requests = new JsonMapper().readValue(file.toFile(), OldRequest[].class);
        assertEquals(6, requests.length);
        for (OldRequest request : requests) {
            for (int node : OldNodes.ALL) {
                String url = nodes.url(node, request.target());
                String answer =
                        answered(200, send(request, url, request.body())).text();
                assertEquals(
                        request.name().equals("order-6")
                                ? request.answer().replace("\"value\":1", "\"value_forgotten\":true")
                                : request.answer(),
                        answer);
                answered(
                        422,
                        send(request, url, request.body().replace("]", " ]").replace("}", " }")));
            }
        }
    }

    private Reply send(OldRequest request, String url, String body) throws IOException {
        return request.method().equals("PUT")
                ? http.put(url, body, "Idempotency-Key", request.name())
                : http.post(url, body, "Idempotency-Key", request.name());
    }

    private void goOn(OldNodes nodes) throws IOException {
        String url = nodes.url(nodes.leader(), "/store/tagged");
        Reply old = answered(200, http.get(url));
        String tag = old.headers().firstValue("ETag").orElseThrow();
        Reply written = answered(200, http.put(url, "7", "If-Match", tag));
        long revision =
                Long.parseLong(written.headers().firstValue("Store-Revision").orElseThrow());
        for (int node : OldNodes.ALL) {
            String watch = nodes.url(node, "/watch?key=tagged&from_revision=" + revision + "&wait=20s");
            String change = answered(200, http.get(watch)).text();
            assertTrue(change.contains("\"value\":7") && change.contains("\"version\":3"), change);
        }
        for (String prefix : List.of("first/", "second/", "new/")) {
            answered(200, http.delete(nodes.url(2, "/store?prefix=" + prefix)));
        }
    }
}
