package dev.raftkv.raft.wire;

import dev.raftkv.raft.wire.Frames.Refused;
import dev.raftkv.raft.wire.Traffic.Reason;
import java.nio.charset.StandardCharsets;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandlerContext;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * What both ends of a connection say first, and wait for: 7 bytes that name the protocol, and one for its version. So whoever
 * speaks something else is told from a node at once. When both have been said, the pipeline gets {@link #DONE}.
 */
final class Greeting extends ChannelInboundHandlerAdapter {
    /** Nodes of one cluster have the same. */
    static final int VERSION = 1;

    static final Object DONE = new Object();

    private static final byte[] NAME = "raftkv\n".getBytes(StandardCharsets.US_ASCII);
    /** How TLS begins, and how it says no. */
    private static final int TLS_HANDSHAKE = 22;

    private static final int TLS_ALERT = 21;

    private final boolean encrypted;
    private int heard;

    /** @param encrypted whether it is said once the connection is */
    Greeting(boolean encrypted) {
        this.encrypted = encrypted;
    }

    static byte[] bytes() {
        byte[] greeting = new byte[NAME.length + 1];
        System.arraycopy(NAME, 0, greeting, 0, NAME.length);
        greeting[NAME.length] = VERSION;
        return greeting;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!encrypted) {
            greet(context);
        }
        context.fireChannelActive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
            greet(context);
        }
        context.fireUserEventTriggered(event);
    }

    private static void greet(ChannelHandlerContext context) {
        context.writeAndFlush(context.alloc().buffer(NAME.length + 1).writeBytes(bytes()), context.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) throws Refused {
        ByteBuf in = (ByteBuf) bytes;
        boolean done = false;
        try {
            while (in.isReadable() && !done) {
                done = hear(in.readUnsignedByte());
            }
        } catch (Refused e) {
            in.release();
            throw e;
        }
        if (!done) {
            in.release();
            return;
        }
        context.fireUserEventTriggered(DONE);
        context.fireChannelRead(in);
        context.pipeline().remove(this);
    }

    private boolean hear(int next) throws Refused {
        if (heard == NAME.length) {
            if (next != VERSION) {
                throw new Refused(
                        Reason.PROTOCOL,
                        "it speaks version " + next + " of the protocol between nodes, and this node version " + VERSION
                                + ": stop all nodes, and start all with the same version of raftkv");
            }
            return true;
        }
        if (next != NAME[heard]) {
            throw new Refused(Reason.PROTOCOL, heard == 0 ? stranger(next) : stranger(-1));
        }
        heard++;
        return false;
    }

    private static String stranger(int first) {
        return switch (first) {
            case TLS_HANDSHAKE -> "it speaks TLS and this node does not: set RAFT_TLS on all nodes, or on none";
            case TLS_ALERT -> "it wants TLS and this node does not speak it: set RAFT_TLS on all nodes, or on none";
            default ->
                "it does not speak the protocol between nodes of this version; if it is a node of an older version:"
                        + " stop all nodes, and start all with the same version of raftkv";
        };
    }
}
