package dev.raftkv.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.model.Position;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class RecordCodecTest {
    @Test
    void bytesOfAPositionStayTheSame() {
        Position position = new Position(3, 300, 7, 2, 0);

        assertEquals("080310ac0218072002", HexFormat.of().formatHex(RecordCodec.encodePosition(position)));
        assertEquals(position, RecordCodec.decodePosition(HexFormat.of().parseHex("080310ac0218072002")));
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
    }
}
