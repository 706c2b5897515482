package dev.raftkv.cluster;

import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Runs three nodes on this machine, each in a JVM of its own, until it is told to stop. */
public final class LocalCluster {
    private static final Duration WATCH_PAUSE = Duration.ofMillis(500);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    /** In a node's status: it is in a cluster with others. */
    private static final Pattern HAS_PEERS = Pattern.compile("\"num_peers\"\\s*:\\s*\"?[1-9]");

    private final ClusterSettings settings;
    private final Guide guide;
    private final List<LocalNode> nodes;
    private boolean stopped;

    private LocalCluster(ClusterSettings settings) {
        this.settings = settings;
        this.guide = new Guide(settings);
        this.nodes = IntStream.rangeClosed(1, LocalNode.COUNT)
                .mapToObj(number -> LocalNode.of(settings, number))
                .toList();
    }

    /** {@code run}, {@code start node1 <directory>} or {@code stop <directory>}. */
    public static void main(String[] arguments) throws IOException {
        try {
            switch (arguments.length == 0 ? "" : arguments[0]) {
                case "run" -> new LocalCluster(ClusterSettings.fromMaven()).run();
                case "start" -> in(arguments[2]).start(arguments[1]);
                case "stop" -> in(arguments[1]).stop();
                default -> throw new ClusterException("Start the cluster with: mvn -q -Pcluster");
            }
        } catch (ClusterException e) {
            System.err.println(e.getMessage());
            // Ends Maven too, which would add a page about its plugin to a message that says it all.
            System.exit(1);
        }
    }

    private static LocalCluster in(String directory) {
        return new LocalCluster(ClusterSettings.load(Path.of(directory)));
    }

    private void run() throws IOException {
        requireNothingRuns();
        settings.save();
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop-cluster"));
        for (LocalNode node : nodes) {
            startUnlessStopped(node);
        }
        boolean joined = false;
        for (LocalNode node : nodes) {
            joined |= HAS_PEERS.matcher(node.awaitReady()).find();
        }
        greet(joined);
        watch();
    }

    private void requireNothingRuns() {
        if (nodes.stream().anyMatch(node -> node.running().isPresent())) {
            throw new ClusterException(
                    "Nodes of " + settings.directory() + " are running already. Stop them with: " + guide.stopAll());
        }
        nodes.forEach(LocalNode::requireFreePorts);
    }

    private synchronized void startUnlessStopped(LocalNode node) throws IOException {
        if (!stopped) {
            node.start();
        }
    }

    private void greet(boolean joined) {
        System.out.println(joined ? "Three nodes run, joined already:" : "Three nodes run:");
        nodes.forEach(node -> System.out.println(guide.line(node, pid(node))));
        System.out.println(guide.files() + "\n");
        System.out.println(guide.nextSteps(nodes, joined, pid(nodes.get(0))));
    }

    /** Tells when a node ends and when it is back, until this program is ended. */
    private void watch() {
        List<LocalNode> up = new ArrayList<>(nodes);
        while (!Thread.currentThread().isInterrupted()) {
            for (LocalNode node : nodes) {
                Optional<ServerProcess> process = node.running();
                if (process.isEmpty() && up.remove(node) && !isStopped()) {
                    System.out.println("\n" + node.spec().nodeId() + " has ended. The end of " + node.log() + ":\n"
                            + ServerProcess.logTail(node.log()) + "\nStart it again with:\n  "
                            + guide.startAgain(node));
                } else if (process.isPresent() && !up.contains(node)) {
                    up.add(node);
                    System.out.println("\n" + node.spec().nodeId() + " is back:\n"
                            + guide.line(node, process.get().pid()));
                }
            }
            LockSupport.parkNanos(WATCH_PAUSE.toNanos());
        }
    }

    private void start(String id) throws IOException {
        LocalNode node = nodes.stream()
                .filter(candidate -> candidate.spec().nodeId().equals(id))
                .findFirst()
                .orElseThrow(() -> new ClusterException("There is no " + id + ", only node1, node2 and node3."));
        if (node.running().isPresent()) {
            throw new ClusterException(id + " is running already.");
        }
        node.requireFreePorts();
        node.start();
        node.awaitReady();
        System.out.println(guide.line(node, pid(node)));
    }

    private static long pid(LocalNode node) {
        return node.running().map(ServerProcess::pid).orElse(0L);
    }

    private synchronized boolean isStopped() {
        return stopped;
    }

    /** Stops what runs, all at once: the terminal's Ctrl-C reaches the nodes at the same time anyway. */
    private void stop() {
        synchronized (this) {
            stopped = true;
        }
        List<ServerProcess> running =
                nodes.stream().flatMap(node -> node.running().stream()).toList();
        running.forEach(process -> process.handle().destroy());
        long end = System.nanoTime() + STOP_LIMIT.toNanos();
        for (ServerProcess process : running) {
            if (!process.awaitEnd(Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
                System.out.println("Process " + process.pid() + " did not stop in time and is killed.");
                process.kill();
            }
        }
        System.out.println("\nThe nodes have stopped. Their data is in " + settings.directory());
    }
}
