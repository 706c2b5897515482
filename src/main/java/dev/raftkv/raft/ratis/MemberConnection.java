package dev.raftkv.raft.ratis;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.netty.NettyRpcProxy;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerReplyProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.apache.ratis.thirdparty.io.netty.channel.EventLoopGroup;
import org.apache.ratis.util.IOUtils;

/**
 * The connection to one member, made when it is needed, and given up when it fails or its other end is silent: then TCP would
 * repeat what was lost at growing intervals, for as long again as the network was away. Thread-safe.
 */
public final class MemberConnection implements Closeable {
    private final RaftPeer peer;
    private final RaftProperties properties;
    private final EventLoopGroup loops;
    private NettyRpcProxy open;
    private boolean closed;
    private volatile long heardAt = System.nanoTime();

    /** @param loops bound the time that a connect takes */
    public MemberConnection(RaftPeer peer, RaftProperties properties, EventLoopGroup loops) {
        this.peer = peer;
        this.properties = properties;
        this.loops = loops;
    }

    /** @throws InterruptedIOException the only failure after which a caller should not try again */
    public RaftNettyServerReplyProto call(RaftNettyServerRequestProto request, long patienceMillis) throws IOException {
        NettyRpcProxy connection = connected();
        long begun = System.nanoTime();
        try {
            RaftNettyServerReplyProto reply = connection.sendAsync(request).get(patienceMillis, TimeUnit.MILLISECONDS);
            heardAt = System.nanoTime();
            return reply;
        } catch (TimeoutException e) {
            dropIfSilent(connection, begun);
            throw new TimeoutIOException(peer + " has not answered within " + patienceMillis + " ms", e);
        } catch (InterruptedException e) {
            // The end of an election, which has waited for as long as elections do.
            if (System.nanoTime() - begun > TimeUnit.MILLISECONDS.toNanos(patienceMillis) / 2) {
                dropIfSilent(connection, begun);
            }
            throw interrupted(e);
        } catch (ExecutionException e) {
            IOException failure = IOUtils.toIOException(e);
            if (IOUtils.shouldReconnect(failure)) {
                drop(connection);
            } else {
                // The answer of a member that refuses.
                heardAt = System.nanoTime();
            }
            throw failure;
        }
    }

    private synchronized NettyRpcProxy connected() throws IOException {
        if (closed) {
            throw new IOException("this node's connections are closed");
        }
        if (open == null) {
            try {
                open = new NettyRpcProxy(peer, properties, loops);
            } catch (InterruptedException e) {
                throw interrupted(e);
            } catch (Exception e) {
                // Netty throws what it likes, checked or not.
                throw new IOException("cannot connect to " + peer + ": " + e, e);
            }
        }
        return open;
    }

    /** Other calls on the connection may have been answered meanwhile: then only this one is slow. */
    private void dropIfSilent(NettyRpcProxy connection, long since) {
        if (heardAt - since < 0) {
            drop(connection);
        }
    }

    /** Another call may have made a new one already, which stays. */
    private void drop(NettyRpcProxy connection) {
        synchronized (this) {
            if (open == connection) {
                open = null;
            }
        }
        connection.close();
    }

    private static InterruptedIOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException failure = new InterruptedIOException("interrupted during a call to another member");
        failure.initCause(e);
        return failure;
    }

    @Override
    public void close() {
        NettyRpcProxy last;
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
