package dev.raftkv.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Batch;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Command.Restore;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.ConsulSession;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.SavedKey;
import dev.raftkv.model.Session;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.model.Value;
import dev.raftkv.model.Write;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The hex strings are on the disks of users: they are never changed, only added to. */
class ConsulCodecTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final UUID ID = UUID.fromString("8215834f-0ca8-4f9b-bd8c-55fbfb8b0e9f");
    private static final Key K = Key.of("k");
    private static final Prefix P = Prefix.of("p");
    private static final Value ONE = Value.of(new JsonText("1".getBytes(StandardCharsets.UTF_8)));
    private static final ConsulSession CONSUL = new ConsulSession("n1", "15s", 15_000_000_000L, "\"C\":[]");

    static Stream<Arguments> commands() {
        return Stream.of(
                Arguments.of("080112045a020a00", new OfConsul.Open()),
                Arguments.of(
                        "080112175a1512130a016b1201ff180120ffffffffffffffffff01",
                        new OfConsul.Put(K, Value.ofBytes(new byte[] {-1}), -1, new Mode.Plain())),
                Arguments.of("0801120c5a0a12080a016b1201312800", new OfConsul.Put(K, ONE, 0, new Mode.Cas(0))),
                Arguments.of("0801120d5a0b12090a016b12013128ac02", new OfConsul.Put(K, ONE, 0, new Mode.Cas(300))),
                Arguments.of(
                        "0801121c5a1a12180a016b12013132108215834f0ca84f9bbd8c55fbfb8b0e9f",
                        new OfConsul.Put(K, ONE, 0, new Mode.Acquire(ID))),
                Arguments.of(
                        "0801121c5a1a12180a016b1201313a108215834f0ca84f9bbd8c55fbfb8b0e9f",
                        new OfConsul.Put(K, ONE, 0, new Mode.Release(ID))),
                Arguments.of("080112075a051a030a016b", new OfConsul.Delete(K, OptionalLong.empty())),
                Arguments.of("080112095a071a050a016b1000", new OfConsul.Delete(K, OptionalLong.of(0))),
                Arguments.of(
                        "080112125a101a0e0a016b10ffffffffffffffffff01", new OfConsul.Delete(K, OptionalLong.of(-1))),
                Arguments.of(
                        "0801125a5a5822560a080a060a016b1201310a0712050a016b10010a031a01700a0722050a016b10070a172a150a016b12108215834f0ca84f9bbd8c55fbfb8b0e9f0a052a030a016b0a0332016b0a053a030a016b0a034201700a021a00",
                        new OfConsul.Txn(List.of(
                                new ConsulOp.Put(K, ONE, 0, new Mode.Plain()),
                                new ConsulOp.Get(K, true),
                                new ConsulOp.GetTree(P),
                                new ConsulOp.CheckIndex(K, 7),
                                new ConsulOp.CheckSession(K, Optional.of(ID)),
                                new ConsulOp.CheckSession(K, Optional.empty()),
                                new ConsulOp.CheckNotExists(K),
                                new ConsulOp.Delete(K, OptionalLong.empty()),
                                new ConsulOp.DeleteTree(P),
                                new ConsulOp.GetTree(Prefix.ALL)))),
                Arguments.of(
                        "0801123b62390a370a108215834f0ca84f9bbd8c55fbfb8b0e9f12016e18b0ea01200228987532170a026e3112033135731880acc7f03722062243223a5b5d",
                        new OfSession.Create(ID, "n", 30_000, Behavior.RELEASE, CONSUL)),
                Arguments.of(
                        "0801121d421b0a01721a16080312120a016b1001180220013001380540037a01ff",
                        new Restore.Chunk(
                                "r", 3, List.of(new SavedKey(K, Value.ofBytes(new byte[] {-1}), 1, 2, 1, 0, 5, 3)))));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void bytesOfCommandsStayTheSame(String hex, Command command) {
        Write write = Write.of(command);
        assertEquals(hex, HEX.formatHex(CommandCodec.entry(0, List.of(CommandCodec.encode(write)))));
        assertEquals(new Batch(0, List.of(write)), CommandCodec.decode(ByteBuffer.wrap(HEX.parseHex(hex))));
        assertEquals(OfConsul.LEVEL, command.logLevel());
    }

    @Test
    void bytesOfASessionStayTheSame() {
        Session session = new Session(ID, "n", 30_000, Behavior.RELEASE, 15_000, 3, 4, Optional.of(CONSUL));
        String hex = "0a016e10b0ea011802209875280330043a170a026e3112033135731880acc7f03722062243223a5b5d";
        assertEquals(hex, HEX.formatHex(SessionCodec.encode(session)));
        assertEquals(session, SessionCodec.decode(ID, HEX.parseHex(hex)));
    }

    @ParameterizedTest
    @CsvSource({
        "a step that is not set, 080112025a00",
        "a step of another number, 080112045a022a00",
        "a field of an opening, 080112065a040a020801",
        "a field of a put, 0801120c5a0a12080a016b1201314001",
        "a kind of value, 0801120c5a0a12080a016b1201311802",
        "a field of a removal, 080112095a071a050a016b1801",
        "an operation that is not set, 080112065a0422020a00",
        "an operation of another number, 080112085a0622040a024a00",
        "a field of a transaction, 080112065a0422021001",
        "a field of a read, 0801120d5a0b22090a0712050a016b1801",
        "a field of a session, 0801121c621a0a180a108215834f0ca84f9bbd8c55fbfb8b0e9f200232022801"
    })
    void whatANewerVersionAddsIsRefused(String what, String entry) {
        ByteBuffer bytes = ByteBuffer.wrap(HEX.parseHex(entry));
        String message = assertThrows(FormatException.class, () -> CommandCodec.decode(bytes))
                .getMessage();

        assertTrue(message.contains("newer version"), what + ": " + message);
    }

    @Test
    void aCommandHasNoName() {
        Optional<RequestId> id = Optional.of(new RequestId("r", "f"));

        assertThrows(IllegalArgumentException.class, () -> new Write(new OfConsul.Open(), Precondition.NONE, id));
    }
}
