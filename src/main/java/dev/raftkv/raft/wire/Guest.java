package dev.raftkv.raft.wire;

import dev.raftkv.raft.look.Callers;
import dev.raftkv.raft.ratis.RaftErrors;
import dev.raftkv.raft.wire.Frames.Frame;
import dev.raftkv.raft.wire.Frames.Refused;
import dev.raftkv.raft.wire.Traffic.Reason;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandlerContext;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * A connection that another node has made to this one. Its requests are answered one after the other, in their order: entries
 * by the connection's thread, to which everything else here belongs too, and what may take long by others. What reads ask
 * waits for none of them, nor they for it. It is closed when its other end does what no node does.
 */
final class Guest extends ChannelInboundHandlerAdapter {
    /** Requests that wait for the one before; a node sends the next one when it has given the one before up. */
    private static final int MOST_WAITING = 16;
    /** From which nothing more is read. */
    private static final int ENOUGH_WAITING = 2;

    private static final long LOOK_MILLIS = 500;

    /**
     * How long what may take, in milliseconds.
     *
     * @param begin until both have greeted
     * @param message until a message that has begun has come, and how long its sender waits for the answer at most
     * @param idle how long nothing may be said before anything of Raft's was
     */
    record Patience(long begin, long message, long idle) {}

    private final Frames frames;
    private final Answers answers;
    private final Optional<Encryption> encryption;
    private final Patience patience;
    private final Executor answerers;
    private final Traffic traffic;
    private final RaftPort.Places places;
    private final Callers callers;

    private final Deque<Frame> waiting = new ArrayDeque<>();
    /** Questions of reads whose answers have not left. */
    private int unanswered;

    private final long begun = System.nanoTime();
    private boolean greeted;
    private X509Certificate[] shown;
    /** Who has sent entries; null before that. */
    private ByteString leader;

    private boolean refused;
    private boolean answering;
    /** Whether it has had an answer to something of Raft's. */
    private boolean isMembers;
    /** When a request was last begun or ended. */
    private long active = begun;

    private ScheduledFuture<?> looks;

