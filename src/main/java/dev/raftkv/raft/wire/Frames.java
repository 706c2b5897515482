package dev.raftkv.raft.wire;

import dev.raftkv.raft.wire.Traffic.Direction;
import dev.raftkv.raft.wire.Traffic.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandlerContext;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * The messages of one connection. All that nodes say to each other passes here, in both directions.
 *
 * <p>A frame is: the length of what follows, 4 bytes; the number of the call, 4 bytes; the type, 1 byte; a protobuf message.
 * The type is the number of a {@link Kind}; in an answer 128 is added, in one that refuses 192. A refusal has the number of a
 * {@link Reason}, or 0 for a failure, and a text in UTF-8.
 */
final class Frames extends ChannelInboundHandlerAdapter {
    /** What a frame may have beside an entry: other entries' lengths, names, commit indexes. */
    static final int OVERHEAD = 64 << 10;

    private static final int LENGTH = 4;
    private static final int HEAD = 5;
    private static final int ANSWER = 0x80;
    private static final int REFUSAL = 0xC0;
    private static final int MAX_TEXT = 2000;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");
    /** What is not counted. */
    private static final int SMALL = 64 << 10;

    /** Another node, or this one, does not do what it was asked for. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;
        private final transient Reason reason;

        Refused(Reason reason, String message) {
            super(message);
            this.reason = reason;
        }

        Reason reason() {
            return reason;
        }
    }

    /** To be released by whoever gets it. */
    record Frame(int call, int type, Kind kind, ByteBuf body, Room room, int taken) {
        void release() {
            body.release();
            room.giveBack(taken);
        }

        boolean isRequest() {
            return (type & ANSWER) == 0;
        }

        boolean isRefusal() {
            return (type & REFUSAL) == REFUSAL;
        }

        /** What a refusal says. */
        IOException refusal() {
            int number = body.isReadable() ? body.readByte() : 0;
            String text = CONTROL.matcher(body.toString(StandardCharsets.UTF_8)).replaceAll(" ");
            for (Reason reason : Reason.values()) {
                if (reason.number() == number) {
                    return new Refused(reason, text);
                }
            }
            return new IOException(text);
        }
    }

    /** What connections may hold at once, in bytes: of frames that have been announced and have not been read yet. */
    static final class Room {
        private final long limit;
        private final AtomicLong taken = new AtomicLong();

        Room(long limit) {
            this.limit = limit;
        }

        boolean take(int bytes) {
            if (taken.addAndGet(bytes) > limit) {
                giveBack(bytes);
                return false;
            }
            return true;
        }

        void giveBack(int bytes) {
            taken.addAndGet(-bytes);
        }
    }

    private final int limit;
    private final Room room;
    private final Traffic traffic;
    private int lengthBytes;
    private int length;
    private ByteBuf unfinished;
    private long unfinishedSince;

    /** @param limit the longest frame that is taken, in bytes */
    Frames(int limit, Room room, Traffic traffic) {
        this.limit = limit;
        this.room = room;
        this.traffic = traffic;
    }

    ByteBuf request(ByteBufAllocator allocator, int call, Kind kind, MessageLite message) throws IOException {
        return write(allocator, call, kind, kind.number(), message);
    }

    ByteBuf answer(ByteBufAllocator allocator, int call, Kind kind, MessageLite message) throws IOException {
        return write(allocator, call, kind, kind.number() | ANSWER, message);
    }

    private ByteBuf write(ByteBufAllocator allocator, int call, Kind kind, int type, MessageLite message)
            throws IOException {
        int size = message.getSerializedSize();
        ByteBuf frame = begin(allocator, call, type, size);
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(frame.nioBuffer(LENGTH + HEAD, size));
            message.writeTo(out);
            out.flush();
            frame.writerIndex(LENGTH + HEAD + size);
            traffic.passed(Direction.SENT, kind, frame.readableBytes());
        } catch (Throwable e) {
            frame.release();
            throw e;
        }
        return frame;
    }

    ByteBuf refusal(ByteBufAllocator allocator, int call, Kind kind, Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        byte[] text = message.substring(0, Math.min(message.length(), MAX_TEXT)).getBytes(StandardCharsets.UTF_8);
        ByteBuf frame = begin(allocator, call, kind.number() | REFUSAL, 1 + text.length);
        try {
            frame.writeByte(
                    failure instanceof Refused refused ? refused.reason().number() : 0);
            frame.writeBytes(text);
            traffic.passed(Direction.SENT, kind, frame.readableBytes());
        } catch (Throwable e) {
            frame.release();
            throw e;
        }
        return frame;
    }

    private static ByteBuf begin(ByteBufAllocator allocator, int call, int type, int size) {
        return allocator
                .directBuffer(LENGTH + HEAD + size)
                .writeInt(HEAD + size)
                .writeInt(call)
                .writeByte(type);
    }

    /** Since when a frame has begun and not ended; 0 if there is none. For the connection's own thread. */
    long unfinishedSince() {
        return unfinished == null && lengthBytes == 0 ? 0 : unfinishedSince;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) throws Refused {
        ByteBuf in = (ByteBuf) bytes;
        try {
            while (in.isReadable()) {
                if (unfinished != null) {
                    in.readBytes(unfinished, Math.min(in.readableBytes(), unfinished.writableBytes()));
                    if (!unfinished.isWritable()) {
                        finish(context);
                    }
                } else {
                    readLength(context, in);
                }
            }
        } finally {
            in.release();
        }
    }

    private void readLength(ChannelHandlerContext context, ByteBuf in) throws Refused {
        if (lengthBytes == 0) {
            unfinishedSince = System.nanoTime();
        }
        length = length << 8 | in.readUnsignedByte();
        lengthBytes++;
        if (lengthBytes < LENGTH) {
            return;
        }
        if (length < HEAD || length > limit) {
            throw new Refused(
                    Reason.SIZE,
                    "a message of " + Integer.toUnsignedLong(length) + " bytes is announced; " + limit
                            + " are the most: are the limits of values alike on all nodes (RAFT_MAX_VALUE_BYTES)?");
        }
        if (counted(length) > 0 && !room.take(length)) {
            throw new Refused(Reason.SIZE, "too many large messages come at once");
        }
        if (in.readableBytes() >= length) {
            ByteBuf whole = in.readRetainedSlice(length);
            begun();
            pass(context, whole);
        } else {
            unfinished = context.alloc().buffer(length, length);
        }
    }

    private void begun() {
        lengthBytes = 0;
        length = 0;
    }

    private void finish(ChannelHandlerContext context) throws Refused {
        ByteBuf whole = unfinished;
        unfinished = null;
        begun();
        pass(context, whole);
    }

    private void pass(ChannelHandlerContext context, ByteBuf whole) throws Refused {
        int size = whole.readableBytes();
        int call = whole.readInt();
        int type = whole.readUnsignedByte();
        Kind kind = Kind.of(type & ~REFUSAL).orElse(null);
        if (kind == null || (type & REFUSAL) == (REFUSAL & ~ANSWER)) {
            whole.release();
            room.giveBack(counted(size));
            throw new Refused(Reason.GARBAGE, "there is no message of type " + type);
        }
        traffic.passed(Direction.RECEIVED, kind, LENGTH + size);
        context.fireChannelRead(new Frame(call, type, kind, whole, room, counted(size)));
    }

    private static int counted(int length) {
        return length > SMALL ? length : 0;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (unfinished != null) {
            room.giveBack(counted(unfinished.capacity()));
            unfinished.release();
            unfinished = null;
        }
    }
}
