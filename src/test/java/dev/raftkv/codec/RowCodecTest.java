package dev.raftkv.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.raftkv.codec.RowCodec.History;
import dev.raftkv.codec.wire.ContentKind;
import dev.raftkv.codec.wire.Row;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowCodecTest {
    private static final Key KEY = Key.of("k");
    private static final History HISTORY = new History(1, 300, 2, 0, Optional.empty(), 0, 0, true);
    private static final JsonText VALUE = new JsonText("{}".getBytes(StandardCharsets.UTF_8));
    private static final Entry ENTRY = new Entry(KEY, VALUE, 1, 300, 2, 0);
    private static final String ROW = "0801" + "10ac02" + "1802" + "7a027b7d";

    @Test
    void bytesOfARowStayTheSame() {
        assertEquals(ROW, HexFormat.of().formatHex(RowCodec.encode(ENTRY)));
        assertEquals(ENTRY, RowCodec.decode(KEY, HexFormat.of().parseHex(ROW)));
    }

    @Test
    void bytesOfARowThatExpiresStayTheSame() {
        Entry expiring = new Entry(KEY, VALUE, 1, 300, 2, 1000);
        String golden = "0801" + "10ac02" + "1802" + "20e807" + "7a027b7d";
        assertEquals(golden, HexFormat.of().formatHex(RowCodec.encode(expiring)));
        assertEquals(expiring, RowCodec.decode(KEY, HexFormat.of().parseHex(golden)));
    }

    @Test
    void bytesOfARowThatASessionHasStayTheSame() {
        UUID session = UUID.fromString("8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f");
        Entry held = new Entry(KEY, VALUE, 1, 300, 2, 0, Optional.of(new Hold(session, 299)));
        String golden =
                "0801" + "10ac02" + "1802" + "3a10" + "8215834f0ca84f9bbd8c55fbfb8b0e9f" + "40ab02" + "7a027b7d";
        assertEquals(golden, HexFormat.of().formatHex(RowCodec.encode(held)));
        assertEquals(held, RowCodec.decode(KEY, HexFormat.of().parseHex(golden)));
    }

    @Test
    void bytesOfARowOfConsulStayTheSame() {
        UUID session = UUID.fromString("8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f");
        Entry plain = new Entry(
                KEY, Value.ofBytes(new byte[] {-1}), 1, 300, 2, 0, Optional.of(new Hold(session, 299)), -2, 3);
        String golden = "0801" + "10ac02" + "1802" + "28feffffffffffffffff01" + "3003" + "3a10"
                + "8215834f0ca84f9bbd8c55fbfb8b0e9f" + "40ab02" + "4801" + "7a01ff";
        assertEquals(golden, HexFormat.of().formatHex(RowCodec.encode(plain)));
        assertEquals(plain, RowCodec.decode(KEY, HexFormat.of().parseHex(golden)));
        Entry empty = new Entry(KEY, Value.NOTHING, 1, 300, 2, 0, Optional.empty(), 0, 0);
        assertEquals(
                "0801" + "10ac02" + "1802" + "4801" + "7a00", HexFormat.of().formatHex(RowCodec.encode(empty)));
        assertEquals(empty, RowCodec.decode(KEY, RowCodec.encode(empty)));
    }

    @Test
    void handWrittenBytesAreThoseOfTheSchema() {
        Row row = Row.newBuilder()
                .setCreateRevision(1)
                .setChangeRevision(300)
                .setVersion(2)
                .setValue(ByteString.copyFrom(VALUE.utf8()))
                .build();

        assertArrayEquals(row.toByteArray(), RowCodec.encode(ENTRY));
        Row all = row.toBuilder()
                .setExpiresAt(5)
                .setFlags(6)
                .setLockIndex(7)
                .setSession(ByteString.copyFrom(SessionCodec.array(new UUID(1, 2))))
                .setToken(8)
                .setContent(ContentKind.PLAIN_BYTES)
                .build();
        Entry entry = new Entry(
                KEY, Value.ofBytes(VALUE.utf8()), 1, 300, 2, 5, Optional.of(new Hold(new UUID(1, 2), 8)), 6, 7);
        assertArrayEquals(all.toByteArray(), RowCodec.encode(entry));
    }

    @Test
    void headHoldsTheLongestHistory() {
        History longest = new History(-1, -1, -1, -1, Optional.of(new Hold(new UUID(1, 2), -1)), -1, -1, false);
        byte[] row = RowCodec.encode(longest(VALUE.utf8(), longest));

        assertEquals(longest, RowCodec.history(Arrays.copyOf(row, RowCodec.HEAD_BYTES)));
        assertEquals(VALUE.length(), RowCodec.valueLength(Arrays.copyOf(row, RowCodec.HEAD_BYTES)));
        byte[] large = RowCodec.encode(longest(new byte[1 << 24], longest));
        assertEquals(1 << 24, RowCodec.valueLength(Arrays.copyOf(large, RowCodec.HEAD_BYTES)));
        assertEquals(HISTORY, RowCodec.history(HexFormat.of().parseHex(ROW)));
    }

    private static Entry longest(byte[] value, History history) {
        return new Entry(
                KEY,
                Value.ofBytes(value),
                history.createRevision(),
                history.changeRevision(),
                history.version(),
                history.expiresAt(),
                history.hold(),
                history.flags(),
                history.lockIndex());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08011001180150057a017b",
                "08011001180148027a017b",
                "0801100118017a017b8001057a",
                "",
                "080110011801",
                "08",
                "7a057b",
                "0801100118013a10" + "8215834f0ca84f9bbd8c55fbfb8b0e9f" + "7a027b7d",
                "08011001180140017a027b7d"
            })
    void whatIsNotKnownIsRefused(String row) {
        byte[] bytes = HexFormat.of().parseHex(row);

        assertThrows(FormatException.class, () -> RowCodec.decode(KEY, bytes));
    }
}
