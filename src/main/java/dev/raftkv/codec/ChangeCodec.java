package dev.raftkv.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.raftkv.codec.wire.ChangeKind;
import dev.raftkv.codec.wire.ChangeRecord;
import dev.raftkv.codec.wire.HistoryRecord;
import dev.raftkv.model.Change;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The store's records of what happened. */
public final class ChangeCodec {
    static final String HISTORY = "a record of the store's history";

    private ChangeCodec() {}

    /**
     * What a record holds.
     *
     * @param count of its changes
     * @param bytes that they are reckoned to take
     */
    public record Extent(long count, long bytes) {}

    /** So many first bytes of a record, or all of a shorter one, are enough for {@link #extent}. */
    public static final int EXTENT_BYTES = 22;

    /**
     * A record, written by hand because every write of a key comes here.
     *
     * @param changes of one Raft entry, in order, none left out between them
     * @param rows the row of each put as {@link RowCodec} encodes it, null for other changes
     */
    public static byte[] encode(List<Change> changes, List<byte[]> rows) {
        long bytes = changes.stream().mapToLong(Change::size).sum();
        int[] sizes = new int[changes.size()];
        int size = CodedOutputStream.computeUInt64Size(HistoryRecord.COUNT_FIELD_NUMBER, sizes.length)
                + CodedOutputStream.computeUInt64Size(HistoryRecord.BYTES_FIELD_NUMBER, bytes);
        int firstOrdinal = changes.get(0).ordinal();
        if (firstOrdinal > 0) {
            size += CodedOutputStream.computeUInt64Size(HistoryRecord.FIRST_ORDINAL_FIELD_NUMBER, firstOrdinal);
        }
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = sizeOf(changes.get(i), rows.get(i));
            size += CodedOutputStream.computeTagSize(HistoryRecord.CHANGES_FIELD_NUMBER)
                    + CodedOutputStream.computeUInt32SizeNoTag(sizes[i])
                    + sizes[i];
        }
        byte[] record = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(record);
        try {
            out.writeUInt64(HistoryRecord.COUNT_FIELD_NUMBER, sizes.length);
            out.writeUInt64(HistoryRecord.BYTES_FIELD_NUMBER, bytes);
            if (firstOrdinal > 0) {
                out.writeUInt64(HistoryRecord.FIRST_ORDINAL_FIELD_NUMBER, firstOrdinal);
            }
            for (int i = 0; i < sizes.length; i++) {
                out.writeTag(HistoryRecord.CHANGES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag(sizes[i]);
                write(out, changes.get(i), rows.get(i));
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new IllegalStateException("the computed size of a history record is wrong", e);
        }
        return record;
    }

    private static int sizeOf(Change change, byte[] row) {
        return CodedOutputStream.computeUInt64Size(ChangeRecord.REVISION_FIELD_NUMBER, change.revision())
                + CodedOutputStream.computeEnumSize(
                        ChangeRecord.KIND_FIELD_NUMBER, kind(change.kind()).getNumber())
                + CodedOutputStream.computeByteArraySize(
                        ChangeRecord.KEY_FIELD_NUMBER, change.key().utf8())
                + (row == null ? 0 : CodedOutputStream.computeByteArraySize(ChangeRecord.ROW_FIELD_NUMBER, row))
                + change.previous().map(ChangeCodec::sizeOfPrevious).orElse(0);
    }

    private static int sizeOfPrevious(Entry previous) {
        int size = RowCodec.size(previous);
        return CodedOutputStream.computeTagSize(ChangeRecord.PREVIOUS_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(size)
                + size;
    }

    private static void write(CodedOutputStream out, Change change, byte[] row) throws IOException {
        out.writeUInt64(ChangeRecord.REVISION_FIELD_NUMBER, change.revision());
        out.writeEnum(ChangeRecord.KIND_FIELD_NUMBER, kind(change.kind()).getNumber());
        out.writeByteArray(ChangeRecord.KEY_FIELD_NUMBER, change.key().utf8());
        if (row != null) {
            out.writeByteArray(ChangeRecord.ROW_FIELD_NUMBER, row);
        }
        if (change.previous().isPresent()) {
            out.writeByteArray(
                    ChangeRecord.PREVIOUS_FIELD_NUMBER,
                    RowCodec.encode(change.previous().get()));
        }
    }

    /** @param head the first {@link #EXTENT_BYTES} bytes of a record, or more */
    public static Extent extent(byte[] head) {
        CodedInputStream in = CodedInputStream.newInstance(head);
        try {
            in.readTag();
            long count = in.readUInt64();
            in.readTag();
            return new Extent(count, in.readUInt64());
        } catch (IOException e) {
            throw FormatException.damaged(HISTORY, e);
        }
    }

    static Change decode(ChangeRecord wire, int ordinal) {
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
                        : Optional.empty(),
                wire.getPrevious().isEmpty()
                        ? Optional.empty()
                        : Optional.of(RowCodec.decode(key, wire.getPrevious().toByteArray())));
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
