package dev.raftkv.bench.load;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Load that comes at a pace of its own, as from many clients who each ask now and then: a request is sent when it is due, or as
 * soon as one of the connections is free, and its latency begins when it was due. One thread, one selector.
 */
public final class PacedLoop implements AutoCloseable {
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int DIGITS = 3;
    private static final int LOOK_MILLIS = 50;

    private final Operation operation;
    private final KeyChoice keys;
    private final Selector selector;
    private final List<Connection> connections = new ArrayList<>();
    private final Deque<Connection> free = new ArrayDeque<>();
    private final Histogram latencies = new Histogram(LONGEST_NANOS, DIGITS);
    private final com.sun.management.OperatingSystemMXBean process =
            (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private long serial;
    private boolean counting;
    private long good;
    private long bad;
    private String complaint = "";

    private PacedLoop(Operation operation, KeyChoice keys) throws IOException {
        this.operation = operation;
        this.keys = keys;
        this.selector = Selector.open();
    }

    /**
     * Makes load until its time is over; what is under way then is waited for and not counted.
     *
     * @param keys which never end
     * @param perSecond how many requests are due in a second
     * @throws IOException if a connection breaks or the server says nothing for 10 seconds: there is no figure then
     */
    public static Slice run(
            Wire wire, InetSocketAddress server, Load load, KeyChoice keys, double perSecond, ClosedLoop.Marks marks)
            throws IOException {
        try (PacedLoop loop = new PacedLoop(load.operation(), keys)) {
            for (int connection = 0; connection < load.connections(); connection++) {
                loop.connections.add(Connection.open(wire, server, loop.selector, SILENCE_NANOS));
            }
            loop.free.addAll(loop.connections);
            return loop.measure(
                    (long) (load.warmUp() * 1e9), (long) (load.seconds() * 1e9), (long) (1e9 / perSecond), marks);
        }
    }

    private Slice measure(long warmUp, long length, long period, ClosedLoop.Marks marks) throws IOException {
        long due = System.nanoTime();
        long begin = due + warmUp;
        long end = begin + length;
        long begun = begin;
        long heard = due;
        double cpu = 0;
        while (true) {
            long now = System.nanoTime();
            if (!counting && now - begin >= 0) {
                counting = true;
                begun = now;
                marks.begin();
                cpu = process.getProcessCpuTime();
            }
            if (now - end >= 0) {
                marks.end();
                Slice slice = new Slice(
                        good,
                        bad,
                        complaint,
                        (now - begun) / 1e9,
                        latencies,
                        (process.getProcessCpuTime() - cpu) / 1e9);
                drain();
                return slice;
            }
            while (!free.isEmpty() && now - due >= 0) {
                free.poll().send(operation, keys.next(), serial++, due);
                due += period;
            }
            long wait = free.isEmpty() ? LOOK_MILLIS : TimeUnit.NANOSECONDS.toMillis(due - now);
            if (look(Math.min(wait, LOOK_MILLIS))) {
                heard = System.nanoTime();
            } else if (free.size() == connections.size()) {
                heard = now;
            } else if (now - heard > SILENCE_NANOS) {
                throw new IOException("no answer for 10 s");
            }
        }
    }

    /** Takes what comes within the time. Returns whether anything came. */
    private boolean look(long millis) throws IOException {
        if (millis > 0) {
            selector.select(millis);
        } else {
            selector.selectNow();
        }
        boolean came = !selector.selectedKeys().isEmpty();
        for (SelectionKey key : selector.selectedKeys()) {
            Connection connection = (Connection) key.attachment();
            if (connection.proceed()) {
                free.add(connection);
                if (counting) {
                    count(connection);
                }
            }
        }
        selector.selectedKeys().clear();
        return came;
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

    private void drain() throws IOException {
        counting = false;
        long limit = System.nanoTime() + SILENCE_NANOS;
        while (free.size() < connections.size() && System.nanoTime() - limit < 0) {
            look(LOOK_MILLIS);
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
