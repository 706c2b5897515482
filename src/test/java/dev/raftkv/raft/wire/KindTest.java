package dev.raftkv.raft.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.raft.wire.Frames.Refused;
import dev.raftkv.raft.wire.Impostor.Harm;
import dev.raftkv.raft.wire.Traffic.Reason;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.buffer.Unpooled;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KindTest {
    /** Its first bytes are a tag of protobuf that ends a group: what comes before one is a message without any field. */
    @ParameterizedTest
    @EnumSource
    void takesNoJavaObjectForAnEmptyMessage(Kind kind) throws Exception {
        ByteBuf object = Unpooled.wrappedBuffer(Impostor.bytes(new Harm()));
        assertEquals(
                Reason.GARBAGE,
                assertThrows(Refused.class, () -> kind.readRequest(object)).reason());
        assertEquals(
                Reason.GARBAGE,
                assertThrows(Refused.class, () -> kind.readReply(object)).reason());
    }
}
