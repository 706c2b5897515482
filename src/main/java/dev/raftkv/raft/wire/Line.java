package dev.raftkv.raft.wire;

import dev.raftkv.raft.wire.Frames.Frame;
import dev.raftkv.raft.wire.Frames.Refused;
import dev.raftkv.raft.wire.Traffic.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandlerContext;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslHandshakeCompletionEvent;

/** A connection that this node has made to another; once it fails, it has failed for good. Thread-safe. */
public final class Line implements Closeable {
    private final String to;
    private final Frames frames;
    private final Optional<Encryption> encryption;
    private final Map<Integer, Call> calls = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private volatile Channel channel;
    private volatile IOException failure;
    private volatile X509Certificate[] shown;

    /** What the other end has answered instead. The connection goes on. */
    public static final class Declined extends IOException {
        private static final long serialVersionUID = 1;

        Declined(String who, IOException refusal) {
            super(who + ": " + refusal.getMessage(), refusal);
        }
    }

    /**
     * Whether this failure of a call means that the connection has ended: a node of an older version closes it when it is
     * asked what it does not know.
     */
    public static boolean isBroken(Throwable failure) {
        return failure instanceof IOException
                && !(failure instanceof Declined)
                && !(failure instanceof TimeoutIOException)
                && !(failure instanceof InterruptedIOException);
    }

    private record Call(Kind kind, CompletableFuture<MessageLite> answer) {}

    /** @param to for messages: whom it is to reach */
    Line(String to, Frames frames, Optional<Encryption> encryption) {
        this.to = to;
        this.frames = frames;
        this.encryption = encryption;
    }

    /** To be added to a new channel, behind all else. */
    ChannelInboundHandlerAdapter listener() {
        return new Listener();
    }

    /** Waits until both ends have greeted. */
    void await(Channel connected, long millis) throws IOException {
        channel = connected;
        try {
            ready.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutIOException(
                    to + " is connected and has not greeted within " + millis
                            + " ms: if it is a node of an older version, stop all nodes, and start all with the same"
                            + " version of raftkv",
                    e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    /** Whom the other end's certificate names; empty without TLS, and if it does not hold any more. */
    public Optional<String> name() {
        return encryption.flatMap(each -> each.name(shown));
    }

    boolean isOpen() {
        return failure == null && channel.isActive();
    }

    /**
     * Asks the other end, and waits for the answer.
     *
     * @return an answer of this kind
     * @throws TimeoutIOException if none has come in time
     * @throws IOException if the other end refuses, or the connection breaks
     */
    public MessageLite call(Kind kind, MessageLite request, long millis) throws IOException {
        return await(send(kind, request), millis);
    }

    /** As {@link #call}, for the answer to what {@link #send} has sent. */
    MessageLite await(CompletableFuture<MessageLite> answer, long millis) throws IOException {
        try {
            return answer.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutIOException(to + " has not answered within " + millis + " ms", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (ExecutionException e) {
            throw failure(e);
        } finally {
            calls.values().removeIf(call -> call.answer() == answer);
        }
    }

    /** Asks the other end, and waits for nothing. Whoever wants the answer no more ends it. */
    CompletableFuture<MessageLite> ask(Kind kind, MessageLite request) throws IOException {
        CompletableFuture<MessageLite> answer = send(kind, request);
        answer.whenComplete((message, failed) -> calls.values().removeIf(call -> call.answer() == answer));
        return answer;
    }

    /** Asks the other end; whoever does not wait for the answer by {@link #await} leaves it to the end of the line. */
    CompletableFuture<MessageLite> send(Kind kind, MessageLite request) throws IOException {
        CompletableFuture<MessageLite> answer = new CompletableFuture<>();
        int number = numbers.incrementAndGet();
        calls.put(number, new Call(kind, answer));
        try {
            // Netty keeps things for each thread that writes: of a server's, they would outlive the node in it.
            channel.eventLoop().execute(() -> write(number, kind, request, answer));
        } catch (RejectedExecutionException e) {
            calls.remove(number);
            throw new IOException("cannot send to " + to + ": this node stops", e);
        }
        // Whoever failed the line may not have seen this call.
        IOException failed = failure;
        if (failed != null) {
            answer.completeExceptionally(failed);
        }
        return answer;
    }

    private void write(int number, Kind kind, MessageLite request, CompletableFuture<MessageLite> answer) {
        try {
            ByteBuf frame = frames.request(channel.alloc(), number, kind, request);
            channel.writeAndFlush(frame).addListener(written -> {
                if (!written.isSuccess()) {
                    fail(new IOException("cannot send to " + to + ": " + written.cause(), written.cause()));
                }
            });
        } catch (Throwable e) {
            calls.remove(number);
            answer.completeExceptionally(new IOException("cannot make a message to " + to, e));
        }
    }

    private static IOException failure(ExecutionException e) {
        return e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }

    static InterruptedIOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException failure = new InterruptedIOException("interrupted during a call to another node");
        failure.initCause(e);
        return failure;
    }

    private void fail(IOException cause) {
        synchronized (this) {
            if (failure == null) {
                failure = cause;
            }
        }
        ready.completeExceptionally(failure);
        calls.values().forEach(call -> call.answer().completeExceptionally(failure));
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        fail(new IOException("the connection to " + to + " was closed"));
    }

    private final class Listener extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            channel = context.channel();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == Greeting.DONE) {
                if (encryption.isPresent()) {
                    shown = Encryption.shown(context.channel());
                }
                ready.complete(null);
            } else if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
                exceptionCaught(context, handshake.cause());
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
            Frame frame = (Frame) message;
            try {
                if (frame.isRequest()) {
                    throw new Refused(Reason.GARBAGE, to + " asks where it is to answer");
                }
                Call call = calls.remove(frame.call());
                if (call == null) {
                    // Nobody waits for it any more.
                    return;
                }
                if (frame.kind() != call.kind()) {
                    Refused refused = new Refused(Reason.GARBAGE, to + " answers another question than it was asked");
                    call.answer().completeExceptionally(refused);
                    throw refused;
                }
                read(call, frame);
            } finally {
                frame.release();
            }
        }

        /** Whatever it fails with ends the connection; the call is not one of the connection's any more, and ends here. */
        private void read(Call call, Frame frame) throws IOException {
            try {
                if (frame.isRefusal()) {
                    call.answer().completeExceptionally(new Declined(to, frame.refusal()));
                } else {
                    call.answer().complete(call.kind().readReply(frame.body()));
                }
            } catch (Throwable e) {
                call.answer().completeExceptionally(new IOException("cannot read what " + to + " answers", e));
                throw e;
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fail(new IOException(to + " has closed the connection", new ClosedChannelException()));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
            Throwable cause = thrown;
            while (cause.getCause() != null && !(cause instanceof Refused)) {
                cause = cause.getCause();
            }
            String why = cause instanceof Refused ? cause.getMessage() : Encryption.explain(thrown);
            fail(new IOException("no connection to " + to + ": " + why, thrown));
        }
    }
}
