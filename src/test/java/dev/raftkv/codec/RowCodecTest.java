package dev.raftkv.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.raftkv.codec.RowCodec.History;
import dev.raftkv.codec.wire.Row;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
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
    private static final History HISTORY = new History(1, 300, 2, 0);
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
    void handWrittenBytesAreThoseOfTheSchema() {
        Row row = Row.newBuilder()
                .setCreateRevision(1)
                .setChangeRevision(300)
                .setVersion(2)
                .setValue(ByteString.copyFrom(VALUE.utf8()))
                .build();

        assertArrayEquals(row.toByteArray(), RowCodec.encode(ENTRY));
    }

    @Test
    void headHoldsTheLongestHistory() {
        History longest = new History(Long.MAX_VALUE, -1, -1, -1, Optional.of(new Hold(new UUID(1, 2), -1)));
        byte[] row = RowCodec.encode(new Entry(KEY, VALUE, Long.MAX_VALUE, -1, -1, -1, longest.hold()));

        assertEquals(longest, RowCodec.history(Arrays.copyOf(row, RowCodec.HEAD_BYTES)));
        assertEquals(VALUE.length(), RowCodec.valueLength(Arrays.copyOf(row, RowCodec.HEAD_BYTES)));
        byte[] large = RowCodec.encode(
                new Entry(KEY, new JsonText(new byte[1 << 24]), Long.MAX_VALUE, -1, -1, -1, longest.hold()));
        assertEquals(1 << 24, RowCodec.valueLength(Arrays.copyOf(large, RowCodec.HEAD_BYTES)));
        assertEquals(HISTORY, RowCodec.history(HexFormat.of().parseHex(ROW)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08011001180128057a017b",
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
