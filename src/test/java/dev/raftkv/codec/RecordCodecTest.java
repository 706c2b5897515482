package dev.raftkv.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.codec.RecordCodec.Retention;
import dev.raftkv.model.Change;
import dev.raftkv.model.Entry;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Position;
import dev.raftkv.model.Remembered;
import dev.raftkv.model.RequestId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordCodecTest {
    @Test
    void bytesOfAPositionStayTheSame() {
        Position position = new Position(3, 300, 7, 2, 0);

        assertEquals("080310ac0218072002", HexFormat.of().formatHex(RecordCodec.encodePosition(position)));
        assertEquals(position, RecordCodec.decodePosition(HexFormat.of().parseHex("080310ac0218072002")));
    }

    @Test
    void bytesOfWhatIsKeptStayTheSame() {
        Position timed = new Position(3, 300, 7, 2, 1000);
        assertEquals("080310ac021807200228e807", HexFormat.of().formatHex(RecordCodec.encodePosition(timed)));
        assertEquals(timed, RecordCodec.decodePosition(HexFormat.of().parseHex("080310ac021807200228e807")));
        Retention retention = new Retention(1, 2, 300, 4, 5, 6);
        assertEquals("0801100218ac02200428053006", HexFormat.of().formatHex(RecordCodec.encodeRetention(retention)));
        assertEquals(retention, RecordCodec.decodeRetention(HexFormat.of().parseHex("0801100218ac02200428053006")));
        Remembered remembered = new Remembered(new RequestId("r", "f"), 1000, new Outcome.Stored(5));
        assertEquals(
                "0a017212016618e807220408051200", HexFormat.of().formatHex(RecordCodec.encodeRemembered(remembered)));
        assertEquals(
                remembered, RecordCodec.decodeRemembered(HexFormat.of().parseHex("0a017212016618e807220408051200")));
    }

    @Test
    void bytesOfTheLogLevelStayTheSame() {
        assertEquals("0804", HexFormat.of().formatHex(RecordCodec.encodeLevel(4)));
        assertEquals(4, RecordCodec.decodeLevel(HexFormat.of().parseHex("0804")));
        assertThrows(
                FormatException.class,
                () -> RecordCodec.decodeLevel(HexFormat.of().parseHex("08041001")));
    }

    @Test
    void bytesOfTheHistoryStayTheSame() {
        Key key = Key.of("k");
        Entry entry = new Entry(key, new JsonText(new byte[] {'1'}), 7, 7, 1, 3000);
        List<Change> changes = List.of(
                new Change(7, 0, Change.Kind.PUT, key, Optional.of(entry)),
                new Change(7, 1, Change.Kind.DELETE, Key.of("l"), Optional.empty()),
                new Change(8, 0, Change.Kind.EXPIRE, key, Optional.empty()));
        String golden = "080310c4011a15080710011a016b220c08071007180120b8177a01311a07080710021a016c1a07080810031a016b";
        byte[] record = ChangeCodec.encode(changes, Arrays.asList(RowCodec.encode(entry), null, null));
        assertEquals(golden, HexFormat.of().formatHex(record));
        assertEquals(changes, read(golden));
        assertEquals(
                new ChangeCodec.Extent(3, 3 * 64 + 4),
                ChangeCodec.extent(Arrays.copyOf(record, ChangeCodec.EXTENT_BYTES)));
    }

    @Test
    void bytesOfWhatKeysWereBeforeStayTheSame() {
        Key key = Key.of("k");
        Entry first = new Entry(key, new JsonText(new byte[] {'1'}), 7, 7, 1, 3000);
        Entry second = new Entry(key, new JsonText(new byte[] {'2'}), 7, 9, 2, 0);
        List<Change> changes = List.of(
                new Change(9, 0, Change.Kind.PUT, key, Optional.of(second), Optional.of(first)),
                new Change(10, 0, Change.Kind.DELETE, key, Optional.empty(), Optional.of(second)));
        String golden = "08021085021a20080910011a016b22090807100918027a01322a0c08071007180120b8177a0131"
                + "1a12080a10021a016b2a090807100918027a0132";
        byte[] record = ChangeCodec.encode(changes, Arrays.asList(RowCodec.encode(second), null));
        assertEquals(golden, HexFormat.of().formatHex(record));
        assertEquals(changes, read(golden));
        assertEquals(
                new ChangeCodec.Extent(2, 4 * 64 + 5),
                ChangeCodec.extent(Arrays.copyOf(record, ChangeCodec.EXTENT_BYTES)));
    }

    @Test
    void bytesOfTheSettingsStayTheSame() {
        HistoryLimits limits = new HistoryLimits(20_000, 1 << 20);
        assertEquals("0a0808a09c0110808040", HexFormat.of().formatHex(RecordCodec.encodeSettings(limits)));
        HistoryLimits previous = new HistoryLimits(20_000, 1 << 20, true);
        String golden = "0a0a08a09c01108080401801";
        assertEquals(golden, HexFormat.of().formatHex(RecordCodec.encodeSettings(previous)));
        assertEquals(previous, RecordCodec.decodeSettings(HexFormat.of().parseHex(golden)));
    }

    @Test
    void bytesOfAPieceOfARevisionStayTheSame() {
        List<Change> piece = List.of(
                new Change(7, 300, Change.Kind.DELETE, Key.of("k"), Optional.empty()),
                new Change(7, 301, Change.Kind.DELETE, Key.of("l"), Optional.empty()),
                new Change(8, 0, Change.Kind.DELETE, Key.of("m"), Optional.empty()));
        String golden = "080310c30120ac021a07080710021a016b1a07080710021a016c1a07080810021a016d";
        byte[] record = ChangeCodec.encode(piece, Arrays.asList(null, null, null));
        assertEquals(golden, HexFormat.of().formatHex(record));
        assertEquals(piece, read(golden));
        assertEquals(
                new ChangeCodec.Extent(3, 3 * 64 + 3),
                ChangeCodec.extent(Arrays.copyOf(record, ChangeCodec.EXTENT_BYTES)));
    }

    private static List<Change> read(String hex) {
        List<Change> changes = new ArrayList<>();
        ChangeReader reader = new ChangeReader(HexFormat.of().parseHex(hex));
        while (reader.next()) {
            Change change = reader.change();
            assertEquals(reader.revision(), change.revision());
            assertEquals(reader.ordinal(), change.ordinal());
            changes.add(change);
        }
        return changes;
    }

    @Test
    void bytesOfAnAddressStayTheSame() {
        assertEquals("0a08687474703a2f2f68", HexFormat.of().formatHex(RecordCodec.encodeHttpAddress("http://h")));
        assertEquals("http://h", RecordCodec.decodeHttpAddress(HexFormat.of().parseHex("0a08687474703a2f2f68")));
    }

    @Test
    void whatIsNotKnownIsRefused() {
        assertThrows(
                FormatException.class,
                () -> RecordCodec.decodePosition(HexFormat.of().parseHex("08033001")));
        assertThrows(
                FormatException.class,
                () -> RecordCodec.decodeHttpAddress(HexFormat.of().parseHex("1001")));
        assertThrows(
                FormatException.class,
                () -> RecordCodec.decodeHttpAddress(HexFormat.of().parseHex("0a08")));
        for (String history :
                List.of("2801", "1a020801", "1a07080710051a016b", "1a09080710021a016b3001", "1a07080710021a01")) {
            assertThrows(FormatException.class, () -> read(history), history);
        }
    }
}
