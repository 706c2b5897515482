package dev.raftkv.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;

/** Strict reading and copy-free writing of generated messages. */
final class Wire {
    private Wire() {}

    /** Wraps bytes that nobody changes, as those of the model are. */
    static ByteString wrap(byte[] bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    /** The message in all of the buffer's remaining bytes. Its byte strings may share the buffer's memory: copy them. */
    static <M extends Message> M parse(Parser<M> parser, ByteBuffer bytes, String what) {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        in.enableAliasing(true);
        try {
            return parser.parseFrom(in);
        } catch (InvalidProtocolBufferException e) {
            throw FormatException.damaged(what, e);
        }
    }

    /** As {@link #parse}, and refuses a message with a field of its own that this version does not know. */
    static <M extends Message> M parseKnown(Parser<M> parser, byte[] bytes, String what) {
        M message = parse(parser, ByteBuffer.wrap(bytes), what);
        requireKnown(message, what);
        return message;
    }

    /** Refuses a message with a field of its own, not of its parts, that this version does not know. */
    static void requireKnown(Message message, String what) {
        if (!message.getUnknownFields().asMap().isEmpty()) {
            throw FormatException.unknownContent(
                    what, "field " + message.getUnknownFields().asMap().keySet());
        }
    }
}
