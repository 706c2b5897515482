package dev.raftkv.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * A long body on its way from another node: when a piece has been taken, a thread of the lane reads the next. So it is never in
 * memory as a whole, and no thread waits for whoever takes it. Thread-safe.
 */
public final class NodeBody implements AutoCloseable {
    private static final byte[] NOTHING = {};

    private final Exchange exchange;
    private final Executor readers;
    private Runnable wake = () -> {};
    private byte[] ready;
    private boolean reading;
    private boolean ended;
    private UncheckedIOException failure;

    /** @param first what was read of it already */
    NodeBody(byte[] first, Exchange exchange, Executor readers) {
        this.ready = first;
        this.exchange = exchange;
        this.readers = readers;
    }

    /** @param onNews never blocks; is called, on any thread, when there may be another piece */
    public synchronized void begin(Runnable onNews) {
        wake = onNews;
    }

    /**
     * The next piece; empty if it has not come yet, and null if there is none. Never blocks.
     *
     * @throws UncheckedIOException if the body breaks off
     */
    public synchronized byte[] next() {
        if (ready != null) {
            byte[] piece = ready;
            ready = null;
            return piece;
        }
        if (failure != null) {
            throw failure;
        }
        if (ended) {
            return null;
        }
        if (!reading) {
            try {
                readers.execute(this::readOn);
                reading = true;
            } catch (RejectedExecutionException e) {
                throw new UncheckedIOException(new IOException("nobody is free to read on", e));
            }
        }
        return NOTHING;
    }

    private void readOn() {
        byte[] piece = null;
        UncheckedIOException broken = null;
        try {
            piece = exchange.read();
        } catch (IOException e) {
            broken = new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            // Nobody else would tell whoever waits.
            broken = new UncheckedIOException(new IOException(e));
        }
        hasCome(piece, broken).run();
    }

    /** Returns whom to tell. */
    private synchronized Runnable hasCome(byte[] piece, UncheckedIOException broken) {
        reading = false;
        failure = broken;
        ended = piece != null && piece.length < Exchange.PIECE;
        ready = piece == null || piece.length == 0 ? null : piece;
        return wake;
    }

    /** Lets go of the rest, if there is one. */
    @Override
    public void close() {
        exchange.cut();
    }
}
