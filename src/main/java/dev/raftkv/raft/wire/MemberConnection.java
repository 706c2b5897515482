package dev.raftkv.raft.wire;

import dev.raftkv.raft.ratis.PeerName;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to one member, made when it is needed, and given up when it fails or its other end is silent: then TCP
 * would repeat what was lost at growing intervals, for as long again as the network was away. Thread-safe.
 */
public final class MemberConnection implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(MemberConnection.class);

    /** Of a snapshot, sent to the member. */
    private record Part(String snapshot, Line line, CompletableFuture<MessageLite> answer) {}

    private final PeerName peer;
    private final Wire wire;
    private final AtomicReference<Part> sent = new AtomicReference<>();
    private volatile Line open;
    private boolean closed;
    private String trouble = "";
    private volatile long heardAt = System.nanoTime();
    private final AtomicBoolean dialing = new AtomicBoolean();
    private volatile long nextDial = heardAt;

    public MemberConnection(PeerName peer, Wire wire) {
        this.peer = peer;
        this.wire = wire;
    }

    /** @throws InterruptedIOException the only failure after which a caller should not try again */
    public MessageLite call(Kind kind, MessageLite request, long patienceMillis) throws IOException {
        Line line = connected();
        long begun = System.nanoTime();
        return await(line, line.send(kind, request), begun, patienceMillis);
    }

    /**
     * Sends a part of a snapshot while the member is still busy with the one before it: so both work at once, and neither waits
     * for the network.
     *
     * @return the answer to the part before it; to itself if it is the first or the last. The parts that follow one which has
     *     failed are refused
     * @throws IOException as {@link #call}, if either has failed
     */
    InstallSnapshotReplyProto send(InstallSnapshotRequestProto request, long patienceMillis) throws IOException {
        SnapshotChunkProto chunk = request.getSnapshotChunk();
        Line line = connected();
        Part part = new Part(chunk.getRequestId(), line, line.send(Kind.SNAPSHOT, request));
        Part before = sent.getAndSet(part);
        if (before != null && before.snapshot().equals(part.snapshot())) {
            InstallSnapshotReplyProto answer = await(before, patienceMillis);
            if (!chunk.getDone() || !answer.getServerReply().getSuccess()) {
                return answer;
            }
        }
        return await(part, patienceMillis);
    }

    private InstallSnapshotReplyProto await(Part part, long patienceMillis) throws IOException {
        return (InstallSnapshotReplyProto) await(part.line(), part.answer(), System.nanoTime(), patienceMillis);
    }

    /** @param begun if nothing has come by the line since, it is given up with the wait */
    private MessageLite await(Line line, CompletableFuture<MessageLite> asked, long begun, long patienceMillis)
            throws IOException {
        try {
            MessageLite answer = line.await(asked, patienceMillis);
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

    /** Whether it is there, as far as is known; cheap. */
    public boolean isOpen() {
        Line line = open;
        return line != null && line.isOpen() && wire.isOf(line, peer);
    }

    /**
     * Asks what is answered at once, by the connection that is there, and waits for nothing; empty without one.
     *
     * @return ends by a thread that must not wait: with {@link Line.Declined} if the member refuses, with another {@link
     *     IOException} if the connection breaks. Until then it may be long: whoever wants the answer no more ends it, by a
     *     {@link TimeoutIOException} if the connection is to be given up unless something else has come by it meanwhile
     */
    public Optional<CompletableFuture<MessageLite>> ask(Kind kind, MessageLite request) {
        Line line = open;
        if (line == null || !line.isOpen()) {
            return Optional.empty();
        }
        long begun = System.nanoTime();
        CompletableFuture<MessageLite> answer;
        try {
            answer = line.ask(kind, request);
        } catch (IOException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        answer.whenComplete((message, failure) -> asked(line, begun, failure));
        return Optional.of(answer);
    }

    /** Takes no lock: whoever makes a connection holds it, and may be waiting for this very thread. */
    private void asked(Line line, long begun, Throwable failure) {
        if (failure == null || failure instanceof Line.Declined) {
            heardAt = System.nanoTime();
        } else if (failure instanceof TimeoutIOException ? heardAt - begun < 0 : failure instanceof IOException) {
            line.close();
        }
    }

    /** Begins to make a connection, if none is there; waits for nothing. Some times in an election timeout at most. */
    public void prepare() {
        if (nextDial - System.nanoTime() > 0 || !dialing.compareAndSet(false, true)) {
            return;
        }
        try {
            wire.later(() -> {
                try {
                    connected();
                } catch (IOException e) {
                    LOG.debug("no connection to {}", peer, e);
                } finally {
                    nextDial = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(wire.patienceMillis() / 4);
                    dialing.set(false);
                }
            });
        } catch (RejectedExecutionException e) {
            dialing.set(false);
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
