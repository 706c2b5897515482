package dev.raftkv.bench;

import dev.raftkv.bench.load.Dataset;
import dev.raftkv.bench.load.KeyChoice;
import dev.raftkv.bench.load.Load;
import dev.raftkv.bench.load.Slice;
import dev.raftkv.bench.peer.Cluster;
import dev.raftkv.bench.peer.Product;
import dev.raftkv.bench.peer.Products;
import dev.raftkv.bench.report.Figure;
import dev.raftkv.bench.report.RawFigures;
import dev.raftkv.bench.report.Sample;
import dev.raftkv.testkit.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A run: all peers are there at once, and each has its turn at each work in each round. */
public final class Bench {
    /** Those that load asks for. */
    private static final int KEYS = 10_000;

    private static final int VALUE_BYTES = 100;
    private static final double LEAD_IN_SECONDS = 1;
    private static final int WARM_UP_CONNECTIONS = 64;

    /** Before a fault, so that all have what was written before it. */
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final Options options;
    private final Dataset dataset = new Dataset(VALUE_BYTES);
    private final Report report;
    private final RawFigures raw;

    /** Seen by the thread that kills what is left. */
    private final List<Cluster> clusters = new CopyOnWriteArrayList<>();

    private Bench(Options options, Report report, RawFigures raw) {
        this.options = options;
        this.report = report;
        this.raw = raw;
    }

