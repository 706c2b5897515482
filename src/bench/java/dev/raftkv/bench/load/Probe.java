package dev.raftkv.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;

/**
 * A client of one node that may be down, and asks one thing at a time. It keeps its connection while it is answered. Not
 * thread-safe.
 */
public final class Probe implements AutoCloseable {
    private final Wire wire;
    private final InetSocketAddress server;
    private final long patience;
    private final Selector selector;
    private Connection connection;
    private long serial;

    private Probe(Wire wire, InetSocketAddress server, long patience, Selector selector) {
        this.wire = wire;
        this.server = server;
        this.patience = patience;
        this.selector = selector;
    }

    /** @param patienceMillis how long it waits for an answer */
    public static Probe of(Wire wire, InetSocketAddress server, long patienceMillis) throws IOException {
        return new Probe(wire, server, TimeUnit.MILLISECONDS.toNanos(patienceMillis), Selector.open());
    }

    /** Whether it was done within the time; if not, it may be done or be done later. */
    public boolean ask(Operation operation, long key) {
        long end = System.nanoTime() + patience;
        try {
            if (connection == null) {
                connection = Connection.open(wire, server, selector, patience);
            }
            connection.send(operation, key, serial++);
            for (long left = patience; left > 0; left = end - System.nanoTime()) {
                selector.select(TimeUnit.NANOSECONDS.toMillis(left) + 1);
                selector.selectedKeys().clear();
                if (connection.proceed()) {
                    return connection.wasGood();
                }
            }
        } catch (IOException e) {
            // It is down, or on its way.
        }
        disconnect();
        return false;
    }

    private void disconnect() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (IOException e) {
            // It was lost anyhow.
        }
        connection = null;
    }

    @Override
    public void close() throws IOException {
        disconnect();
        selector.close();
    }
}
