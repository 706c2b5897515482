package dev.raftkv.bench.peer;

import static dev.raftkv.testkit.Eventually.eventually;

import dev.raftkv.bench.load.ClosedLoop;
import dev.raftkv.bench.load.Dataset;
import dev.raftkv.bench.load.KeyChoice;
import dev.raftkv.bench.load.Load;
import dev.raftkv.bench.load.Operation;
import dev.raftkv.bench.load.PacedLoop;
import dev.raftkv.bench.load.Probe;
import dev.raftkv.bench.load.Slice;
import dev.raftkv.bench.load.Wire;
import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Three nodes of a product on this machine, numbered from 0. Not thread-safe, but for {@link #close}. */
public final class Cluster implements AutoCloseable {
    public static final int SIZE = Site.SIZE;

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final int FILLERS = 64;
    private static final double FILL_SECONDS = 1200;

    /** A node that does not answer within this time is asked again, or another one is. */
    private static final long PATIENCE_MILLIS = 250;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Product product;
    private final Dataset dataset;
    private final Wire wire;
    private final Site site;
    private final List<ServerProcess> processes = new ArrayList<>();

    private Cluster(Product product, Dataset dataset, Site site) {
        this.product = product;
        this.dataset = dataset;
        this.wire = product.wire(dataset, List.of());
        this.site = site;
    }

    /** Starts three nodes without data and waits until one leads. */
    public static Cluster start(Product product, Dataset dataset, Path directory) throws IOException {
        Cluster cluster = new Cluster(product, dataset, Site.take(directory));
        try {
            for (int node = 0; node < SIZE; node++) {
                cluster.processes.add(ServerProcess.start(product.command(cluster.site, node)));
            }
            cluster.leader();
            return cluster;
        } catch (IOException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    public Product product() {
        return product;
    }

    /** The node that leads, which is waited for. */
    public int leader() {
        return eventually(START_LIMIT, () -> {
            for (int node = 0; node < SIZE; node++) {
                if (processes.get(node).isAlive() && leadsNow(node)) {
                    return node;
                }
            }
            throw new IOException("no node of " + product.name() + " leads; their logs are under " + site.directory());
        });
    }

    private boolean leadsNow(int node) {
        try {
            return product.leads(site, node);
        } catch (IOException e) {
            return false;
        }
    }

    /** A node that does not lead. */
    public int follower() {
        return (leader() + 1) % SIZE;
    }

    /** Writes each key of the range, at the leader. */
    public void fill(long from, long until) throws IOException {
        Load load = new Load(Operation.CREATE, FILLERS, 0, FILL_SECONDS);
        Slice slice = ClosedLoop.run(wire, site.client(leader()), load, KeyChoice.each(from, until), new NoMarks());
        if (slice.good() != until - from) {
            throw new IOException(product.name() + " has taken " + slice.good() + " of " + (until - from)
                    + " keys; the first that it refused: " + slice.complaint());
        }
    }

    private record NoMarks() implements ClosedLoop.Marks {
        @Override
        public void begin() {}

        @Override
        public void end() {}
    }

    public Slice load(int node, Load load, KeyChoice keys, ClosedLoop.Marks marks) throws IOException {
        return ClosedLoop.run(wire, site.client(node), load, keys, marks);
    }

    /** Begins so many sessions, or leases. */
    public void beginSessions(int count) throws IOException {
        Load load = new Load(Operation.BEGIN, FILLERS, 0, FILL_SECONDS);
        Slice slice = ClosedLoop.run(wire, site.client(leader()), load, KeyChoice.each(0, count), new NoMarks());
        if (slice.good() != count) {
            throw new IOException(product.name() + " has begun " + slice.good() + " of " + count
                    + " sessions; the first that it refused: " + slice.complaint());
        }
    }

    /** Renews all sessions again and again, so many a second, at the leader. */
    public Slice renewSessions(int connections, double leadIn, double seconds, double perSecond, ClosedLoop.Marks marks)
            throws IOException {
        int leader = leader();
        List<String> ids = product.sessions(site, leader);
        Load load = new Load(Operation.RENEW, connections, leadIn, seconds);
        Wire renewing = product.wire(dataset, ids);
        return PacedLoop.run(renewing, site.client(leader), load, KeyChoice.round(ids.size()), perSecond, marks);
    }

    /** How many sessions there are. */
    public int sessions() throws IOException {
        return product.sessions(site, leader()).size();
    }

    public void awaitNoSessions() {
        eventually(START_LIMIT, () -> {
            int left = sessions();
            if (left > 0) {
                throw new IOException(product.name() + " still has " + left + " sessions");
            }
        });
    }

    /** What the nodes that run have written to the disk since they started, in bytes; 0 if the system does not tell. */
    public double writtenBytes() {
        return processes.stream()
                .map(process -> Path.of("/proc", Long.toString(process.pid()), "io"))
                .filter(Files::isReadable)
                .mapToDouble(Cluster::writtenBytes)
                .sum();
    }

    private static double writtenBytes(Path io) {
        try (Stream<String> lines = Files.lines(io)) {
            return lines.filter(line -> line.startsWith("write_bytes:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The index of the last entry of the log. */
    public long logIndex() throws IOException {
        return product.logIndex(site, leader());
    }

    /** The processor time that the nodes that run have taken, in seconds. */
    public double cpuSeconds() {
        return processes.stream()
                .filter(ServerProcess::isAlive)
                .map(process -> process.handle().info().totalCpuDuration().orElse(Duration.ZERO))
                .mapToDouble(time -> time.toNanos() / 1e9)
                .sum();
    }

    /** The resident memory of the node that has most, in MiB; empty if the system does not tell. */
    public OptionalDouble largestMemory() throws IOException {
        double largest = 0;
        for (ServerProcess process : processes) {
            Path status = Path.of("/proc", Long.toString(process.pid()), "status");
            if (Files.isReadable(status)) {
                largest = Math.max(largest, residentKilobytes(Files.readAllLines(status)) / 1024);
            }
        }
        return largest == 0 ? OptionalDouble.empty() : OptionalDouble.of(largest);
    }

    private static double residentKilobytes(List<String> status) {
        return status.stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
    }

    /**
     * Kills the leader as {@code kill -9} does and starts it again after the first write.
     *
     * @return the nanoseconds until another node had acknowledged a write
     */
    public long killLeader(long key) throws IOException {
        int leader = leader();
        List<Probe> survivors = new ArrayList<>();
        try {
            for (int node = 0; node < SIZE; node++) {
                if (node != leader) {
                    survivors.add(probe(node));
                }
            }
            // They have their connections then, as clients have in whose sight a leader dies.
            survivors.forEach(probe -> probe.ask(Operation.WRITE, key));
            ServerProcess process = processes.get(leader);
            long begun = System.nanoTime();
            process.handle().destroyForcibly();
            long took = untilOne(survivors, Operation.WRITE, key, begun);
            process.awaitEnd(START_LIMIT);
            begin(leader);
            awaitServes(leader, key, System.nanoTime());
            return took;
        } finally {
            close(survivors);
        }
    }

    /**
     * Kills a follower as {@code kill -9} does and starts it again.
     *
     * @return the nanoseconds from its start until it answered a read
     */
    public long restartFollower(long key) throws IOException {
        int follower = follower();
        processes.get(follower).kill();
        long begun = System.nanoTime();
        begin(follower);
        return awaitServes(follower, key, begun);
    }

    /**
     * How long the way back took, in nanoseconds.
     *
     * @param firstWrite until some node had acknowledged a write
     * @param allServe until each node had answered a read of the last key
     */
    public record Restart(long firstWrite, long allServe) {}

    /** Kills all nodes as {@code kill -9} does and starts them again. */
    public Restart restartAll(long lastKey) throws IOException {
        processes.forEach(ServerProcess::kill);
        List<Probe> all = new ArrayList<>();
        try {
            for (int node = 0; node < SIZE; node++) {
                all.add(probe(node));
            }
            long begun = System.nanoTime();
            for (int node = 0; node < SIZE; node++) {
                begin(node);
            }
            long firstWrite = untilOne(all, Operation.WRITE, lastKey, begun);
            for (Probe probe : all) {
                untilOne(List.of(probe), Operation.READ, lastKey, begun);
            }
            return new Restart(firstWrite, System.nanoTime() - begun);
        } finally {
            close(all);
        }
    }

    private void begin(int node) throws IOException {
        processes.set(node, ServerProcess.start(product.command(site, node)));
    }

    private long awaitServes(int node, long key, long begun) throws IOException {
        try (Probe probe = probe(node)) {
            return untilOne(List.of(probe), Operation.READ, key, begun);
        }
    }

    private static void close(List<Probe> probes) throws IOException {
        for (Probe probe : probes) {
            probe.close();
        }
    }

    private Probe probe(int node) throws IOException {
        return Probe.of(wire, site.client(node), PATIENCE_MILLIS);
    }

    /** Asks them in turn until one has done it. Returns the nanoseconds since the begin. */
    private long untilOne(List<Probe> probes, Operation operation, long key, long begun) throws IOException {
        while (System.nanoTime() - begun < START_LIMIT.toNanos()) {
            for (Probe probe : probes) {
                if (probe.ask(operation, key)) {
                    return System.nanoTime() - begun;
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new IOException("no node of " + product.name() + " has done a " + operation + " within "
                + START_LIMIT.toSeconds() + " s; their logs are under " + site.directory());
    }

    /** Kills all nodes that run. */
    @Override
    public void close() {
        processes.forEach(ServerProcess::close);
    }
}
