package dev.raftkv.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.codec.SessionCodec.Total;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Session;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.model.Write;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The hex strings are on the disks of users: they are never changed, only added to. */
class SessionCodecTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final UUID ID = UUID.fromString("8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f");
    private static final String ID_BYTES = "8215834f0ca84f9bbd8c55fbfb8b0e9f";

    static Stream<Arguments> commands() {
        return Stream.of(
                Arguments.of(
                        "0801" + "1221" + "621f" + "0a1d" + "0a10" + ID_BYTES + "12016e" + "189875" + "2002" + "28d00f",
                        new OfSession.Create(ID, "n", 15_000, Behavior.RELEASE, 2_000)),
                Arguments.of(
                        "0801" + "1218" + "6216" + "1214" + "0a10" + ID_BYTES + "1007",
                        new OfSession.End(List.of(ID), 7)),
                Arguments.of(
                        "0801" + "121c" + "621a" + "1a18" + "0a016b" + "120131" + "1a10" + ID_BYTES,
                        new OfSession.Put(Key.of("k"), new JsonText("1".getBytes(StandardCharsets.UTF_8)), ID)),
                Arguments.of(
                        "0801" + "121c" + "621a" + "2218" + "0a016b" + "120131" + "1a10" + ID_BYTES,
                        new OfSession.Release(Key.of("k"), new JsonText("1".getBytes(StandardCharsets.UTF_8)), ID)),
                Arguments.of(
                        "0801" + "1219" + "6217" + "2a15" + "0a016b" + "1210" + ID_BYTES,
                        new OfSession.Delete(Key.of("k"), ID)),
                Arguments.of(
                        "0801" + "121f" + "621d" + "321b" + "0a02702f" + "1003" + "1a0131" + "2210" + ID_BYTES,
                        new OfSession.Slot(
                                Prefix.of("p/"), 3, new JsonText("1".getBytes(StandardCharsets.UTF_8)), ID)));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void bytesOfCommandsStayTheSame(String hex, OfSession command) {
        Write write = Write.of(command);
        assertEquals(hex, HEX.formatHex(CommandCodec.entry(0, List.of(CommandCodec.encode(write)))));
        assertEquals(new Batch(0, List.of(write)), CommandCodec.decode(ByteBuffer.wrap(HEX.parseHex(hex))));
    }

    @Test
    void bytesOfRecordsStayTheSame() {
        Session session = new Session(ID, "n", 15_000, Behavior.DELETE, 2_000, 3, 4);
        String hex = "0a016e" + "109875" + "1801" + "20d00f" + "2803" + "3004";
        assertEquals(hex, HEX.formatHex(SessionCodec.encode(session)));
        assertEquals(session, SessionCodec.decode(ID, HEX.parseHex(hex)));
        assertEquals("08021003", HEX.formatHex(SessionCodec.encode(new Total(2, 3))));
        assertEquals(new Total(2, 3), SessionCodec.decodeTotal(HEX.parseHex("08021003")));
    }

    @Test
    void bytesOfOutcomesStayTheSame() {
        assertOutcome("0805" + "6212" + "0a10" + ID_BYTES, new Outcome.SessionMade(5, ID));
        assertOutcome("0805" + "6a02" + "0802", new Outcome.SessionsEnded(5, 2));
        assertOutcome("0805" + "7214" + "0a10" + ID_BYTES + "1003", new Outcome.Held(5, new Hold(ID, 3)));
        assertOutcome(
                "0805" + "7217" + "0a10" + ID_BYTES + "1003" + "1a016b",
                new Outcome.Held(5, new Hold(ID, 3), Optional.of(Key.of("k"))));
        assertOutcome("0805" + "4202" + "081a", new Outcome.Rejected(5, Outcome.Reason.NO_SLOT, 0));
        assertOutcome("0805" + "4202" + "0819", new Outcome.Rejected(5, Outcome.Reason.NOT_HELD, 0));
        assertOutcome("0805" + "4202" + "0816", new Outcome.Rejected(5, Outcome.Reason.OTHER_SESSION, 0));
    }

    private static void assertOutcome(String hex, Outcome outcome) {
        assertEquals(hex, HEX.formatHex(OutcomeCodec.encode(outcome).toByteArray()));
    }

    @Test
    void whatIsNotKnownIsRefused() {
        assertThrows(FormatException.class, () -> SessionCodec.decode(ID, HEX.parseHex("3801")));
        assertThrows(FormatException.class, () -> SessionCodec.decode(ID, HEX.parseHex("1803")));
        assertThrows(FormatException.class, () -> SessionCodec.decodeTotal(HEX.parseHex("1801")));
        assertThrows(FormatException.class, () -> SessionCodec.id(new byte[15]));
        assertThrows(
                FormatException.class,
                () -> CommandCodec.decode(ByteBuffer.wrap(HEX.parseHex("0801" + "1202" + "6200"))));
    }
}
