package dev.raftkv.codec;

import dev.raftkv.codec.wire.ChangeKind;
import dev.raftkv.codec.wire.ChangeRecord;
import dev.raftkv.codec.wire.HistoryRecord;
import dev.raftkv.model.Change;
import dev.raftkv.model.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The store's records of what happened. */
public final class ChangeCodec {
    private static final String HISTORY = "a record of the store's history";

    private ChangeCodec() {}

    /** @param changes those of one Raft entry, all of them, in order */
    public static byte[] encode(List<Change> changes) {
        HistoryRecord.Builder wire = HistoryRecord.newBuilder();
        for (Change change : changes) {
            ChangeRecord.Builder record = ChangeRecord.newBuilder()
                    .setRevision(change.revision())
                    .setKind(kind(change.kind()))
                    .setKey(Wire.wrap(change.key().utf8()));
            change.entry().ifPresent(entry -> record.setRow(Wire.wrap(RowCodec.encode(entry))));
            wire.addChanges(record);
        }
        return wire.build().toByteArray();
    }

    /** @throws FormatException if the record is damaged or holds what this version does not know */
    public static List<Change> decode(byte[] record) {
        HistoryRecord wire = Wire.parseKnown(HistoryRecord.parser(), record, HISTORY);
        List<Change> changes = new ArrayList<>(wire.getChangesCount());
        long revision = 0;
        int ordinal = 0;
        for (ChangeRecord change : wire.getChangesList()) {
            ordinal = change.getRevision() == revision ? ordinal + 1 : 0;
            revision = change.getRevision();
            changes.add(decode(change, ordinal));
        }
        return changes;
    }

    private static Change decode(ChangeRecord wire, int ordinal) {
        Wire.requireKnown(wire, HISTORY);
        Key key = Key.ofUtf8(wire.getKey().toByteArray());
        Change.Kind kind = kind(wire.getKind());
        return new Change(
                wire.getRevision(),
                ordinal,
                kind,
                key,
                kind == Change.Kind.PUT
                        ? Optional.of(RowCodec.decode(key, wire.getRow().toByteArray()))
                        : Optional.empty());
    }

    private static ChangeKind kind(Change.Kind kind) {
        return switch (kind) {
            case PUT -> ChangeKind.PUT;
            case DELETE -> ChangeKind.DELETE;
            case EXPIRE -> ChangeKind.EXPIRE;
        };
    }

    private static Change.Kind kind(ChangeKind wire) {
        return switch (wire) {
            case PUT -> Change.Kind.PUT;
            case DELETE -> Change.Kind.DELETE;
            case EXPIRE -> Change.Kind.EXPIRE;
            case UNKNOWN_CHANGE, UNRECOGNIZED -> throw FormatException.unknownContent(HISTORY, "a kind of change");
        };
    }
}
