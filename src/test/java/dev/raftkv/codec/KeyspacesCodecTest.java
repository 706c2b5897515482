package dev.raftkv.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.codec.RecordCodec.Keyspaces;
import dev.raftkv.codec.RecordCodec.Stage;
import dev.raftkv.model.Prefix;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The hex strings are on the disks of users: they are never changed, only added to. */
class KeyspacesCodecTest {
    private static void assertBytes(String golden, Keyspaces keyspaces) {
        assertEquals(golden, HexFormat.of().formatHex(RecordCodec.encodeKeyspaces(keyspaces)));
        assertEquals(keyspaces, RecordCodec.decodeKeyspaces(HexFormat.of().parseHex(golden)));
    }

    @Test
    void bytesStayTheSame() {
        assertBytes("", Keyspaces.FIRST);
        assertBytes("0802103918e8072002", new Keyspaces(2, 57, 1000, 2, Optional.empty()));
        assertBytes(
                "0802103918e80720032a17080312017218092001" + "2a0170300438ac0240882748e807",
                new Keyspaces(
                        2, 57, 1000, 3, Optional.of(new Stage(3, "r", 9, true, Prefix.of("p"), 4, 300, 5000, 1000))));
    }

    @Test
    void aFieldOfALaterVersionIsRefused() {
        assertThrows(
                FormatException.class,
                () -> RecordCodec.decodeKeyspaces(HexFormat.of().parseHex("5001")));
        assertThrows(
                FormatException.class,
                () -> RecordCodec.decodeKeyspaces(HexFormat.of().parseHex("2a027801")));
    }
}
