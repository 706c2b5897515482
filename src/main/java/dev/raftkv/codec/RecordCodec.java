package dev.raftkv.codec;

import dev.raftkv.codec.wire.HistorySettings;
import dev.raftkv.codec.wire.KeyspacesRecord;
import dev.raftkv.codec.wire.LevelRecord;
import dev.raftkv.codec.wire.MemberRecord;
import dev.raftkv.codec.wire.PositionRecord;
import dev.raftkv.codec.wire.RequestRecord;
import dev.raftkv.codec.wire.RetentionRecord;
import dev.raftkv.codec.wire.SettingsRecord;
import dev.raftkv.codec.wire.StageRecord;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.Position;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Remembered;
import dev.raftkv.model.RequestId;
import java.util.Optional;

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

    /**
     * Where the keys are.
     *
     * @param live the number of their keyspace
     * @param since the revision of the restore that it came with, 0 for the first
     * @param base the cluster time in milliseconds from which its deadlines are reckoned
     * @param last the highest number that was given to a keyspace
     */
    public record Keyspaces(long live, long since, long base, long last, Optional<Stage> stage) {
        public static final Keyspaces FIRST = new Keyspaces(0, 0, 0, 0, Optional.empty());
    }

    /**
     * The keys of a restore that is under way.
     *
     * @param number that of their keyspace
     * @param id the restore's
     * @param revision the backup's
     * @param chunks how many have come, with so many keys and so many bytes
     * @param touched the cluster time in milliseconds of the last step
     */
    public record Stage(
            long number,
            String id,
            long revision,
            boolean replace,
            Prefix prefix,
            long chunks,
            long keys,
            long bytes,
            long touched) {}

    public static byte[] encodeKeyspaces(Keyspaces keyspaces) {
        KeyspacesRecord.Builder wire = KeyspacesRecord.newBuilder()
                .setLive(keyspaces.live())
                .setSince(keyspaces.since())
                .setBase(keyspaces.base())
                .setLast(keyspaces.last());
        keyspaces
                .stage()
                .ifPresent(stage -> wire.setStage(StageRecord.newBuilder()
                        .setNumber(stage.number())
                        .setId(stage.id())
                        .setRevision(stage.revision())
                        .setReplace(stage.replace())
                        .setPrefix(Wire.wrap(stage.prefix().utf8()))
                        .setChunks(stage.chunks())
                        .setKeys(stage.keys())
                        .setBytes(stage.bytes())
                        .setTouched(stage.touched())));
        return wire.build().toByteArray();
    }

    /** @throws FormatException if the record is damaged or holds a field that this version does not know */
    public static Keyspaces decodeKeyspaces(byte[] bytes) {
        String what = "the store's record of its keyspaces";
        KeyspacesRecord wire = Wire.parseKnown(KeyspacesRecord.parser(), bytes, what);
        Wire.requireKnown(wire.getStage(), what);
        StageRecord stage = wire.getStage();
        return new Keyspaces(
                wire.getLive(),
                wire.getSince(),
                wire.getBase(),
                wire.getLast(),
                wire.hasStage()
                        ? Optional.of(new Stage(
                                stage.getNumber(),
                                stage.getId(),
                                stage.getRevision(),
                                stage.getReplace(),
                                Prefix.ofUtf8(stage.getPrefix().toByteArray()),
                                stage.getChunks(),
                                stage.getKeys(),
                                stage.getBytes(),
                                stage.getTouched()))
                        : Optional.empty());
    }

    public static byte[] encodeLevel(int logLevel) {
        return LevelRecord.newBuilder().setLogLevel(logLevel).build().toByteArray();
    }

    /** @throws FormatException if the record is damaged or holds a field that this version does not know */
    public static int decodeLevel(byte[] bytes) {
        return Wire.parseKnown(LevelRecord.parser(), bytes, "the store's log level")
                .getLogLevel();
    }

    public static byte[] encodeSettings(HistoryLimits history) {
        return settings(history).build().toByteArray();
    }

    /** @throws FormatException if the record is damaged or holds a field that this version does not know */
    public static HistoryLimits decodeSettings(byte[] bytes) {
        String what = "the settings of the cluster";
        return limits(Wire.parseKnown(SettingsRecord.parser(), bytes, what).getHistory(), what);
    }

    static SettingsRecord.Builder settings(HistoryLimits history) {
        return SettingsRecord.newBuilder()
                .setHistory(HistorySettings.newBuilder()
                        .setChanges(history.changes())
                        .setBytes(history.bytes())
                        .setPrevious(history.previous()));
    }

    static HistoryLimits limits(HistorySettings wire, String what) {
        Wire.requireKnown(wire, what);
        return new HistoryLimits(wire.getChanges(), wire.getBytes(), wire.getPrevious());
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
