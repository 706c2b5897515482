package dev.raftkv.codec;

import dev.raftkv.codec.wire.MemberRecord;
import dev.raftkv.codec.wire.PositionRecord;
import dev.raftkv.model.Position;

/** The store's records about itself: its position and the members' addresses. */
public final class RecordCodec {
    private RecordCodec() {}

    public static byte[] encodePosition(Position position) {
        return PositionRecord.newBuilder()
                .setTerm(position.term())
                .setIndex(position.index())
                .setRevision(position.revision())
                .setKeys(position.keys())
                .build()
                .toByteArray();
    }

    /** @throws FormatException if the record is damaged or holds a field that this version does not know */
    public static Position decodePosition(byte[] bytes) {
        PositionRecord wire = Wire.parseKnown(PositionRecord.parser(), bytes, "the store's position");
        return new Position(wire.getTerm(), wire.getIndex(), wire.getRevision(), wire.getKeys());
    }

    public static byte[] encodeHttpAddress(String httpAddress) {
        return MemberRecord.newBuilder().setHttpAddress(httpAddress).build().toByteArray();
    }

    /** @throws FormatException if the record is damaged or holds a field that this version does not know */
    public static String decodeHttpAddress(byte[] bytes) {
        return Wire.parseKnown(MemberRecord.parser(), bytes, "a member's record")
                .getHttpAddress();
    }
}
