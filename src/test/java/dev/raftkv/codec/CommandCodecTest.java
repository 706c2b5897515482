package dev.raftkv.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Batch;
import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.Counter;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Precondition.Match;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.SavedKey;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The hex strings are on the disks of users: they are never changed, only added to. */
class CommandCodecTest {
    private static final Write PUT = put("k", "1");
    private static final Write DELETE = Write.of(new Command.Delete(Key.of("k")));
    private static final Write ANNOUNCE = Write.of(new Command.Announce("n1", "http://h"));

    private static final String PUT_ENTRY = "0801" + "12080a060a016b120131";
    private static final String DELETE_ENTRY = "0801" + "120512030a016b";
    private static final String ANNOUNCE_ENTRY = "0801" + "12101a0e0a026e311208687474703a2f2f68";
    private static final String ALL_ENTRY =
            "0801" + "12080a060a016b120131" + "120512030a016b" + "12101a0e0a026e311208687474703a2f2f68";

    @Test
    void bytesOfEachCommandStayTheSame() {
        assertBytes(PUT_ENTRY, List.of(PUT));
        assertBytes(DELETE_ENTRY, List.of(DELETE));
        assertBytes(ANNOUNCE_ENTRY, List.of(ANNOUNCE));
    }

    static Stream<Arguments> coordination() {
        Key k = Key.of("k");
        JsonText one = new JsonText("1".getBytes(StandardCharsets.UTF_8));
        Precondition precondition = new Precondition(Optional.of(Match.of(List.of(5L, 300L))), Optional.of(Match.ANY));
        Optional<RequestId> id = Optional.of(new RequestId("r", "f"));
        List<TxnOp> operations = List.of(new TxnOp.Put(k, one, 2000), new TxnOp.Get(k), new TxnOp.Delete(k));
        List<Compare> compares = List.of(
                new Compare.Existence(k, true),
                new Compare.Value(k, one, false),
                new Compare.Revision(k, Compare.Operator.LESS, 7),
                new Compare.Version(k, Compare.Operator.GREATER, 1));
        return Stream.of(
                Arguments.of("0801120b0a090a016b12013118d00f18e807", Write.of(new Command.Put(k, one, 2000))),
                Arguments.of(
                        "0801121f0a060a016b12013182010b0a05120305ac02120208018a01060a017212016618e807",
                        new Write(new Command.Put(k, one), precondition, id)),
                Arguments.of("0801120522030a016b18e807", Write.of(new Command.DeleteRange(Prefix.of("k")))),
                Arguments.of(
                        "080112402a3e0a050a016b10010a080a016b1a013130010a070a016b200730020a070a016b28013003120b0a090a016b12013118d00f120512030a016b12051a030a016b18e807",
                        Write.of(new Command.Txn(compares, operations, List.of()))),
                Arguments.of(
                        "080112142a07120512030a016b8a01080a0172120166180118e807",
                        new Write(
                                new Command.Txn(List.of(), List.of(new TxnOp.Get(k)), List.of()),
                                Precondition.NONE,
                                id)),
                Arguments.of(
                        "080112122a07120512030a016b8a01060a017212016618e807",
                        new Write(
                                new Command.Txn(List.of(), List.of(new TxnOp.Get(k)), List.of()),
                                Precondition.NONE,
                                id,
                                true)),
                Arguments.of("08011202320018e807", Write.of(new Command.Expire())),
                Arguments.of(
                        "0801120e420c0a01721207080910011a017018e807",
                        Write.of(new Command.Restore.Begin("r", 9, true, Prefix.of("p")))),
                Arguments.of(
                        "0801121a42180a01721a130803120f0a016b10011802200128d00f7a013118e807",
                        Write.of(new Command.Restore.Chunk("r", 3, List.of(new SavedKey(k, one, 1, 2, 1, 2000))))),
                Arguments.of(
                        "0801120c420a0a01722205080410ac0218e807",
                        Write.of(new Command.Restore.Switch("r", 4, 300, false))),
                Arguments.of(
                        "0801120e420c0a01722207080410ac02180118e807",
                        Write.of(new Command.Restore.Switch("r", 4, 300, true))),
                Arguments.of("0801120742050a01722a0018e807", Write.of(new Command.Restore.Abort("r"))),
                Arguments.of("080112084a060a016b12010518e807", Write.of(new Command.Add(k, counter(5)))),
                Arguments.of(
                        "080112114a0f0a016b120a00ffffffffffffffffff18e807",
                        Write.of(new Command.Add(
                                k, new Counter(BigInteger.ONE.shiftLeft(72).subtract(BigInteger.ONE))))),
                Arguments.of(
                        "0801120b52090a017012013118d00f18e807",
                        Write.of(new Command.Append(Prefix.of("p"), one, 2000))),
                Arguments.of(
                        "0801120c2a0a120822060a016b1201ff18e807",
                        Write.of(new Command.Txn(List.of(), List.of(new TxnOp.Add(k, counter(-1))), List.of()))),
                Arguments.of(
                        "080112282a260a0830043a017040ac020a06200730053a0012072a050a0170100512022a001a0532030a017018e807",
                        Write.of(new Command.Txn(
                                List.of(
                                        new Compare.Count(Prefix.of("p"), Compare.Operator.AT_MOST, 300),
                                        new Compare.Revisions(Prefix.ALL, Compare.Operator.AT_LEAST, 7)),
                                List.of(
                                        new TxnOp.GetRange(Prefix.of("p"), 5),
                                        new TxnOp.GetRange(Prefix.ALL, TxnOp.GetRange.ALL)),
                                List.of(new TxnOp.DeleteRange(Prefix.of("p")))))),
                Arguments.of(
                        "0801120c720a0a0808a09c011080804018e807",
                        Write.of(new Command.Settings(new HistoryLimits(20_000, 1 << 20)))),
                Arguments.of(
                        "0801120e720c0a0a08a09c0110808040180118e807",
                        Write.of(new Command.Settings(new HistoryLimits(20_000, 1 << 20, true)))),
                Arguments.of(
                        "0801127c2a7a0a170a016b30014a10000000000000000100000000000000020a050a016b4a000a070a016b30055007121a3a180a016b1201311a1000000000000000010000000000000002121a42180a016b1201311a100000000000000001000000000000000212174a150a016b12100000000000000001000000000000000218e807",
                        Write.of(new Command.Txn(
                                List.of(
                                        new Compare.Holder(k, Optional.of(new UUID(1, 2)), false),
                                        new Compare.Holder(k, Optional.empty(), true),
                                        new Compare.Token(k, Compare.Operator.AT_LEAST, 7)),
                                List.of(
                                        new TxnOp.Take(k, one, new UUID(1, 2)),
                                        new TxnOp.Release(k, one, new UUID(1, 2)),
                                        new TxnOp.DeleteHeld(k, new UUID(1, 2))),
                                List.of()))),
                Arguments.of("080112023a0018e807", Write.of(new Command.Barrier())));
    }

