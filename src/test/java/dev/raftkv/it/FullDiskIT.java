package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.lab.fault.SmallDisk;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.NodeSpec;
import dev.raftkv.testkit.ServerProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk that is full to the last byte stops its node, and only that; when there is room it goes on by itself. */
final class FullDiskIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int DISK_MB = 48;

    private final Http http = Http.following(Duration.ofSeconds(20));
    private final List<NodeSpec> specs = new ArrayList<>();
    private final List<ServerProcess> servers = new ArrayList<>();

    @Test
    @Timeout(300)
    void aNodeGoesOnByItselfWhenItsDiskHasRoomAgain() throws Exception {
        Optional<String> obstacle = SmallDisk.obstacle();
        obstacle.ifPresent(reason -> System.err.println("SKIPPED: FullDiskIT fills no disk here: " + reason));
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
        Path directory = Build.directory("full-disk");
        // The founder's, so that it leads at first.
        Path small = directory.resolve("node1-data");
        try (SmallDisk disk = SmallDisk.mount(small, DISK_MB)) {
            try {
                startAll(directory);
                assertStored(0);
                disk.fill(0);
                eventually(LIMIT, () -> {
                    http.put(specs.get(0).url("/store/filler"), value(1));
                    Reply ready = http.get(specs.get(0).url("/health/ready"));
                    assertEquals(503, ready.status(), ready::toString);
                    assertTrue(ready.text().contains("full"), ready::toString);
                });
                eventually(LIMIT, () -> assertStored(1));
                disk.empty();
                eventually(
                        LIMIT,
                        () -> assertEquals(
                                200, http.get(specs.get(0).url("/health/ready")).status()));
                eventually(
                        LIMIT,
                        () -> assertEquals(
                                http.get(specs.get(1).url("/store/key")).text(),
                                http.get(specs.get(0).url("/store/key")).text()));
                servers.forEach(server -> assertTrue(server.isAlive()));
                assertABackupThatIsTooLargeIsRefused();
                assertStored(2);
            } finally {
                servers.forEach(ServerProcess::close);
            }
        }
    }

    /** It would need 60 MB, and the others have that. */
    private void assertABackupThatIsTooLargeIsRefused() throws Exception {
        int keys = 60;
        String value = "x".repeat(500_000);
        String lines = IntStream.range(100, 100 + keys)
                .mapToObj(i -> "{\"key\":\"k" + i + "\",\"value\":\"" + value
                        + "\",\"create_revision\":1,\"change_revision\":1,\"version\":1}\n")
                .collect(Collectors.joining(
                        "",
                        "{\"format\":\"raftkv-backup/1\",\"revision\":1,\"keys\":" + keys
                                + ",\"time\":0,\"cluster\":\"00000000\"}\n",
                        ""));
        String hash = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(lines.getBytes(StandardCharsets.UTF_8)));
        String before = http.get(specs.get(1).url("/store")).text();
        ByteArrayOutputStream backup = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(backup)) {
            gzip.write(
                    (lines + "{\"keys\":" + keys + ",\"sha256\":\"" + hash + "\"}\n").getBytes(StandardCharsets.UTF_8));
        }
        HttpResponse<String> refusal = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create(specs.get(1).url("/restore?replace")))
                                .timeout(LIMIT)
                                .header("Content-Type", "application/gzip")
                                .POST(BodyPublishers.ofByteArray(backup.toByteArray()))
                                .build(),
                        BodyHandlers.ofString());
        assertEquals(507, refusal.statusCode(), refusal::body);
        assertTrue(refusal.body().contains("the backup needs about 58 MB of each member's disk, and "), refusal::body);
        for (NodeSpec spec : specs) {
            assertEquals(before, http.get(spec.url("/store")).text());
            assertEquals(200, http.get(spec.url("/health/ready")).status());
        }
    }

    private void startAll(Path directory) throws IOException {
        List<Integer> ports = FreePorts.take(6);
        for (int node = 0; node < 3; node++) {
            String id = "node" + (node + 1);
            specs.add(new NodeSpec(id, ports.get(2 * node), ports.get(2 * node + 1), directory.resolve(id + "-data")));
            servers.add(ServerProcess.start(new ExecutableWar(Build.war(), Build.deploy())
                    .node(specs.get(node), directory.resolve(id))
                    .with("RAFT_MIN_FREE_DISK_MB", "1")));
        }
        for (NodeSpec spec : specs) {
            servers.get(specs.indexOf(spec)).awaitOk(spec.url("/health/ready"), LIMIT);
        }
        for (NodeSpec spec : specs.subList(1, 3)) {
            Reply reply = http.post(
                    specs.get(0).url("/raft/join"),
                    "{\"node_id\": \"" + spec.nodeId() + "\", \"raft_address\": \"" + spec.raftAddress() + "\"}");
            assertEquals(200, reply.status(), reply::toString);
        }
    }

    private void assertStored(int number) throws IOException {
        Reply reply = http.put(specs.get(1).url("/store/key"), value(number));
        assertTrue(reply.status() == 200 || reply.status() == 201, reply::toString);
    }

    private static String value(int number) {
        return "\"" + number + "x".repeat(100_000) + "\"";
    }
}
