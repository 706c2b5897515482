package dev.raftkv.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.raftkv.codec.wire.ChangeRecord;
import dev.raftkv.codec.wire.HistoryRecord;
import dev.raftkv.model.Change;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Goes through a record that {@link ChangeCodec} has made. Only the changes that are asked for are decoded. */
public final class ChangeReader {
    private static final int COUNT = tag(HistoryRecord.COUNT_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int BYTES = tag(HistoryRecord.BYTES_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int FIRST_ORDINAL = tag(HistoryRecord.FIRST_ORDINAL_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int CHANGES = tag(HistoryRecord.CHANGES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final int REVISION = tag(ChangeRecord.REVISION_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);

    private final byte[] record;
    private final CodedInputStream in;
    private int start;
    private int length;
    private long revision;
    private int ordinal;

    public ChangeReader(byte[] record) {
        this.record = record;
        this.in = CodedInputStream.newInstance(record);
        this.ordinal = -1;
    }

    /**
     * Goes to the next change; false if there is none.
     *
     * @throws FormatException if the record is damaged or holds what this version does not know
     */
    public boolean next() {
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == CHANGES) {
                    enter();
                    return true;
                } else if (tag == FIRST_ORDINAL) {
                    ordinal = (int) in.readUInt64() - 1;
                } else if (tag == COUNT || tag == BYTES) {
                    in.readUInt64();
                } else {
                    throw FormatException.unknownContent(
                            ChangeCodec.HISTORY, "field " + WireFormat.getTagFieldNumber(tag));
                }
            }
            return false;
        } catch (IOException e) {
            throw FormatException.damaged(ChangeCodec.HISTORY, e);
        }
    }

    private void enter() throws IOException {
        length = in.readRawVarint32();
        start = in.getTotalBytesRead();
        int before = in.pushLimit(length);
        if (in.readTag() != REVISION) {
            throw FormatException.unknownContent(ChangeCodec.HISTORY, "a change without a revision");
        }
        long read = in.readUInt64();
        boolean same = read == revision || revision == 0 && ordinal >= 0;
        ordinal = same ? ordinal + 1 : 0;
        revision = read;
        in.skipRawBytes(in.getBytesUntilLimit());
        in.popLimit(before);
    }

    /** The revision of the change. */
    public long revision() {
        return revision;
    }

    /** The place of the change among those of its revision. */
    public int ordinal() {
        return ordinal;
    }

    /**
     * The change.
     *
     * @throws FormatException if it is damaged or not known to this version
     */
    public Change change() {
        ByteBuffer bytes = ByteBuffer.wrap(record, start, length);
        return ChangeCodec.decode(Wire.parse(ChangeRecord.parser(), bytes, ChangeCodec.HISTORY), ordinal);
    }

    private static int tag(int field, int wireType) {
        return field << 3 | wireType;
    }
}