    Guest(
            Frames frames,
            Answers answers,
            Optional<Encryption> encryption,
            Patience patience,
            Executor answerers,
            Traffic traffic,
            RaftPort.Places places,
            Callers callers) {
        this.frames = frames;
        this.answers = answers;
        this.encryption = encryption;
        this.patience = patience;
        this.answerers = answerers;
        this.traffic = traffic;
        this.places = places;
        this.callers = callers;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        looks = context.executor()
                .scheduleAtFixedRate(() -> look(context), LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look(ChannelHandlerContext context) {
        long now = System.nanoTime();
        long unfinished = frames.unfinishedSince();
        if (!greeted && isOver(now, begun, patience.begin())) {
            refuse(context, Reason.SILENCE, "it has not greeted within " + patience.begin() + " ms");
        } else if (unfinished != 0 && isOver(now, unfinished, patience.message())) {
            refuse(context, Reason.SILENCE, "a message has not come whole within " + patience.message() + " ms");
        } else if (answering && isOver(now, active, 2 * patience.message())) {
            // Whoever asked has given up. What it has asked for may never end: Ratis drops it with a group that is
            // removed.
            close(context);
        } else if (!answering && !isMembers && isOver(now, active, patience.idle())) {
            // No fault: a join may be at an end. Followers have connections for the next election, and are silent until
            // then.
            close(context);
        } else if (greeted && encryption.isPresent() && name().isEmpty()) {
            refuse(context, Reason.CERTIFICATE, "its certificate does not hold any more");
        }
    }

    private static boolean isOver(long now, long since, long millis) {
        return now - since > TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private Optional<String> name() {
        return encryption.flatMap(each -> each.name(shown));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == Greeting.DONE) {
            greeted = true;
            active = System.nanoTime();
            if (encryption.isPresent()) {
                shown = Encryption.shown(context.channel());
            }
            if (encryption.isPresent() && name().isEmpty()) {
                refuse(
                        context,
                        Reason.CERTIFICATE,
                        "its certificate is none of a node: an authority in this node's ca.pem must have signed it, for"
                                + " servers and clients (extendedKeyUsage serverAuth and clientAuth), with a name (CN)");
            } else if (!places.greet(context.channel())) {
                refuse(
                        context,
                        Reason.CONNECTIONS,
                        "a node has no more than " + RaftPort.MOST_CONNECTIONS + " connections from others, and "
                                + RaftPort.MOST_OF_ONE_ADDRESS + " from one address");
            }
        } else if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            exceptionCaught(context, handshake.cause());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Refused {
        Frame frame = (Frame) message;
        if (refused || !frame.isRequest() || waiting.size() == MOST_WAITING || unanswered == MOST_WAITING) {
            frame.release();
            if (!refused) {
                throw frame.isRequest()
                        ? new Refused(Reason.SIZE, "it sends more requests than it waits for")
                        : new Refused(Reason.GARBAGE, "it answers what it was not asked");
            }
            return;
        }
        if (frame.kind().isOfReads()) {
            unanswered++;
            answer(context, frame);
            return;
        }
        waiting.add(frame);
        if (!answering) {
            next(context);
        }
        if (waiting.size() >= ENOUGH_WAITING) {
            context.channel().config().setAutoRead(false);
        }
    }

    private void next(ChannelHandlerContext context) {
        Frame frame = waiting.poll();
        active = System.nanoTime();
        answering = frame != null;
        if (frame == null) {
            context.channel().config().setAutoRead(true);
            return;
        }
        if (frame.kind() == Kind.APPEND) {
            // Another thread's turn is what a write of one client waits for longest.
            answer(context, frame);
            return;
        }
        try {
            answerers.execute(() -> answer(context, frame));
        } catch (RejectedExecutionException e) {
            frame.release();
            close(context);
        }
    }

    private void answer(ChannelHandlerContext context, Frame frame) {
        CompletableFuture<? extends MessageLite> answer;
        try {
            Optional<String> name = name();
            if (encryption.isPresent() && name.isEmpty()) {
                throw new Refused(Reason.CERTIFICATE, "the certificate does not hold any more");
            }
            MessageLite request = frame.kind().readRequest(frame.body());
            answer = answers.answer(frame.kind(), request, name);
            if (frame.kind() == Kind.APPEND && leader == null) {
                leader = Kind.head(request).getRequestorId();
                callers.came(leader);
            }
        } catch (IOException | RuntimeException | Error e) {
            answer = CompletableFuture.failedFuture(e);
        } finally {
            frame.release();
        }
        answer.whenComplete((message, failure) -> send(context, frame, message, failure));
    }

    /** By whatever thread has the answer. */
    private void send(ChannelHandlerContext context, Frame frame, MessageLite message, Throwable failure) {
        ByteBuf reply;
        try {
            reply = failure == null
                    ? frames.answer(context.alloc(), frame.call(), frame.kind(), message)
                    : refusal(context, frame, failure);
        } catch (IOException e) {
            throw new IllegalStateException("a message cannot be written to memory", e);
        }
        try {
            context.executor().execute(() -> {
                isMembers |= failure == null && frame.kind().isOfRaft();
                // Whoever does not read its answers gets no more of them.
                context.writeAndFlush(reply).addListener(written -> {
                    if (frame.kind().isOfReads()) {
                        unanswered--;
                    } else if (written.isSuccess()) {
                        next(context);
                    }
                });
            });
        } catch (RejectedExecutionException e) {
            // The node ends.
            reply.release();
        }
    }

    private ByteBuf refusal(ChannelHandlerContext context, Frame frame, Throwable failure) {
        Throwable cause = RaftErrors.unwrap(failure);
        if (cause instanceof Refused no) {
            traffic.refused(no.reason(), who(context) + ": " + no.getMessage());
        }
        return frames.refusal(context.alloc(), frame.call(), frame.kind(), cause);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !(cause instanceof SSLException) && !(cause instanceof Refused)) {
            cause = cause.getCause();
        }
        if (cause instanceof Refused no) {
            refuse(context, no.reason(), no.getMessage());
        } else if (cause instanceof SSLException) {
            refuse(context, Reason.CERTIFICATE, Encryption.explain(cause));
        } else if (cause instanceof IOException) {
            // The connection broke.
            close(context);
        } else {
            refuse(context, Reason.GARBAGE, cause.toString());
        }
    }

    private void refuse(ChannelHandlerContext context, Reason reason, String what) {
        if (!refused) {
            traffic.refused(reason, who(context) + ": " + what);
        }
        close(context);
    }

    private static String who(ChannelHandlerContext context) {
        return String.valueOf(context.channel().remoteAddress());
    }

    private void close(ChannelHandlerContext context) {
        refused = true;
        context.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        looks.cancel(false);
        if (leader != null) {
            callers.went(leader);
        }
        waiting.forEach(frame -> frame.release());
        waiting.clear();
    }
}
