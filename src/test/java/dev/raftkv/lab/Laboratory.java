package dev.raftkv.lab;

import static dev.raftkv.testkit.Eventually.eventually;

import dev.raftkv.lab.Options.Variant;
import dev.raftkv.lab.check.Checks;
import dev.raftkv.lab.check.Report;
import dev.raftkv.lab.fault.Namespaces;
import dev.raftkv.lab.fault.Network;
import dev.raftkv.lab.fault.NodeClock;
import dev.raftkv.lab.fault.Proxies;
import dev.raftkv.lab.fault.SmallDisk;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.NodeStore;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.work.Listings;
import dev.raftkv.lab.work.Plan;
import dev.raftkv.lab.work.Workload;
import dev.raftkv.testkit.FileTree;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One run: forms a cluster, lets clients work and faults happen, heals, and judges what the clients saw. All that it writes
 * is in one directory. It takes as long as its options say, and a few minutes at most for forming, the last fault and judging.
 */
final class Laboratory {
    /** How soon a cluster must be whole again after a fault, on a machine that is busy with all of its nodes. */
    private static final Duration BACK_LIMIT = Duration.ofSeconds(60);

    private static final Duration STORES_LIMIT = Duration.ofSeconds(60);
    private static final Duration SOAK_PERIOD = Duration.ofMinutes(1);
    private static final int DISK_MEGABYTES = 512;
    private static final int DISK_LIMIT_MEGABYTES = 50;

    private final Options options;
    private final Path directory;
    private final Kinds kinds = new Kinds();
    private final Set<FaultKind> toldObstacles = EnumSet.noneOf(FaultKind.class);
    private Protection protection = Protection.NONE;
    private Journal journal;

    /** @param directory for what it writes; what is there is deleted */
    Laboratory(Options options, Path directory) {
        this.options = options;
        this.directory = directory;
    }

    /** Whether all promises were kept. */
    boolean run() throws IOException, InterruptedException {
        SmallDisk.removeLeftovers();
        Leftovers.kill(directory.getParent());
        if (Files.exists(directory)) {
            FileTree.delete(directory);
        }
        Files.createDirectories(directory);
        try (Journal opened = new Journal(directory.resolve("run.log"))) {
            journal = opened;
            journal.say("seed " + options.seed() + "; the same again: " + options.command());
            return runInNetwork();
        }
    }