    private static Counter counter(long number) {
        return new Counter(BigInteger.valueOf(number));
    }

    @Test
    void aNumberThatIsNoneOrTooLongIsDamage() {
        assertTrue(refusal("080112054a030a016b").contains("damaged"));
        String tooLong = "7f" + "ff".repeat(420);
        assertTrue(refusal("080112ae034aab030a016b12a503" + tooLong).contains("damaged"));
    }

    @ParameterizedTest
    @MethodSource("coordination")
    void bytesOfWhatServicesCoordinateWithStayTheSame(String golden, Write write) {
        Batch batch = new Batch(1000, List.of(write));
        assertEquals(golden, HexFormat.of().formatHex(encode(batch)));
        assertEquals(batch, CommandCodec.decode(ByteBuffer.wrap(HexFormat.of().parseHex(golden))));
    }

    @Test
    void commandsKeepTheirOrder() {
        assertBytes(ALL_ENTRY, List.of(PUT, DELETE, ANNOUNCE));
    }

    @Test
    void entryWithoutCommandsIsValid() {
        assertBytes("0801", List.of());
    }

    @Test
    void textsAreKeptByteForByte() {
        List<Write> commands = List.of(put("clé/☃", "{ \"b\": 1.10, \"a\": 1e400, \"u\": \"é\" }"));

        assertEquals(new Batch(0, commands), CommandCodec.decode(ByteBuffer.wrap(encode(new Batch(0, commands)))));
    }

