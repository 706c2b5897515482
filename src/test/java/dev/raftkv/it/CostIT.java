package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Alone;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Effort;
import dev.raftkv.testkit.ExecutableWar;
import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * What an operation costs three nodes together: what they allocate for it, and how often their threads wait. Both are nearly
 * the same on each machine, however busy; other versions of Java may differ. One client asks one thing after the other, so that
 * no two share an entry. What the nodes do while nobody asks is left out. It is compared with what was recorded when somebody
 * last meant it to change; less is told too, so that what is won is not lost again unseen.
 */
@Alone
@EnabledOnOs(OS.LINUX)
@Timeout(180)
final class CostIT {
    private static final String RECORDED = "src/test/resources/costs.properties";
    private static final String RECORD =
            "mvn verify -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=CostIT -Dcosts.record=true";

    private static final String BYTES = ".bytes";
    private static final String SWITCHES = ".switches";
    private static final int WARM_UP = 400;
    private static final int AT_ONCE = 80;
    private static final int ROUNDS = 15;
    private static final long LEAST_IDLE_MILLIS = 200;

    /** Of what is recorded. The quick compiler removes no allocation, so that code allocates the same however long it has run. */
    private static final double MOST_BYTES = 0.1;

    /**
     * Of what is recorded. A thread that is late finds its work there and does not wait, and one that is kept waiting sends a
     * heartbeat meanwhile: on a busy machine a write was seen 10 % above and a linearizable read 18 %. One more
     * thread on the way of either, at each node, is more than this.
     */
    private static final double MOST_SWITCHES = 0.25;

    /** So many more or less of what there is about one of are nothing; one more wait is more. */
    private static final double LEAST_SWITCHES = 0.7;

    /** Pools have as many threads as on a small machine. */
    private static final String PROCESSORS = "-XX:ActiveProcessorCount=2";

    private final Http http = Http.plain(Duration.ofSeconds(30));
    private ServerCluster cluster;
    private Effort effort;

    private record Cost(double bytes, double switches) {}

    /** One request; which one it is does not matter but for the key. */
    private interface Operation {
        Reply ask(int number) throws IOException;
    }

    @Test
    void operationsAllocateWhatTheyDidWhenThatWasRecorded() throws Exception {
        try (ServerCluster started = ServerCluster.start(
                (node, base) -> new ExecutableWar(Build.war(), Build.deploy())
                        .node(node, base)
                        .with("JDK_JAVA_OPTIONS", PROCESSORS),
                "cost")) {
            cluster = started;
            cluster.joinAll();
            int leader = cluster.awaitLeader();
            int follower = (leader + 1) % ServerCluster.SIZE;
            Map<String, Operation> operations = new LinkedHashMap<>();
            operations.put("write", number -> http.put(key(leader, number, ""), '"' + "x".repeat(100) + '"'));
            operations.put("read", number -> http.get(key(follower, number, "")));
            operations.put("linearizable-read", number -> http.get(key(leader, number, "?consistency=linearizable")));
            try (Effort looked = Effort.of(IntStream.range(0, ServerCluster.SIZE)
                    .mapToObj(cluster::pid)
                    .toList())) {
                effort = looked;
                judge(measure(operations));
            }
        }
    }

    private String key(int node, int number, String query) {
        return cluster.url(node, "/store/key" + number % 100 + query);
    }

    private Map<String, Cost> measure(Map<String, Operation> operations) throws Exception {
        for (Operation each : operations.values()) {
            ask(each, WARM_UP);
        }
        Map<String, Cost> costs = new LinkedHashMap<>();
        for (Map.Entry<String, Operation> each : operations.entrySet()) {
            costs.put(each.getKey(), cost(each.getKey(), each.getValue()));
        }
        return costs;
    }

    /**
     * The lower quartile of some rounds. In the dearest ones a node has done something besides, or waited for a processor and
     * sent a heartbeat meanwhile; in the cheapest a thread has ended, whose share nobody knows.
     */
    private Cost cost(String name, Operation operation) throws Exception {
        List<Double> bytes = new ArrayList<>();
        List<Double> switches = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Cost one = round(operation);
            bytes.add(one.bytes);
            switches.add(one.switches);
        }
        bytes.sort(null);
        switches.sort(null);
        Cost typical = new Cost(bytes.get(ROUNDS / 4), switches.get(ROUNDS / 4));
        System.out.printf(Locale.ROOT, "%s: bytes %.0f, switches %.1f%n", name, typical.bytes, typical.switches);
        return typical;
    }

    /** Less what the nodes do when nobody asks, in the same time and at the same moment: the machine may be busy. */
    private Cost round(Operation operation) throws Exception {
        Effort.Sum before = effort.look();
        ask(operation, AT_ONCE);
        Effort.Sum after = effort.look();
        long took = after.nanos() - before.nanos();
        Thread.sleep(Math.max(LEAST_IDLE_MILLIS, TimeUnit.NANOSECONDS.toMillis(took)));
        Effort.Sum rested = effort.look();
        double share = (double) took / (rested.nanos() - after.nanos());
        return new Cost(
                (after.bytesSince(before) - share * rested.bytesSince(after)) / AT_ONCE,
                (after.switchesSince(before) - share * rested.switchesSince(after)) / AT_ONCE);
    }

    private static void ask(Operation operation, int times) throws IOException {
        for (int number = 0; number < times; number++) {
            Reply reply = operation.ask(number);
            assertEquals(200, reply.status(), reply::toString);
        }
    }

    private static void judge(Map<String, Cost> costs) throws IOException {
        Path file = Build.source(RECORDED);
        if (Boolean.getBoolean("costs.record")) {
            Files.writeString(file, record(costs));
            return;
        }
        Properties recorded = new Properties();
        try (Reader text = Files.newBufferedReader(file)) {
            recorded.load(text);
        }
        List<String> wrong = new ArrayList<>();
        costs.forEach((name, cost) -> {
            compare(wrong, name + BYTES, cost.bytes, recorded, MOST_BYTES, 0);
            compare(wrong, name + SWITCHES, cost.switches, recorded, MOST_SWITCHES, LEAST_SWITCHES);
        });
        assertTrue(
                wrong.isEmpty(),
                () -> "What operations cost is not what is recorded in " + RECORDED + ":\n" + String.join("\n", wrong)
                        + "\nIf that is meant, or better, record it: " + RECORD);
    }

    private static String record(Map<String, Cost> costs) {
        return "# What one operation of a lone client costs three nodes together, with Java "
                + Runtime.version().feature() + ". Written by:\n# " + RECORD + "\n"
                + costs.entrySet().stream()
                        .map(cost -> String.format(
                                Locale.ROOT,
                                "%s=%.0f%n%s=%.1f%n",
                                cost.getKey() + BYTES,
                                cost.getValue().bytes,
                                cost.getKey() + SWITCHES,
                                cost.getValue().switches))
                        .collect(Collectors.joining());
    }

    /** @param least the difference that is always allowed, beside a share of what was recorded */
    private static void compare(
            List<String> wrong, String name, double now, Properties recorded, double most, double least) {
        String known = recorded.getProperty(name);
        if (known == null) {
            wrong.add(String.format(Locale.ROOT, "%s is %.1f, and nothing is recorded", name, now));
            return;
        }
        double before = Double.parseDouble(known);
        if (Math.abs(now - before) > Math.max(least, most * before)) {
            wrong.add(String.format(
                    Locale.ROOT,
                    "%s is %.1f, %+.0f %% of %s; it may be %.0f %%",
                    name,
                    now,
                    100 * (now / before - 1),
                    known,
                    100 * most));
        }
    }
}
