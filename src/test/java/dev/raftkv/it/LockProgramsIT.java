package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.client.RaftkvClient;
import dev.raftkv.client.RaftkvClient.Entry;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.ServerCluster;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The README's programs that hold locks, lead and take slots, in four languages at the same time, while the leader dies. What they
 * count under the lock is not guarded by anything else: two that held it at once would lose a count.
 */
@Timeout(300)
final class LockProgramsIT {
    private static final int RUNS = 4;
    private static final int RUNS_BEFORE_THE_KILL = 4;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Pattern TOKEN = Pattern.compile("held lock/sum with token (\\d+)");
    private static final List<Program> PROGRAMS = List.of(
            new Program("lock.sh", "/bin/sh"),
            new Program("lock.py", "python3"),
            new Program("lock.mjs", "node"),
            new Program(
                    "Lock.java",
                    Path.of(System.getProperty("java.home"), "bin", "java").toString()));

    private record Program(String name, String interpreter) {}

    @Test
    void nobodyHoldsWhatAnotherHoldsThroughTheDeathOfALeader() throws Exception {
        for (String tool : List.of("curl", "python3", "node")) {
            assumeTrue(Tool.isInstalled(tool), tool + " is not installed");
        }
        ExecutorService threads = Executors.newFixedThreadPool(PROGRAMS.size());
        try (ServerCluster cluster =
                ServerCluster.start(new ExecutableWar(Build.war(), Build.deploy())::node, "locks")) {
            cluster.joinAll();
            int leader = cluster.awaitLeader();
            CountDownLatch before = new CountDownLatch(RUNS_BEFORE_THE_KILL);
            List<Future<List<Long>>> running = new ArrayList<>();
            for (Program program : PROGRAMS) {
                Path file = write(program, cluster);
                running.add(threads.submit(() -> run(program, file, before)));
            }
            assertTrue(before.await(LIMIT.toSeconds(), TimeUnit.SECONDS), "too few runs have ended");
            cluster.kill(leader);

            List<Long> all = new ArrayList<>();
            for (Future<List<Long>> each : running) {
                List<Long> tokens = each.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                assertEquals(tokens.stream().sorted().toList(), tokens, "tokens that do not grow");
                all.addAll(tokens);
            }
            assertEquals(PROGRAMS.size() * RUNS, new HashSet<>(all).size(), () -> "tokens " + all);
            RaftkvClient client = cluster.client((leader + 1) % ServerCluster.SIZE);
            assertEquals(
                    Integer.toString(PROGRAMS.size() * RUNS),
                    client.get("sum").map(Entry::value).orElse("none"));
            // What was held went with the sessions.
            assertEquals(
                    List.of("sum"),
                    client.list("").entries().stream().map(Entry::key).toList());
        } finally {
            threads.shutdownNow();
        }
    }

    private static Path write(Program program, ServerCluster cluster) throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String begin = "<!-- " + program.name() + " -->";
        String lines = readme.substring(readme.indexOf(begin), readme.indexOf("<!-- /" + program.name() + " -->"))
                .lines()
                .skip(1)
                .map(line -> line.replaceFirst("^ {4}", ""))
                .collect(Collectors.joining("\n"));
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            lines = lines.replace(
                    "localhost:222" + (node + 1), cluster.url(node, "").replace("http://", ""));
        }
        Path directory = Files.createDirectories(Build.directory("lock-programs"));
        return Files.writeString(directory.resolve(program.name()), lines + "\n");
    }

    /** The tokens under which it has held the lock. */
    private static List<Long> run(Program program, Path file, CountDownLatch done) throws IOException {
        List<Long> tokens = new ArrayList<>();
        for (int run = 0; run < RUNS; run++) {
            Tool.Result result = Tool.run(LIMIT, file.getParent(), "", List.of(program.interpreter(), file.toString()));
            Matcher said = TOKEN.matcher(result.output());
            assertTrue(result.exit() == 0 && said.find(), () -> program.name() + " ended with " + result);
            tokens.add(Long.parseLong(said.group(1)));
            done.countDown();
        }
        return tokens;
    }
}