    private boolean runInNetwork() throws IOException, InterruptedException {
        try (Network network = network();
                Closing disk = new Closing(smallDisk());
                LabCluster cluster = cluster(network, disk.disk())) {
            Thread hook = new Thread(() -> cleanUp(cluster, disk, network));
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                boolean passed = runWith(cluster, disk.disk());
                cluster.kill();
                keep(cluster, passed);
                return passed;
            } finally {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }

    /** The data of all nodes if there is something to look for, also what is in memory. */
    private void keep(LabCluster cluster, boolean passed) throws IOException {
        for (int node = 0; node < cluster.size(); node++) {
            Path kept = directory.resolve(cluster.node(node).id()).resolve("data");
            if (!passed && !Files.exists(kept)) {
                FileTree.copy(cluster.node(node).data(), kept);
            }
            if (passed) {
                cluster.node(node).forget();
            }
        }
    }

    /** When the run is broken off by Ctrl-C. */
    private static void cleanUp(LabCluster cluster, Closing disk, Network network) {
        cluster.kill();
        try {
            disk.close();
            network.close();
        } catch (IOException e) {
            System.err.println("what the laboratory has made is not all removed, but will be by the next run: " + e);
        }
    }

    /** A disk that may not be there. */
    private record Closing(Optional<SmallDisk> disk) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            if (disk.isPresent()) {
                disk.get().close();
            }
        }
    }

    private Network network() throws IOException {
        Optional<String> obstacle = options.proxies() ? Optional.of("so it was asked for") : Namespaces.obstacle();
        obstacle.ifPresent(why -> journal.say("NO NETWORK NAMESPACES, TCP proxies instead: " + why));
        Network network = obstacle.isPresent() ? Proxies.start(options.nodes()) : Namespaces.create(options.nodes());
        journal.say("links by " + network.description());
        return network;
    }

    private Optional<SmallDisk> smallDisk() throws IOException {
        Optional<String> obstacle = SmallDisk.obstacle();
        if (obstacle.isPresent()) {
            return Optional.empty();
        }
        return Optional.of(SmallDisk.mount(directory.resolve("disk"), DISK_MEGABYTES));
    }

    private LabCluster cluster(Network network, Optional<SmallDisk> disk) throws IOException {
        if (options.variant() == Variant.SECURE) {
            protection = Protection.make(directory.resolve("secure"), network, options.nodes());
        }
        return new LabCluster(network, nodes(network, disk), protection.operator());
    }

    private List<LabNode> nodes(Network network, Optional<SmallDisk> disk) throws IOException {
        List<String> addresses = new ArrayList<>();
        for (int node = 0; node < options.nodes(); node++) {
            addresses.add(protection.url(network.httpAddress(node)));
        }
        Map<String, String> settings = new HashMap<>(options.variant().settings());
        settings.put("RAFT_JOIN", String.join(",", addresses));
        settings.put("RAFT_MIN_FREE_DISK_MB", Integer.toString(DISK_LIMIT_MEGABYTES));
        List<LabNode> nodes = new ArrayList<>();
        for (int node = 0; node < options.nodes(); node++) {
            Path place = Files.createDirectories(directory.resolve("node" + (node + 1)));
            boolean small = disk.isPresent() && node == options.nodes() - 1;
            Path data = (small ? directory.resolve("disk") : place).resolve("data");
            nodes.add(new LabNode(node, network, place, data, settings, protection));
        }
        return nodes;
    }

    private boolean runWith(LabCluster cluster, Optional<SmallDisk> disk) throws IOException, InterruptedException {
        if (NodeClock.library().isEmpty()) {
            journal.say("NO CLOCK JUMPS: libfaketime is not installed");
        }
        cluster.form();
        journal.say("the nodes are a cluster; node" + (cluster.awaitLeader() + 1) + " leads");
        List<URI> urls = cluster.urls().stream().map(URI::create).toList();
        Faults faults = new Faults(cluster, journal, disk, DISK_LIMIT_MEGABYTES * 1024L * 1024L);
        History history;
        try (Workload workload = new Workload(Plan.usual(options.seed(), protection.clients(), urls));
                Samples samples = new Samples(cluster, protection.operator(), directory.resolve("samples.csv"))) {
            try (Probe probe = new Probe(protection.clients(), cluster.urls())) {
                probe.start();
                workload.start();
                samples.start();
                runSchedule(cluster, faults, probe);
            }
            journal.say("the faults are over: " + workload.progress());
            history = workload.stop();
            journal.say("the clients have stopped");
        }
        history.save(directory.resolve("history.jsonl"));
        return judge(cluster, history, urls);
    }

    private void runSchedule(LabCluster cluster, Faults faults, Probe probe) throws IOException, InterruptedException {
        Schedule schedule = new Schedule(options.seed(), options.kinds());
        long start = System.nanoTime();
        long end = start + options.length().toNanos();
        StringBuilder steps = new StringBuilder();
        while (System.nanoTime() < end) {
            Step step = schedule.next();
            steps.append(step).append('\n');
            Files.writeString(directory.resolve("schedule.txt"), steps);
            Optional<String> obstacle = faults.obstacle(step.kind());
            if (obstacle.isPresent()) {
                if (toldObstacles.add(step.kind())) {
                    journal.say("SKIPPED " + step.kind() + ": " + obstacle.get());
                }
                continue;
            }
            if (!runStep(cluster, faults, probe, step)) {
                journal.say("the cluster does not come back: no more faults");
                return;
            }
            long rest = options.soak()
                    ? (start + step.number() * SOAK_PERIOD.toNanos() - System.nanoTime()) / 1_000_000
                    : step.restMillis();
            Pause.millis(Math.max(0, Math.min(rest, (end - System.nanoTime()) / 1_000_000)));
        }
    }

    /** Whether the cluster is back. */
    private boolean runStep(LabCluster cluster, Faults faults, Probe probe, Step step)
            throws IOException, InterruptedException {
        journal.say("--- " + step + ": " + step.kind().description());
        long before = System.nanoTime();
        try {
            faults.run(step);
        } catch (AssertionError e) {
            journal.find(step.kind() + ": " + e.getMessage());
        }
        long healed = System.nanoTime();
        boolean back = awaitBack(cluster, probe, step) || repair(cluster, probe, step);
        long after = System.nanoTime();
        Duration gap = probe.longestGap(before, after);
        kinds.add(step.kind(), gap, Duration.ofNanos(after - healed));
        journal.say("back after " + (after - healed) / 1_000_000 + " ms; longest without a write " + gap.toMillis()
                + " ms");
        return back;
    }

    private boolean awaitBack(LabCluster cluster, Probe probe, Step step) throws IOException, InterruptedException {
        long since = System.nanoTime();
        if (!probe.awaitSuccess(since, BACK_LIMIT)) {
            journal.find("no write succeeded within " + BACK_LIMIT.toSeconds() + " s after " + step);
        }
        try {
            eventually(BACK_LIMIT, cluster::checkReady);
            return probe.awaitSuccess(System.nanoTime(), BACK_LIMIT);
        } catch (AssertionError e) {
            journal.find("after " + step + ": " + e.getMessage());
            for (int node = 0; node < cluster.size(); node++) {
                Path file = directory.resolve("threads-" + step.number() + "-node" + (node + 1) + ".txt");
                Files.writeString(file, cluster.node(node).threads());
            }
            return false;
        }
    }

    /** What an operator would try, so that one fault does not end the run: start again, then begin without the data. */
    private boolean repair(LabCluster cluster, Probe probe, Step step) throws IOException, InterruptedException {
        for (int node = 0; node < cluster.size(); node++) {
            if (!cluster.isWhole(node)) {
                journal.say("repair: node" + (node + 1) + " is started again");
                cluster.node(node).close();
                cluster.node(node).start();
            }
        }
        if (awaitBack(cluster, probe, step)) {
            return true;
        }
        try {
            for (int node = 0; node < cluster.size(); node++) {
                if (!cluster.isWhole(node)) {
                    journal.say("repair: node" + (node + 1) + " is removed, and joins without its data");
                    cluster.remove(node);
                    cluster.node(node).close();
                    cluster.node(node).loseData();
                    cluster.node(node).start();
                }
            }
        } catch (AssertionError e) {
            journal.find("repair: " + e.getMessage());
        }
        return awaitBack(cluster, probe, step);
    }

    private boolean judge(LabCluster cluster, History history, List<URI> urls) throws IOException {
        List<NodeStore> stores = List.of();
        try {
            stores = Listings.of(protection.clients(), urls, STORES_LIMIT);
        } catch (AssertionError e) {
            journal.find("the stores are not equal at the end: " + e.getMessage());
        }
        Report report = Checks.run(history, stores);
        report.save(directory);
        boolean passed = report.passed() && journal.findings().isEmpty();
        String summary = summary(cluster, history, report, passed);
        Files.writeString(directory.resolve("summary.txt"), summary);
        System.out.println(summary);
        return passed;
    }

    private static String outcomes(History history) {
        Map<Outcome, Long> counts = history.operations().stream()
                .collect(Collectors.groupingBy(Operation::outcome, TreeMap::new, Collectors.counting()));
        return history.operations().size() + " operations: " + counts;
    }

    private String summary(LabCluster cluster, History history, Report report, boolean passed) {
        StringBuilder text = new StringBuilder();
        text.append(passed ? "PASSED" : "FAILED")
                .append(", seed ")
                .append(options.seed())
                .append('\n');
        text.append("all of it: ").append(directory).append('\n');
        text.append("again: ").append(options.command()).append('\n');
        text.append(options.nodes())
                .append(" nodes, ")
                .append(options.variant())
                .append(", links by ");
        text.append(cluster.network().description()).append('\n');
        if (!toldObstacles.isEmpty()) {
            text.append("SKIPPED, because it cannot be done here: ")
                    .append(toldObstacles)
                    .append('\n');
        }
        text.append(outcomes(history)).append("\n\n");
        text.append(report).append("\n\n").append(kinds);
        if (!journal.findings().isEmpty()) {
            text.append("\nFOUND\n");
            journal.findings()
                    .forEach(finding -> text.append("- ").append(finding).append('\n'));
        }
        return text.toString();
    }
}