    @Test
    void decodesWhatABufferHoldsBetweenPositionAndLimit() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64);
        buffer.put((byte) 99).put(HexFormat.of().parseHex(PUT_ENTRY)).put((byte) 99);
        buffer.flip().position(1).limit(buffer.limit() - 1);

        assertEquals(new Batch(0, List.of(PUT)), CommandCodec.decode(buffer.asReadOnlyBuffer()));
    }

    @Test
    void decodedCommandsDoNotShareTheBuffersMemory() {
        byte[] entry = HexFormat.of().parseHex(PUT_ENTRY);
        Batch decoded = CommandCodec.decode(ByteBuffer.wrap(entry));
        Arrays.fill(entry, (byte) 0);

        assertEquals(new Batch(0, List.of(PUT)), decoded);
    }

    @Test
    void otherFormatIsRefusedByItsNumber() {
        String message = refusal("0802" + PUT_ENTRY.substring(4));

        assertTrue(message.contains("format 2") && message.contains("update this node"), message);
        assertTrue(refusal("").contains("format 0"));
    }

    @ParameterizedTest
    @CsvSource({
        "a kind of command that has no number, 08011200",
        "a kind of command, 080112024200",
        "a field of the entry, 08012001",
        "a field beside the kind, 0801120b0a060a016b120131800100",
        "a field of a put, 0801120a0a080a016b1201312001",
        "a field of a delete, 0801120712050a016b1801",
        "a field of an announcement, 080112061a040a002001",
        "a value for a prefix, 0801120a2a080a063a01701a0131",
        "a time for a prefix, 080112092a070a053a01702801",
        "a count for a key, 080112092a070a050a016b4001",
        "a prefix without a target, 080112072a050a033a0170",
        "a field of a read of a range, 0801120b2a0912072a050a01701801",
    })
    void whatANewerVersionAddsIsRefused(String what, String entry) {
        String message = refusal(entry);

        assertTrue(message.contains("newer version"), what + ": " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"08", "0801120a0a060a016b1201", "ffffffff", "0801120508"})
    void damagedEntryIsRefused(String entry) {
        String message = refusal(entry);

        assertTrue(message.contains("damaged"), message);
    }

    @Test
    void theSizeOfAnEntryIsThatOfItsCommandsAndALittleMore() {
        String longText = "\u20ac".repeat(340);
        List<byte[]> commands = Stream.of(
                        PUT,
                        DELETE,
                        ANNOUNCE,
                        put(longText, "\"" + "x".repeat(3 << 20) + "\""),
                        Write.of(new Command.Delete(Key.of(longText))),
                        Write.of(new Command.Announce(longText, longText)))
                .map(CommandCodec::encode)
                .toList();
        int commandBytes = commands.stream().mapToInt(CommandCodec::sizeInEntry).sum();
        for (long time : new long[] {0, 1, Long.MAX_VALUE, -1}) {
            int more = CommandCodec.entry(time, commands).length - commandBytes;
            assertTrue(0 < more && more <= CommandCodec.ENTRY_BYTES, () -> time + " takes " + more);
        }
    }

    private static void assertBytes(String hex, List<Write> commands) {
        Batch batch = new Batch(0, commands);
        assertEquals(hex, HexFormat.of().formatHex(encode(batch)));
        assertEquals(batch, CommandCodec.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex))));
    }

    private static byte[] encode(Batch batch) {
        return CommandCodec.entry(
                batch.time(), batch.writes().stream().map(CommandCodec::encode).toList());
    }

    private static String refusal(String entry) {
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(entry));
        return assertThrows(FormatException.class, () -> CommandCodec.decode(bytes))
                .getMessage();
    }

    private static Write put(String key, String value) {
        return Write.of(new Command.Put(Key.of(key), new JsonText(value.getBytes(StandardCharsets.UTF_8))));
    }
}
