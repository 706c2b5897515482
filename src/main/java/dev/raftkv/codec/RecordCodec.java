package dev.raftkv.codec;

import dev.raftkv.codec.wire.MemberRecord;
import dev.raftkv.codec.wire.PositionRecord;
import dev.raftkv.codec.wire.RequestRecord;
import dev.raftkv.codec.wire.RetentionRecord;
import dev.raftkv.model.Position;
import dev.raftkv.model.Remembered;
import dev.raftkv.model.RequestId;

/** The store's records about itself: its position, what it keeps of the past, and the members' addresses. */
public final class RecordCodec {
    private RecordCodec() {}

    /**
     * What a store keeps of the past.
     *
     * @param historyFloor changes up to this revision are not kept
     * @param historyChanges how many changes are kept
     * @param historyBytes their size
     * @param requestsFirst number of the oldest request that is kept
     * @param requestsNext number of the next request
     * @param requestsBytes size of the records of those between
     */
    public record Retention(
            long historyFloor,
            long historyChanges,
            long historyBytes,
            long requestsFirst,
            long requestsNext,
            long requestsBytes) {
        public static final Retention NONE = new Retention(0, 0, 0, 0, 0, 0);
    }

    public static byte[] encodePosition(Position position) {
        return PositionRecord.newBuilder()
                .setTerm(position.term())
                .setIndex(position.index())
                .setRevision(position.revision())
                .setKeys(position.keys())
                .setTime(position.time())
                .build()
                .toByteArray();
    }

    /** @throws FormatException if the record is damaged or holds a field that this version does not know */
    public static Position decodePosition(byte[] bytes) {
        PositionRecord wire = Wire.parseKnown(PositionRecord.parser(), bytes, "the store's position");
        return new Position(wire.getTerm(), wire.getIndex(), wire.getRevision(), wire.getKeys(), wire.getTime());
    }

    public static byte[] encodeRetention(Retention retention) {
        return RetentionRecord.newBuilder()
                .setHistoryFloor(retention.historyFloor())
                .setHistoryChanges(retention.historyChanges())
                .setHistoryBytes(retention.historyBytes())
                .setRequestsFirst(retention.requestsFirst())
                .setRequestsNext(retention.requestsNext())
                .setRequestsBytes(retention.requestsBytes())
                .build()
                .toByteArray();
    }

    /** @throws FormatException if the record is damaged or holds a field that this version does not know */
    public static Retention decodeRetention(byte[] bytes) {
        RetentionRecord wire = Wire.parseKnown(RetentionRecord.parser(), bytes, "the store's retention");
        return new Retention(
                wire.getHistoryFloor(),
                wire.getHistoryChanges(),
                wire.getHistoryBytes(),
                wire.getRequestsFirst(),
                wire.getRequestsNext(),
                wire.getRequestsBytes());
    }

    public static byte[] encodeRemembered(Remembered remembered) {
        return RequestRecord.newBuilder()
                .setKey(remembered.id().key())
                .setFingerprint(remembered.id().fingerprint())
                .setTime(remembered.time())
                .setOutcome(OutcomeCodec.encode(remembered.outcome()))
                .build()
                .toByteArray();
    }

    /** @throws FormatException if the record is damaged or holds a field that this version does not know */
    public static Remembered decodeRemembered(byte[] bytes) {
        RequestRecord wire = Wire.parseKnown(RequestRecord.parser(), bytes, "a remembered request");
        return new Remembered(
                new RequestId(wire.getKey(), wire.getFingerprint()),
                wire.getTime(),
                OutcomeCodec.decode(wire.getOutcome()));
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
