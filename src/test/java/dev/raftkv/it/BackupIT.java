package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Backups of three nodes that run, and the way back, by the program's own commands. */
@Timeout(600)
final class BackupIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int ACCOUNTS = 20;
    private static final int KEYS = 20_000;
    private static final String FILLER = "x".repeat(300);

    private final Path directory = Build.directory("backup-files");
    private final Http http = Http.following(LIMIT);

    private record Ended(int status, String out, String err) {}

    private Ended run(String... words) throws Exception {
        Files.createDirectories(directory);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Build.war().toString()));
        command.addAll(List.of(words));
        Path out = Files.createTempFile(directory, "out", ".txt");
        Path err = Files.createTempFile(directory, "err", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("it does not end: " + Files.readString(err));
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static ServerCluster cluster(String name) throws IOException {
        ServerCluster cluster = ServerCluster.start(new ExecutableWar(Build.war(), Build.deploy())::node, name);
        cluster.joinAll();
        return cluster;
    }

    private void transact(ServerCluster cluster, String operations) throws IOException {
        Reply done = http.post(cluster.url(0, "/txn"), "{\"then\":[" + operations + "]}");
        assertEquals(200, done.status(), done::toString);
    }

    private static List<JsonNode> lines(Path backup) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(backup)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    /** Each transaction moves something from one account to another, so the sum is always the same. */
    @Test
    void aBackupIsOfOneRevisionWhileWritesGoOn() throws Exception {
        try (ServerCluster cluster = cluster("backup")) {
            transact(
                    cluster,
                    IntStream.range(0, ACCOUNTS)
                            .mapToObj(i -> "{\"put\":\"account/" + i + "\",\"value\":100}")
                            .collect(Collectors.joining(",")));
            AtomicBoolean stop = new AtomicBoolean();
            AtomicInteger moved = new AtomicInteger();
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> move(cluster, stop, moved));
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                int before = moved.get();
                eventually(LIMIT, () -> assertTrue(moved.get() > before));
                Path file = directory.resolve("moving" + node + ".jsonl");
                Ended ended = run("backup", cluster.url(node, ""), file.toString(), "--prefix", "account/");
                assertEquals(0, ended.status(), ended::err);
                List<JsonNode> lines = lines(file);
                assertEquals(ACCOUNTS + 2, lines.size());
                int sum = lines.subList(1, ACCOUNTS + 1).stream()
                        .mapToInt(line -> line.path("value").asInt())
                        .sum();
                assertEquals(100 * ACCOUNTS, sum);
                assertFalse(Files.exists(directory.resolve("moving" + node + ".jsonl.part")));
            }
            stop.set(true);
            writer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private void move(ServerCluster cluster, AtomicBoolean stop, AtomicInteger moved) {
        int[] amounts = new int[ACCOUNTS];
        Arrays.fill(amounts, 100);
        try {
            for (int i = 0; !stop.get(); i++) {
                int from = i % ACCOUNTS;
                int to = (i * 7 + 3) % ACCOUNTS;
                if (from != to) {
                    amounts[from]--;
                    amounts[to]++;
                    transact(
                            cluster,
                            "{\"put\":\"account/" + from + "\",\"value\":" + amounts[from] + "},{\"put\":\"account/"
                                    + to + "\",\"value\":" + amounts[to] + "}");
                    moved.incrementAndGet();
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aRestoreIsAllOrNothingWhoeverIsKilledMeanwhile() throws Exception {
        try (ServerCluster cluster = cluster("restore")) {
            for (int from = 0; from < KEYS; from += 100) {
                transact(
                        cluster,
                        IntStream.range(from, from + 100)
                                .mapToObj(i -> "{\"put\":\"k/" + i + "\",\"value\":\"" + FILLER + i + "\"}")
                                .collect(Collectors.joining(",")));
            }
            Path file = directory.resolve("all.jsonl.gz");
            Ended backup = run("backup", cluster.url(2, ""), file.toString());
            assertEquals(0, backup.status(), backup::err);
            assertTrue(backup.out().contains(KEYS + " keys at revision "), backup::out);

            for (int trial = 0; trial < 2; trial++) {
                int state = trial;
                assertEquals(
                        200, http.delete(cluster.url(0, "/store?prefix=k/")).status());
                transact(cluster, "{\"put\":\"old\",\"value\":" + state + "}");
                int leader = cluster.awaitLeader();
                // The leader in the midst of it, and a follower at its beginning.
                int victim = trial % 2 == 0 ? leader : (leader + 1) % ServerCluster.SIZE;
                int asked = (leader + 2) % ServerCluster.SIZE;
                CompletableFuture<Ended> restore = CompletableFuture.supplyAsync(() -> restore(cluster, asked, file));
                awaitStage(cluster, asked, trial == 0 ? KEYS / 2 : 1, restore);
                cluster.kill(victim);
                Ended ended = restore.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                cluster.restart(victim);
                cluster.awaitLeader();
                assertWhole(cluster, state, ended);
                clear(cluster);
            }
            cluster.awaitLeader();
            Ended last = restore(cluster, cluster.awaitLeader(), file);
            assertEquals(0, last.status(), last::err);
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                int each = node;
                eventually(LIMIT, () -> assertEquals(KEYS, count(cluster, each, "")));
            }
        }
    }

    private Ended restore(ServerCluster cluster, int node, Path file) {
        try {
            return run("restore", cluster.url(node, ""), file.toString(), "--replace");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Until so many keys have come, or it is over. */
    private void awaitStage(ServerCluster cluster, int node, int keys, CompletableFuture<?> restore)
            throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!restore.isDone()
                && cluster.stats(node).path("restore").path("keys").asInt() < keys) {
            assertTrue(System.nanoTime() < end, "no restore is seen");
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** All nodes have the old state or all have the new one, and if it was said to be done, the new one. */
    private void assertWhole(ServerCluster cluster, int state, Ended ended) {
        eventually(LIMIT, () -> {
            List<Long> counts = new ArrayList<>();
            List<String> values = new ArrayList<>();
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                counts.add(count(cluster, node, "&consistency=linearizable"));
                Reply old = http.get(cluster.url(node, "/store/old?raw&consistency=linearizable"));
                values.add(old.status() == 404 ? "none" : old.text());
            }
            boolean isNew = counts.equals(List.of((long) KEYS, (long) KEYS, (long) KEYS))
                    && values.equals(List.of("none", "none", "none"));
            boolean isOld = counts.equals(List.of(1L, 1L, 1L))
                    && values.stream().allMatch(value -> value.strip().equals(Integer.toString(state)));
            assertTrue(isNew || isOld, () -> counts + " " + values);
            assertTrue(isNew || ended.status() != 0, ended::toString);
        });
    }

    private long count(ServerCluster cluster, int node, String more) throws IOException {
        Reply reply = http.get(cluster.url(node, "/store?count_only" + more));
        assertEquals(200, reply.status(), reply::toString);
        return reply.json().path("data").path("count").asLong();
    }

    /** What was begun and not ended is given up after a minute; until then nobody else may begin. */
    private void clear(ServerCluster cluster) {
        eventually(
                LIMIT.plus(LIMIT),
                () -> assertTrue(
                        cluster.stats(cluster.awaitLeader()).path("restore").isMissingNode()));
    }
}
