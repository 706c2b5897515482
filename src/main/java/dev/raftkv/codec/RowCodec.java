package dev.raftkv.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.raftkv.codec.wire.ContentKind;
import dev.raftkv.codec.wire.Row;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Value;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/**
 * A row of the store: message {@code Row} of the schema, written and read by hand because every read of a key comes here.
 * Decoding copies the value once and makes no other object of its size.
 */
public final class RowCodec {
    /** So many first bytes of a row, or all of a shorter one, are enough for {@link #history} and {@link #valueLength}. */
    public static final int HEAD_BYTES = 103;

    /** Tag, length and id. */
    private static final int SESSION_BYTES = 2 + SessionCodec.ID_BYTES;

    /** Tag and kind, of a value that is no JSON text. */
    private static final int CONTENT_BYTES = 2;

    private static final String ROW = "a row of the store";
    private static final int CREATE_REVISION_TAG = tag(Row.CREATE_REVISION_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int CHANGE_REVISION_TAG = tag(Row.CHANGE_REVISION_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int VERSION_TAG = tag(Row.VERSION_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int EXPIRES_AT_TAG = tag(Row.EXPIRES_AT_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int FLAGS_TAG = tag(Row.FLAGS_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int LOCK_INDEX_TAG = tag(Row.LOCK_INDEX_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int SESSION_TAG = tag(Row.SESSION_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final int TOKEN_TAG = tag(Row.TOKEN_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int CONTENT_TAG = tag(Row.CONTENT_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int VALUE_TAG = tag(Row.VALUE_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);

    private RowCodec() {}

    /**
     * When and how often a key was changed, and what else is known of it without its value; the fields are those of {@link Entry}.
     *
     * @param isJson whether its value is a JSON text
     */
    public record History(
            long createRevision,
            long changeRevision,
            long version,
            long expiresAt,
            Optional<Hold> hold,
            long flags,
            long lockIndex,
            boolean isJson) {
        private static History of(Entry entry) {
            return new History(
                    entry.createRevision(),
                    entry.changeRevision(),
                    entry.version(),
                    entry.expiresAt(),
                    entry.hold(),
                    entry.flags(),
                    entry.lockIndex(),
                    entry.value().isJson());
        }
    }

    public static byte[] encode(Entry entry) {
        History history = History.of(entry);
        byte[] value = entry.value().bytes();
        byte[] row = new byte[sizeOf(history, value)];
        CodedOutputStream out = CodedOutputStream.newInstance(row);
        try {
            out.writeUInt64(Row.CREATE_REVISION_FIELD_NUMBER, history.createRevision());
            out.writeUInt64(Row.CHANGE_REVISION_FIELD_NUMBER, history.changeRevision());
            out.writeUInt64(Row.VERSION_FIELD_NUMBER, history.version());
            if (history.expiresAt() != 0) {
                out.writeUInt64(Row.EXPIRES_AT_FIELD_NUMBER, history.expiresAt());
            }
            if (history.flags() != 0) {
                out.writeUInt64(Row.FLAGS_FIELD_NUMBER, history.flags());
            }
            if (history.lockIndex() != 0) {
                out.writeUInt64(Row.LOCK_INDEX_FIELD_NUMBER, history.lockIndex());
            }
            if (history.hold().isPresent()) {
                Hold hold = history.hold().get();
                out.writeByteArray(Row.SESSION_FIELD_NUMBER, SessionCodec.array(hold.session()));
                out.writeUInt64(Row.TOKEN_FIELD_NUMBER, hold.token());
            }
            if (!history.isJson()) {
                out.writeEnum(Row.CONTENT_FIELD_NUMBER, ContentKind.PLAIN_BYTES_VALUE);
            }
            out.writeByteArray(Row.VALUE_FIELD_NUMBER, value);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new IllegalStateException("the computed size of a row is wrong", e);
        }
        return row;
    }

    /** The length of {@link #encode}. */
    static int size(Entry entry) {
        return sizeOf(History.of(entry), entry.value().bytes());
    }

    private static int sizeOf(History history, byte[] value) {
        return CodedOutputStream.computeUInt64Size(Row.CREATE_REVISION_FIELD_NUMBER, history.createRevision())
                + CodedOutputStream.computeUInt64Size(Row.CHANGE_REVISION_FIELD_NUMBER, history.changeRevision())
                + CodedOutputStream.computeUInt64Size(Row.VERSION_FIELD_NUMBER, history.version())
                + sizeOf(Row.EXPIRES_AT_FIELD_NUMBER, history.expiresAt())
                + sizeOf(Row.FLAGS_FIELD_NUMBER, history.flags())
                + sizeOf(Row.LOCK_INDEX_FIELD_NUMBER, history.lockIndex())
                + history.hold()
                        .map(hold -> SESSION_BYTES
                                + CodedOutputStream.computeUInt64Size(Row.TOKEN_FIELD_NUMBER, hold.token()))
                        .orElse(0)
                + (history.isJson() ? 0 : CONTENT_BYTES)
                + CodedOutputStream.computeByteArraySize(Row.VALUE_FIELD_NUMBER, value);
    }

    private static int sizeOf(int field, long number) {
        return number == 0 ? 0 : CodedOutputStream.computeUInt64Size(field, number);
    }

    /**
     * The entry that a row stands for.
     *
     * @throws FormatException if the row is damaged or holds a field that this version does not know
     */
    public static Entry decode(Key key, byte[] row) {
        CodedInputStream in = CodedInputStream.newInstance(row);
        try {
            History history = readHistory(in);
            if (in.getLastTag() != VALUE_TAG) {
                throw FormatException.unknownContent(ROW, "field " + WireFormat.getTagFieldNumber(in.getLastTag()));
            }
            byte[] value = in.readByteArray();
            if (!in.isAtEnd()) {
                throw FormatException.unknownContent(ROW, "a field");
            }
            return new Entry(
                    key,
                    history.isJson() ? Value.of(new JsonText(value)) : Value.ofBytes(value),
                    history.createRevision(),
                    history.changeRevision(),
                    history.version(),
                    history.expiresAt(),
                    history.hold(),
                    history.flags(),
                    history.lockIndex());
        } catch (IOException e) {
            throw FormatException.damaged(ROW, e);
        }
    }

    /**
     * A row's history, without its value.
     *
     * @param head the first {@link #HEAD_BYTES} bytes of a row, or more
     */
    public static History history(byte[] head) {
        try {
            return readHistory(CodedInputStream.newInstance(head));
        } catch (IOException e) {
            throw FormatException.damaged(ROW, e);
        }
    }

    /**
     * How many bytes a row's value has.
     *
     * @param head the first {@link #HEAD_BYTES} bytes of a row, or more
     */
    public static int valueLength(byte[] head) {
        CodedInputStream in = CodedInputStream.newInstance(head);
        try {
            readHistory(in);
            return in.readRawVarint32();
        } catch (IOException e) {
            throw FormatException.damaged(ROW, e);
        }
    }

    /** Reads the fields of the history and the tag of the field that follows them. */
    private static History readHistory(CodedInputStream in) throws IOException {
        long createRevision = 0;
        long changeRevision = 0;
        long version = 0;
        long expiresAt = 0;
        long flags = 0;
        long lockIndex = 0;
        UUID session = null;
        long token = 0;
        boolean isJson = true;
        for (int tag = in.readTag(); ; tag = in.readTag()) {
            if (tag == CREATE_REVISION_TAG) {
                createRevision = in.readUInt64();
            } else if (tag == CHANGE_REVISION_TAG) {
                changeRevision = in.readUInt64();
            } else if (tag == VERSION_TAG) {
                version = in.readUInt64();
            } else if (tag == EXPIRES_AT_TAG) {
                expiresAt = in.readUInt64();
            } else if (tag == FLAGS_TAG) {
                flags = in.readUInt64();
            } else if (tag == LOCK_INDEX_TAG) {
                lockIndex = in.readUInt64();
            } else if (tag == SESSION_TAG) {
                session = SessionCodec.id(in.readByteArray());
            } else if (tag == TOKEN_TAG) {
                token = in.readUInt64();
            } else if (tag == CONTENT_TAG) {
                isJson = isJson(in.readEnum());
            } else {
                return new History(
                        createRevision,
                        changeRevision,
                        version,
                        expiresAt,
                        hold(session, token),
                        flags,
                        lockIndex,
                        isJson);
            }
        }
    }

    private static boolean isJson(int kind) {
        if (kind != ContentKind.PLAIN_BYTES_VALUE) {
            throw FormatException.unknownContent(ROW, "a kind of value");
        }
        return false;
    }

    private static Optional<Hold> hold(UUID session, long token) {
        // A revision that is made up here would be another one at members that have the true one.
        if ((session == null) != (token == 0)) {
            throw FormatException.unknownContent(ROW, "a session without a token");
        }
        return session == null ? Optional.empty() : Optional.of(new Hold(session, token));
    }

    private static int tag(int field, int wireType) {
        return field << 3 | wireType;
    }
}
