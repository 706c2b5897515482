package dev.raftkv.raft.wire;

import dev.raftkv.raft.ratis.PeerName;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to one member, made when it is needed, and given up when it fails or its other end is silent: then TCP would
 * repeat what was lost at growing intervals, for as long again as the network was away. Thread-safe.
 */
public final class MemberConnection implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(MemberConnection.class);

    private final PeerName peer;
    private final Wire wire;
    private Line open;
    private boolean closed;
    private String trouble = "";
    private volatile long heardAt = System.nanoTime();

    public MemberConnection(PeerName peer, Wire wire) {
        this.peer = peer;
        this.wire = wire;
    }

    /** @throws InterruptedIOException the only failure after which a caller should not try again */
    public MessageLite call(Kind kind, MessageLite request, long patienceMillis) throws IOException {
        Line line = connected();
        long begun = System.nanoTime();
        try {
            MessageLite answer = line.call(kind, request, patienceMillis);
            heardAt = System.nanoTime();
            return answer;
        } catch (Line.Declined e) {
            heardAt = System.nanoTime();
            throw e;
        } catch (TimeoutIOException e) {
            dropIfSilent(line, begun);
            throw e;
        } catch (InterruptedIOException e) {
            // The end of an election, which has waited for as long as elections do.
            if (System.nanoTime() - begun > TimeUnit.MILLISECONDS.toNanos(patienceMillis) / 2) {
                dropIfSilent(line, begun);
            }
            throw e;
        } catch (IOException e) {
            drop(line);
            throw e;
        }
    }

    private synchronized Line connected() throws IOException {
        if (closed) {
            throw new IOException("this node's connections are closed");
        }
        if (open != null && !wire.isOf(open, peer)) {
            // The authority of this node has changed, or the certificate has ended.
            open.close();
        }
        if (open == null || !open.isOpen()) {
            open = null;
            try {
                open = wire.dial(peer);
                trouble = "";
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                tell(e);
                throw e;
            }
        }
        return open;
    }

    /** A member that is away is tried many times a second. */
    private void tell(IOException failure) {
        String now = String.valueOf(failure.getMessage());
        if (!now.equals(trouble)) {
            trouble = now;
            LOG.warn("{}", now);
        }
    }

    /** Other calls on the connection may have been answered meanwhile: then only this one is slow. */
    private void dropIfSilent(Line line, long since) {
        if (heardAt - since < 0) {
            drop(line);
        }
    }

    /** Another call may have made a new one already, which stays. */
    private void drop(Line line) {
        synchronized (this) {
            if (open == line) {
                open = null;
            }
        }
        line.close();
    }

    @Override
    public void close() {
        Line last;
        synchronized (this) {
            closed = true;
            last = open;
            open = null;
        }
        if (last != null) {
            last.close();
        }
    }
}
