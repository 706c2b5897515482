package dev.raftkv.rest.cluster;

import dev.raftkv.rest.http.Live;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * A long body on its way from the leader to a client: when the client has taken a piece, a thread of the forwarder reads the
 * next. So it is never in memory as a whole, and no thread waits for the client. Thread-safe.
 */
final class Relay implements Live {
    static final int PIECE = 64 * 1024;
    private static final byte[] NOTHING = {};

    private final InputStream leader;
    private final long length;
    private final Executor threads;
    private final Runnable onClose;
    private Runnable wake = () -> {};
    private byte[] ready;
    private long read;
    private boolean reading;
    private boolean ended;
    private boolean closed;
    private RuntimeException failure;

    /**
     * @param first what was read of it already
     * @param length of the whole; negative if the leader does not tell
     * @param threads read from the leader, and wait for it
     * @param onClose lets go of the leader
     */
    Relay(byte[] first, InputStream leader, long length, Executor threads, Runnable onClose) {
        this.ready = first;
        this.read = first.length;
        this.leader = leader;
        this.length = length;
        this.threads = threads;
        this.onClose = onClose;
    }

    @Override
    public synchronized void begin(Runnable onNews) {
        wake = onNews;
    }

    @Override
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
            reading = true;
            try {
                threads.execute(this::readOn);
            } catch (RejectedExecutionException e) {
                reading = false;
                throw e;
            }
        }
        return NOTHING;
    }

    private void readOn() {
        byte[] piece = null;
        RuntimeException broken = null;
        try {
            piece = leader.readNBytes(PIECE);
        } catch (IOException e) {
            broken = new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            // Nobody else would tell the client.
            broken = new IllegalStateException(e);
        }
        if (hasCome(piece, broken)) {
            onClose.run();
        }
        wake.run();
    }

    /** True if it was closed meanwhile. */
    private synchronized boolean hasCome(byte[] piece, RuntimeException broken) {
        reading = false;
        failure = broken;
        if (piece != null && piece.length > 0) {
            ready = piece;
            read += piece.length;
        } else if (broken == null && read < length) {
            failure = new UncheckedIOException(new IOException("the leader's answer is shorter than it says"));
        } else {
            ended = broken == null;
        }
        return closed;
    }

    /** While there is nothing, the leader is silent; the limit for that is the connection's. */
    @Override
    public void heartbeat() {}

    @Override
    public void tooSlow() {}

    @Override
    public void giveWay() {}

    @Override
    public void cutOff() {}

    /** A connection on which somebody reads cannot be closed without waiting for that. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (reading) {
                return;
            }
        }
        onClose.run();
    }
}
