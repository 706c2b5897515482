package dev.raftkv.raft.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.raft.wire.Frames.Frame;
import dev.raftkv.raft.wire.Frames.Refused;
import dev.raftkv.raft.wire.Traffic.Reason;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.Int64Value;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBufUtil;
import org.apache.ratis.thirdparty.io.netty.buffer.Unpooled;
import org.apache.ratis.thirdparty.io.netty.buffer.UnpooledByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class FramesTest {
    private static final int LIMIT = 300 << 10;
    private static final ByteBufAllocator HEAP = ByteBufAllocator.DEFAULT;

    private final Traffic traffic = new Traffic("node1", System::nanoTime);
    private final Frames.Room room = new Frames.Room(LIMIT);
    private final Frames frames = new Frames(LIMIT, room, traffic);
    private final EmbeddedChannel channel = new EmbeddedChannel(frames);

    /** These bytes go between nodes, which may be of different versions. */
    @Test
    void framesKeepTheirBytes() throws IOException {
        UUID group = new UUID(1, 2);
        assertEquals("726166746b760a01", HexFormat.of().formatHex(Greeting.bytes()));
        assertEquals(
                "0000002100000007100a066e3140683a311a120a1000000000000000010000000000000002",
                hex(frames.request(HEAP, 7, Kind.WHO, Stranger.head("n1@h:1", "", group))));
        assertEquals("0000000700000008910807", hex(frames.answer(HEAP, 8, Kind.PREPARE, Int64Value.of(7))));
        assertEquals(
                "0000000800000009d2096e6f", hex(frames.refusal(HEAP, 9, Kind.LEAVE, new Refused(Reason.RULES, "no"))));
    }

    @Test
    void aMessageThatCannotBeWrittenLeavesNoMemory() {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        MessageLite failing = (MessageLite) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {MessageLite.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getSerializedSize")) {
                        return 100;
                    }
                    throw new AssertionError("for this test");
                });
        assertThrows(AssertionError.class, () -> frames.request(allocator, 7, Kind.WHO, failing));
        assertEquals(0, allocator.metric().usedDirectMemory());
    }

    private static String hex(ByteBuf frame) {
        try {
            return ByteBufUtil.hexDump(frame);
        } finally {
            frame.release();
        }
    }

    @Test
    void framesComeWholeHoweverTheirBytesCome() throws IOException {
        Random random = new Random(3);
        ByteBuf all = Unpooled.buffer();
        int[] sizes = {0, 1, 100, 70_000, 5, 200_000, 3};
        for (int i = 0; i < sizes.length; i++) {
            ByteBuf frame = frames.request(HEAP, i, Kind.APPEND, entries(sizes[i]));
            all.writeBytes(frame);
            frame.release();
        }
        while (all.isReadable()) {
            int most = random.nextBoolean() ? 3 : 50_000;
            channel.writeInbound(all.readRetainedSlice(Math.min(all.readableBytes(), 1 + random.nextInt(most))));
        }
        for (int i = 0; i < sizes.length; i++) {
            Frame frame = channel.readInbound();
            assertEquals(i, frame.call());
            assertTrue(frame.isRequest());
            assertEquals(entries(sizes[i]), Kind.APPEND.readRequest(frame.body()));
            frame.release();
        }
        assertNull(channel.readInbound());
        assertEquals(0, frames.unfinishedSince());
        assertTrue(room.take(LIMIT), "all room was given back");
        assertEquals(sizes.length, traffic.messages(Traffic.Direction.RECEIVED, Kind.APPEND));
        assertEquals(
                traffic.bytes(Traffic.Direction.SENT, Kind.APPEND),
                traffic.bytes(Traffic.Direction.RECEIVED, Kind.APPEND));
        all.release();
    }

    private static MessageLite entries(int bytes) {
        return AppendEntriesRequestProto.newBuilder()
                .addEntries(LogEntryProto.newBuilder()
                        .setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder()
                                .setLogData(ByteString.copyFrom(new byte[bytes]))))
                .build();
    }

    @Test
    void aLengthBeyondTheLimitIsRefused() {
        for (int length : new int[] {LIMIT + 1, Integer.MAX_VALUE, -1, 4, 0}) {
            EmbeddedChannel one = new EmbeddedChannel(new Frames(LIMIT, room, traffic));
            Refused refused = assertThrows(
                    Refused.class,
                    () -> one.writeInbound(Unpooled.buffer().writeInt(length).writeInt(1)));
            assertEquals(Reason.SIZE, refused.reason());
        }
    }

    @Test
    void whatIsAwaitedAtOnceIsBounded() {
        ByteBuf half = Unpooled.buffer().writeInt(LIMIT - 10).writeInt(1);
        channel.writeInbound(half.copy());
        EmbeddedChannel second = new EmbeddedChannel(new Frames(LIMIT, room, traffic));
        assertThrows(Refused.class, () -> second.writeInbound(half.copy()));
        channel.close();
        EmbeddedChannel third = new EmbeddedChannel(new Frames(LIMIT, room, traffic));
        third.writeInbound(half);
        third.close();
    }

    @Test
    void whatHasComeAndIsNotReadYetIsBounded() throws IOException {
        ByteBuf large = frames.request(HEAP, 1, Kind.APPEND, entries(LIMIT - 1000));
        channel.writeInbound(large.copy());
        EmbeddedChannel second = new EmbeddedChannel(new Frames(LIMIT, room, traffic));
        assertThrows(Refused.class, () -> second.writeInbound(large.copy()));
        Frame held = channel.readInbound();
        held.release();
        EmbeddedChannel third = new EmbeddedChannel(new Frames(LIMIT, room, traffic));
        third.writeInbound(large);
        Frame taken = third.readInbound();
        taken.release();
        assertTrue(room.take(LIMIT), "all room was given back");
    }

    @Test
    void whatOthersSayIsOneLine() throws IOException {
        channel.writeInbound(frames.refusal(HEAP, 1, Kind.VOTE, new IOException("no\nnode \u001b[1m refused")));
        Frame frame = channel.readInbound();
        assertEquals("no node  [1m refused", frame.refusal().getMessage());
        frame.release();
    }

    @Test
    void aTypeThatThereIsNotIsGarbage() {
        for (int type : new int[] {0, 8, 63, 0x41, 0x80, 0xFF}) {
            EmbeddedChannel one = new EmbeddedChannel(new Frames(LIMIT, room, traffic));
            Refused refused = assertThrows(
                    Refused.class,
                    () -> one.writeInbound(
                            Unpooled.buffer().writeInt(5).writeInt(1).writeByte(type)));
            assertEquals(Reason.GARBAGE, refused.reason(), "type " + type);
        }
    }

    @Test
    void aRefusalIsATextWithItsReason() {
        channel.writeInbound(frames.refusal(HEAP, 1, Kind.VOTE, new Refused(Reason.MEMBERSHIP, "who are you?")));
        Frame frame = channel.readInbound();
        Refused refused = assertInstanceOf(Refused.class, frame.refusal());
        assertEquals(Reason.MEMBERSHIP, refused.reason());
        assertEquals("who are you?", refused.getMessage());
        frame.release();

        channel.writeInbound(frames.refusal(HEAP, 1, Kind.VOTE, new IOException("x".repeat(100_000))));
        Frame failure = channel.readInbound();
        assertEquals(IOException.class, failure.refusal().getClass());
        failure.release();
    }
}