    /** As {@link Options#of} says. */
    public static void main(String[] arguments) throws Exception {
        Options options;
        try {
            options = Options.of(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(1);
            return;
        }
        Files.createDirectories(options.directory());
        Report report = new Report(options, Machine.describe(options.directory()));
        try (RawFigures raw = new RawFigures(options.directory().resolve("raw.jsonl"))) {
            Bench bench = new Bench(options, report, raw);
            Runtime.getRuntime().addShutdownHook(new Thread(bench::killAll, "kill-nodes"));
            bench.run();
        }
    }

    private void killAll() {
        clusters.forEach(Cluster::close);
    }

    private void run() throws Exception {
        if (options.works().contains(Work.MICRO)) {
            report.micro(Micro.run(options.directory(), options.micro()));
        }
        if (options.works().stream().anyMatch(work -> work != Work.MICRO)) {
            Path nodes = options.directory().resolve("nodes");
            deleteIfThere(nodes);
            try {
                start(nodes);
                load();
                sessions();
                failover();
                member();
                restart();
            } finally {
                killAll();
                report.write();
            }
            deleteIfThere(nodes);
        } else {
            report.write();
        }
    }

    private static void deleteIfThere(Path directory) throws IOException {
        if (Files.exists(directory)) {
            FileTree.delete(directory);
        }
    }

    private void start(Path nodes) throws IOException {
        List<Product> products = new ArrayList<>();
        options.peers().forEach(peer -> products.add(peer.make(options.jvm())));
        options.wars().forEach((name, war) -> products.add(Products.of(name, war, options.jvm())));
        for (Product product : products) {
            Optional<String> missing = product.prepare();
            if (missing.isPresent()) {
                report.leftOut(product.name() + ": " + missing.get());
                continue;
            }
            report.peer(product.name(), product.version());
            System.out.println("starting " + product.name() + " " + product.version());
            Cluster cluster = Cluster.start(product, dataset, nodes.resolve(product.name()));
            clusters.add(cluster);
            cluster.fill(0, KEYS);
        }
        if (clusters.isEmpty()) {
            throw new IOException("none of the peers can be run here");
        }
    }

    private void load() throws IOException {
        List<Work> works = options.works().stream()
                .filter(work -> work.operation().isPresent())
                .toList();
        if (works.isEmpty()) {
            return;
        }
        warmUp(works);
        for (int round = 1; round <= options.rounds(); round++) {
            for (Work work : works) {
                for (int connections : options.connections()) {
                    for (Cluster cluster : turns(round)) {
                        add(slice(round, work, connections, options.seconds(), cluster));
                    }
                }
            }
        }
        memory("after this load");
    }

    /** Of those who have such. A slice is long, as what nodes do now and then is part of the cost. */
    private void sessions() throws IOException {
        if (!options.works().contains(Work.SESSIONS)) {
            return;
        }
        for (int round = 1; round <= options.rounds(); round++) {
            for (Cluster cluster : turns(round)) {
                if (cluster.product().hasSessions()) {
                    add(sessions(round, cluster));
                }
            }
        }
    }

    private Sample sessions(int round, Cluster cluster) {
        try {
            return Sessions.run(round, WARM_UP_CONNECTIONS, options, cluster, clusters);
        } catch (IOException | IllegalStateException | AssertionError e) {
            String peer = cluster.product().name();
            return new Sample(round, Work.SESSIONS.words(), WARM_UP_CONNECTIONS, peer, Map.of(), reason(e));
        }
    }

    /** Round 0, which is among the raw figures only: what is compiled when it is used is compiled then. */
    private void warmUp(List<Work> works) throws IOException {
        for (Work work : works) {
            for (Cluster cluster : clusters) {
                System.out.println("warming up " + cluster.product().name() + ": " + work.words());
                raw.add(slice(0, work, WARM_UP_CONNECTIONS, options.warmUp(), cluster));
            }
        }
    }

    /** Another one begins in each round. */
    private List<Cluster> turns(int round) {
        List<Cluster> turns = new ArrayList<>(clusters);
        Collections.rotate(turns, -round + 1);
        return turns;
    }

    private Sample slice(int round, Work work, int connections, double seconds, Cluster cluster) {
        String peer = cluster.product().name();
        Meter meter = new Meter(cluster, clusters);
        Load load = new Load(work.operation().orElseThrow(), connections, LEAD_IN_SECONDS, seconds);
        try {
            Slice slice = cluster.load(node(work, cluster), load, KeyChoice.anyOf(KEYS), meter);
            String remark = slice.bad() == 0
                    ? ""
                    : slice.bad() + " errors, the first: " + slice.complaint().replaceAll("\\s+", " ");
            return slice.good() == 0
                    ? new Sample(round, work.words(), connections, peer, Map.of(), "nothing was done. " + remark)
                    : new Sample(round, work.words(), connections, peer, meter.figures(slice), remark);
        } catch (IOException | IllegalStateException | AssertionError e) {
            return new Sample(round, work.words(), connections, peer, Map.of(), reason(e));
        }
    }

    private static int node(Work work, Cluster cluster) {
        return work.isAtLeader() ? cluster.leader() : cluster.follower();
    }

    private void memory(String when) throws IOException {
        for (Cluster cluster : clusters) {
            OptionalDouble memory = cluster.largestMemory();
            if (memory.isPresent()) {
                Map<Figure, Double> figures = Map.of(Figure.MEMORY, memory.getAsDouble());
                add(new Sample(1, when, 0, cluster.product().name(), figures, ""));
            }
        }
    }

    /** Without the end of a server's log, which is long. */
    private static String reason(Throwable failure) {
        return failure.toString().lines().findFirst().orElseThrow();
    }

    private void failover() throws IOException {
        faults(Work.FAILOVER, cluster -> Map.of(Figure.FIRST_WRITE, cluster.killLeader(0) / 1e6));
    }

    private void member() throws IOException {
        faults(Work.MEMBER, cluster -> Map.of(Figure.ALL_SERVE, cluster.restartFollower(0) / 1e6));
    }

    private void restart() throws IOException {
        if (!options.works().contains(Work.RESTART)) {
            return;
        }
        for (Cluster cluster : clusters) {
            System.out.println("filling " + cluster.product().name());
            cluster.fill(KEYS, options.keys());
        }
        memory(String.format(Locale.ROOT, "when there are %,d keys", options.keys()));
        faults(Work.RESTART, cluster -> {
            Cluster.Restart times = cluster.restartAll(options.keys() - 1);
            return Map.of(Figure.FIRST_WRITE, times.firstWrite() / 1e6, Figure.ALL_SERVE, times.allServe() / 1e6);
        });
    }

    /** What is done to a cluster, and how long it took. */
    private interface Fault {
        Map<Figure, Double> strike(Cluster cluster) throws IOException;
    }

    private void faults(Work work, Fault fault) throws IOException {
        if (!options.works().contains(work)) {
            return;
        }
        String words = work == Work.RESTART
                ? String.format(Locale.ROOT, "%s, with %,d keys", work.words(), options.keys())
                : work.words();
        for (int round = 1; round <= options.rounds(); round++) {
            for (Cluster cluster : turns(round)) {
                String peer = cluster.product().name();
                try {
                    cluster.leader();
                    LockSupport.parkNanos(CALM_NANOS);
                    add(new Sample(round, words, 0, peer, fault.strike(cluster), ""));
                } catch (IOException | IllegalStateException | AssertionError e) {
                    add(new Sample(round, words, 0, peer, Map.of(), reason(e)));
                }
            }
        }
    }

    private void add(Sample sample) throws IOException {
        raw.add(sample);
        report.add(sample);
    }
}
