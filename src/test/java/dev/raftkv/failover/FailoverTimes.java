package dev.raftkv.failover;

import dev.raftkv.testkit.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures from the fault to the first write that succeeds, and from a fault's end until the old leader follows. Its client
 * sends one write at a time, follows redirects, gives an answer 300 ms, and goes to the next node after anything but success.
 */
public final class FailoverTimes {
    private static final Duration CALM = Duration.ofSeconds(2);
    private static final Duration FAULT_LASTS = Duration.ofSeconds(4);
    private static final Duration GIVE_UP = Duration.ofSeconds(30);
    private static final int TRIALS_IN_A_ROW = 5;

    private final Http http = Http.following(Duration.ofMillis(300));
    private final Map<String, Map<Fault, List<Long>>> writes = new LinkedHashMap<>();
    private final Map<String, Map<Fault, List<Long>>> returns = new LinkedHashMap<>();
    private int networks;

    private FailoverTimes() {}

    /** The number of trials of each fault, and the WARs, which take turns: {@code 20 old=/tmp/old.war new=target/raftkv.war}. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 2) {
            System.err.println(
                    "Give the number of trials, and one WAR or several to compare: 20 new=target/raftkv.war");
            System.exit(1);
        }
        Map<String, Path> wars = new LinkedHashMap<>();
        for (String argument : List.of(arguments).subList(1, arguments.length)) {
            String[] parts = argument.split("=", 2);
            Path war = Path.of(parts[parts.length - 1]).toAbsolutePath();
            if (!Files.isRegularFile(war)) {
                throw new IOException("no such file: " + war);
            }
            wars.put(parts.length == 1 ? "raftkv" : parts[0], war);
        }
        new FailoverTimes().run(Integer.parseInt(arguments[0]), wars);
    }

    private void run(int trials, Map<String, Path> wars) throws IOException {
        boolean network = Network.isPossible();
        if (!network) {
            System.out.println("No leader is cut off: that takes root, ip and iptables.");
        }
        for (int done = 0; done < trials; done += TRIALS_IN_A_ROW) {
            int row = Math.min(TRIALS_IN_A_ROW, trials - done);
            for (Map.Entry<String, Path> war : wars.entrySet()) {
                measure(war.getKey(), war.getValue(), row, network);
            }
        }
        report();
    }

    private void measure(String label, Path war, int trials, boolean network) throws IOException {
        Optional<Network> made = network ? Optional.of(Network.make(Nodes.SIZE, networks++ % 10)) : Optional.empty();
        try (Nodes nodes = Nodes.start(war, label, made)) {
            for (Fault fault : Fault.values()) {
                for (int trial = 0; trial < trials && (network || fault != Fault.CUT); trial++) {
                    trial(label, nodes, fault);
                }
            }
        }
    }

    private void trial(String label, Nodes nodes, Fault fault) throws IOException {
        int leader = nodes.awaitCalm();
        writeUntilDone(nodes, leader);
        LockSupport.parkNanos(CALM.toNanos());
        long begun = System.nanoTime();
        fault.begin(nodes, leader);
        int writer = writeUntilDone(nodes, (leader + 1) % Nodes.SIZE);
        long back = System.nanoTime() - begun;
        figures(writes, label, fault).add(back);
        LockSupport.parkNanos(FAULT_LASTS.toNanos() - back);
        long ended = System.nanoTime();
        fault.end(nodes, leader);
        String followed = "";
        if (fault.isSurvived()) {
            nodes.awaitFollows(leader, leaderSeenBy(nodes, writer, leader));
            long follows = System.nanoTime() - ended;
            figures(returns, label, fault).add(follows);
            followed = ", follows " + millis(follows);
        }
        System.out.println(label + ": " + fault.words() + ", write " + millis(back) + followed);
    }

    private static int leaderSeenBy(Nodes nodes, int writer, int old) throws IOException {
        int witness = writer == old ? (old + 1) % Nodes.SIZE : writer;
        String id = nodes.stats(witness).path("leader_id").asText();
        return id.startsWith("node") ? Integer.parseInt(id.substring(4)) : witness;
    }

    /** Returns the node that the write was sent to. */
    private int writeUntilDone(Nodes nodes, int first) throws IOException {
        long begun = System.nanoTime();
        for (int node = first; System.nanoTime() - begun < GIVE_UP.toNanos(); node = (node + 1) % Nodes.SIZE) {
            try {
                if (http.post(nodes.url(node, "/store"), "{\"key\": \"failover\", \"value\": 1}")
                                .status()
                        == 200) {
                    return node;
                }
            } catch (IOException e) {
                // The next node.
            }
            LockSupport.parkNanos(5_000_000);
        }
        throw new IOException("no write within " + GIVE_UP);
    }

    private static List<Long> figures(Map<String, Map<Fault, List<Long>>> all, String label, Fault fault) {
        return all.computeIfAbsent(label, key -> new EnumMap<>(Fault.class))
                .computeIfAbsent(fault, key -> new ArrayList<>());
    }

    private void report() {
        System.out.printf("%n%-14s %-32s %6s %8s %8s%n", "", "", "trials", "median", "worst");
        for (Fault fault : Fault.values()) {
            report(writes, fault, fault.words() + ": first write");
        }
        for (Fault fault : Fault.values()) {
            report(returns, fault, fault.words() + ", over: follows");
        }
    }

    private static void report(Map<String, Map<Fault, List<Long>>> all, Fault fault, String what) {
        all.forEach((label, figures) -> {
            List<Long> sorted =
                    figures.getOrDefault(fault, List.of()).stream().sorted().toList();
            if (!sorted.isEmpty()) {
                System.out.printf(
                        Locale.ROOT,
                        "%-14s %-32s %6d %8s %8s%n",
                        label,
                        what,
                        sorted.size(),
                        millis(sorted.get(sorted.size() / 2)),
                        millis(sorted.get(sorted.size() - 1)));
            }
        });
    }

    private static String millis(long nanos) {
        return nanos / 1_000_000 + " ms";
    }
}
