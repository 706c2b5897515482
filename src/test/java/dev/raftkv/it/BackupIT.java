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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Backups of three nodes that run, and the way back, by the program's own commands. */
@Timeout(600)
final class BackupIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int ACCOUNTS = 20;
    private static final int KEYS = 10_000;
    private static final String FILLER = "x".repeat(300);

    private static ServerCluster cluster;

    private final Path directory = Build.directory("backup-files");
    private final Http http = Http.following(LIMIT);

    private record Ended(int status, String out, String err) {}

    private Ended run(String... words) throws Exception {
        Files.createDirectories(directory);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                Build.SHORT_LIFE,
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

    /** Snapshots are many, so that who comes back gets one, with what a restore has brought so far. */
    @BeforeAll
    static void start() throws IOException {
        ExecutableWar war = new ExecutableWar(Build.war(), Build.deploy());
        cluster =
                ServerCluster.start((node, base) -> war.node(node, base).with("RAFT_SNAPSHOT_ENTRIES", "20"), "backup");
        cluster.joinAll();
    }

    @AfterAll
    static void end() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private void transact(String operations) throws IOException {
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
        transact(IntStream.range(0, ACCOUNTS)
                .mapToObj(i -> "{\"put\":\"account/" + i + "\",\"value\":100}")
                .collect(Collectors.joining(",")));
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger moved = new AtomicInteger();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> move(stop, moved));
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

    private void move(AtomicBoolean stop, AtomicInteger moved) {
        int[] amounts = new int[ACCOUNTS];
        Arrays.fill(amounts, 100);
        try {
            for (int i = 0; !stop.get(); i++) {
                int from = i % ACCOUNTS;
                int to = (i * 7 + 3) % ACCOUNTS;
                if (from != to) {
                    amounts[from]--;
                    amounts[to]++;
                    transact("{\"put\":\"account/" + from + "\",\"value\":" + amounts[from] + "},{\"put\":\"account/"
                            + to + "\",\"value\":" + amounts[to] + "}");
                    moved.incrementAndGet();
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What happens to a node within a restore. */
    private enum Blow {
        KILLS_LEADER,
        STOPS_LEADER,
        KILLS_FOLLOWER;

        private void strike(int victim) {
            if (this == STOPS_LEADER) {
                cluster.stop(victim);
            } else {
                cluster.kill(victim);
            }
        }

        private int victim(int leader) {
            return this == KILLS_FOLLOWER ? (leader + 1) % ServerCluster.SIZE : leader;
        }
    }

    /**
     * When it happens.
     *
     * @param keys how many have come
     */
    private record Trial(Blow blow, int keys) {}

    private static final List<Trial> TRIALS = List.of(
            new Trial(Blow.KILLS_LEADER, 1),
            new Trial(Blow.KILLS_FOLLOWER, 1),
            new Trial(Blow.STOPS_LEADER, KEYS / 4),
            new Trial(Blow.KILLS_LEADER, KEYS / 2));

    /**
     * When it happens to a small restore, whose switch is sent as soon as its keys have come.
     *
     * @param millis after that
     */
    private record AtSwitch(Blow blow, int millis) {}

    private static final List<AtSwitch> AT_SWITCH = List.of(
            new AtSwitch(Blow.KILLS_LEADER, 0),
            new AtSwitch(Blow.KILLS_LEADER, 3),
            new AtSwitch(Blow.KILLS_LEADER, 8),
            new AtSwitch(Blow.KILLS_FOLLOWER, 0),
            new AtSwitch(Blow.KILLS_FOLLOWER, 4));

    @Test
    void aRestoreIsAllOrNothingWhoeverIsKilledMeanwhile() throws Exception {
        // The other test's.
        assertEquals(200, http.delete(cluster.url(0, "/store?prefix=account/")).status());
        for (int from = 0; from < KEYS; from += 100) {
            transact(IntStream.range(from, from + 100)
                    .mapToObj(i -> "{\"put\":\"k/" + i + "\",\"value\":\"" + FILLER + i + "\"}")
                    .collect(Collectors.joining(",")));
        }
        Path file = directory.resolve("all.jsonl.gz");
        Ended backup = run("backup", cluster.url(2, ""), file.toString());
        assertEquals(0, backup.status(), backup::err);
        assertTrue(backup.out().contains(KEYS + " keys at revision "), backup::out);
        String whole = keys(1);

        for (Trial trial : TRIALS) {
            assertEquals(200, http.delete(cluster.url(0, "/store?prefix=k/")).status());
            transact("{\"put\":\"old\",\"value\":1}");
            String old = keys(0);
            long revision = revision(0);
            int leader = cluster.awaitLeader();
            int victim = trial.blow().victim(leader);
            int asked = (leader + 2) % ServerCluster.SIZE;
            CompletableFuture<Ended> restore = CompletableFuture.supplyAsync(() -> restore(asked, file));
            awaitStage(asked, trial.keys(), restore);
            trial.blow().strike(victim);
            Ended ended = restore.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            cluster.restart(victim);
            cluster.awaitLeader();
            String message = trial + " " + ended;
            assertTrue(trial.blow() != Blow.KILLS_FOLLOWER || ended.status() == 0, message);
            assertWhole(old, whole, ended.status() == 0, message);
            assertNothingLeft();
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                assertTrue(revision(node) >= revision, message);
            }
        }
        Ended last = restore(cluster.awaitLeader(), file);
        assertEquals(0, last.status(), last::err);
        assertWhole("", whole, true, last.toString());

        assertEquals(200, http.delete(cluster.url(0, "/store?prefix=k/")).status());
        transact("{\"put\":\"new/1\",\"value\":1},{\"put\":\"new/2\",\"value\":2}");
        String small =
                http.get(cluster.url(0, "/backup?consistency=linearizable")).text();
        String brought = keys(0);
        for (AtSwitch trial : AT_SWITCH) {
            assertEquals(200, http.delete(cluster.url(0, "/store?prefix=new/")).status());
            transact("{\"put\":\"old\",\"value\":1}");
            String old = keys(0);
            int leader = cluster.awaitLeader();
            int victim = trial.blow().victim(leader);
            CompletableFuture<Integer> restore =
                    CompletableFuture.supplyAsync(() -> post(cluster.url(leader, "/restore?replace"), small));
            awaitStage(leader, 2, restore);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(trial.millis()));
            trial.blow().strike(victim);
            int status = restore.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            cluster.restart(victim);
            cluster.awaitLeader();
            String message = trial + ", answered " + status;
            assertTrue(trial.blow() == Blow.KILLS_LEADER || status == 200, message);
            assertWhole(old, brought, status == 200, message);
            assertNothingLeft();
        }
    }

    /**
     * Asks again while the node says not now, as one does that has begun to lead and was itself started while another was away; 0
     * if the connection has ended without an answer.
     */
    private int post(String url, String backup) {
        long end = System.nanoTime() + LIMIT.toNanos();
        try {
            int status = http.post(url, backup).status();
            while (status == 503 && System.nanoTime() < end) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
                status = http.post(url, backup).status();
            }
            return status;
        } catch (IOException e) {
            return 0;
        }
    }

    private Ended restore(int node, Path file) {
        try {
            return run("restore", cluster.url(node, ""), file.toString(), "--replace");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Until so many keys have come, or it is over. */
    private void awaitStage(int node, int keys, CompletableFuture<?> restore) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!restore.isDone()
                && cluster.stats(node).path("restore").path("keys").asInt() < keys) {
            assertTrue(System.nanoTime() < end, "no restore is seen");
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** All nodes have the old keys or all have the new ones, with their revisions; the new ones if that was said. */
    private void assertWhole(String old, String whole, boolean done, String message) {
        eventually(LIMIT, () -> {
            Set<String> found = new HashSet<>();
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                found.add(keys(node));
            }
            assertEquals(1, found.size(), message);
            assertTrue(found.contains(whole) || !done && found.contains(old), message);
        });
    }

    /** The lines of the keys of a node, which has all that was acknowledged. */
    private String keys(int node) throws IOException {
        Reply backup = http.get(cluster.url(node, "/backup?consistency=linearizable"));
        assertEquals(200, backup.status(), backup::toString);
        String text = backup.text();
        int last = text.lastIndexOf('\n', text.length() - 2) + 1;
        return text.substring(Math.min(last, text.indexOf('\n') + 1), last);
    }

    private long revision(int node) throws IOException {
        Reply reply = http.get(cluster.url(node, "/store?count_only&consistency=linearizable"));
        return Long.parseLong(reply.headers().firstValue("Store-Revision").orElseThrow());
    }

    /** What was begun and not ended is given up by whoever leads, and nobody has its file. */
    private void assertNothingLeft() {
        eventually(Duration.ofSeconds(30), () -> {
            for (int node = 0; node < ServerCluster.SIZE; node++) {
                assertTrue(cluster.stats(node).path("restore").isMissingNode());
                Path data = cluster.spec(node).dataDirectory();
                assertFalse(Files.exists(data.resolve("restore").resolve("backup")));
            }
        });
    }
}
