package dev.raftkv.bench.load;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Load as so many clients make it who each wait for an answer before they ask again: one thread, one selector. A pause of the
 * server holds all of them up and is one latency of each, so high percentiles say how a client fares, not how an open world
 * would.
 */
public final class ClosedLoop implements AutoCloseable {
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int DIGITS = 3;
    private static final int LOOK_MILLIS = 50;

    private final Wire wire;
    private final Operation operation;
    private final KeyChoice keys;
    private final Selector selector;
    private final List<Connection> connections = new ArrayList<>();
    private final Histogram latencies = new Histogram(LONGEST_NANOS, DIGITS);
    private final com.sun.management.OperatingSystemMXBean process =
            (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private long serial;
    private int underWay;
    private boolean counting;
    private boolean ended;
    private long good;
    private long bad;
    private String complaint = "";

    private ClosedLoop(Wire wire, Operation operation, KeyChoice keys) throws IOException {
        this.wire = wire;
        this.operation = operation;
        this.keys = keys;
        this.selector = Selector.open();
    }

    /** Told when the time that counts begins and when it has ended. */
    public interface Marks {
        void begin();

        void end();
    }

    /**
     * Makes load until its time is over or there is nothing more to ask for. What is under way then is waited for and not
     * counted, so that the next finds the server at rest.
     *
     * @throws IOException if a connection breaks or the server says nothing for 10 seconds: there is no figure then
     */
    public static Slice run(Wire wire, InetSocketAddress server, Load load, KeyChoice keys, Marks marks)
            throws IOException {
        try (ClosedLoop loop = new ClosedLoop(wire, load.operation(), keys)) {
            loop.open(server, load.connections());
            return loop.measure((long) (load.warmUp() * 1e9), (long) (load.seconds() * 1e9), marks);
        }
    }

    private void open(InetSocketAddress server, int count) throws IOException {
        for (int connection = 0; connection < count; connection++) {
            connections.add(Connection.open(wire, server, selector, SILENCE_NANOS));
        }
    }

    private Slice measure(long warmUp, long length, Marks marks) throws IOException {
        long begin = System.nanoTime() + warmUp;
        long end = begin + length;
        long begun = begin;
        long finished = end;
        long cpu = 0;
        long heard = System.nanoTime();
        for (Connection connection : connections) {
            ask(connection);
        }
        while (underWay > 0) {
            selector.select(LOOK_MILLIS);
            long now = System.nanoTime();
            if (!counting && !ended && now >= begin) {
                counting = true;
                begun = now;
                marks.begin();
                cpu = process.getProcessCpuTime();
            }
            if (counting && now >= end) {
                counting = false;
                ended = true;
                finished = now;
                cpu = process.getProcessCpuTime() - cpu;
                marks.end();
            }
            if (!selector.selectedKeys().isEmpty()) {
                heard = now;
                for (SelectionKey key : selector.selectedKeys()) {
                    proceed((Connection) key.attachment());
                }
                selector.selectedKeys().clear();
            } else if (now - heard > SILENCE_NANOS) {
                throw new IOException("no answer for 10 s, with " + underWay + " requests under way");
            }
        }
        if (counting) {
            // There was nothing more to ask for.
            finished = System.nanoTime();
            cpu = process.getProcessCpuTime() - cpu;
            marks.end();
        }
        return new Slice(good, bad, complaint, (finished - begun) / 1e9, latencies, cpu / 1e9);
    }

    private void proceed(Connection connection) throws IOException {
        if (!connection.proceed()) {
            return;
        }
        underWay--;
        if (counting) {
            count(connection);
        }
        if (!ended) {
            ask(connection);
        }
    }

    private void count(Connection connection) {
        if (connection.wasGood()) {
            good++;
            latencies.recordValue(Math.min(System.nanoTime() - connection.sent(), LONGEST_NANOS));
        } else {
            bad++;
            complaint = complaint.isEmpty() ? connection.refused() : complaint;
        }
    }

    private void ask(Connection connection) throws IOException {
        long key = keys.next();
        if (key >= 0) {
            underWay++;
            connection.send(operation, key, serial++);
        }
    }

    @Override
    public void close() throws IOException {
        try (selector) {
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }
}
