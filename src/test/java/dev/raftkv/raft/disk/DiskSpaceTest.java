package dev.raftkv.raft.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Counter;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.testkit.TestConfigs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is written when the disk gets full: first no more values, then nothing. */
class DiskSpaceTest {
    private static final long LIMIT = 100 << 20;
    private static final Key KEY = Key.of("key");
    private static final JsonText VALUE = new JsonText("1".getBytes(StandardCharsets.UTF_8));

    private static final List<Command> GROWING = List.of(
            new Command.Put(KEY, VALUE),
            new Command.Txn(List.of(), List.of(new TxnOp.Put(KEY, VALUE, 0)), List.of()),
            new Command.Txn(List.of(), List.of(new TxnOp.Delete(KEY)), List.of(new TxnOp.Put(KEY, VALUE, 0))),
            new Command.Add(KEY, Counter.ZERO),
            new Command.Append(Prefix.of("q/"), VALUE, 0),
            new Command.Txn(List.of(), List.of(new TxnOp.Add(KEY, Counter.ZERO)), List.of()),
            new Command.Restore.Begin("r", 1, true, Prefix.ALL),
            new Command.Restore.Chunk("r", 0, List.of()));
    private static final List<Command> OTHERS = List.of(
            new Command.Delete(KEY),
            new Command.DeleteRange(Prefix.ALL),
            new Command.Txn(List.of(), List.of(new TxnOp.Delete(KEY)), List.of(new TxnOp.Get(KEY))),
            new Command.Txn(
                    List.of(),
                    List.of(new TxnOp.DeleteRange(Prefix.of("p"))),
                    List.of(new TxnOp.GetRange(Prefix.of("p"), 1))),
            new Command.Expire(),
            new Command.Barrier(),
            new Command.Restore.Switch("r", 1, 1, false),
            new Command.Announce("node1", "http://127.0.0.1:8080"));

    private final DiskSpace disk = new DiskSpace(
            TestConfigs.with(
                    TestConfigs.node(Path.of("/data"), "node1", 1),
                    new NodeConfig.Storage(8 << 20, LIMIT, 100, 1 << 20)),
            new PeerName("node1", new Address("127.0.0.1", 1)));

    private void assertTaken(boolean taken, List<Command> commands) {
        for (Command command : commands) {
            assertEquals(taken, disk.refusal(command).isEmpty(), command::toString);
            disk.refusal(command).ifPresent(refusal -> assertEquals(Code.NO_SPACE, refusal.code()));
        }
    }

    @Test
    void allIsTakenAboveTheLimit() {
        disk.free(LIMIT);
        assertTrue(disk.isEnough());
        assertTrue(disk.problem().isEmpty());
        assertTaken(true, GROWING);
        assertTaken(true, OTHERS);
    }

    @Test
    void removalsAreTakenBelowTheLimit() {
        for (long free : new long[] {LIMIT - 1, LIMIT / 4}) {
            disk.free(free);
            assertFalse(disk.isEnough());
            assertTrue(disk.problem().orElseThrow().contains("less than 100 MB"));
            assertTaken(false, GROWING);
            assertTaken(true, OTHERS);
        }
    }

    /** Nothing else takes away what it has brought. */
    @Test
    void aRestoreCanAlwaysBeGivenUp() {
        for (long free : new long[] {LIMIT, LIMIT - 1, LIMIT / 4 - 1, 0}) {
            disk.free(free);
            assertTaken(true, List.of(new Command.Restore.Abort("r")));
            assertEquals(free, disk.room().orElseThrow().freeBytes());
        }
    }

    @Test
    void nothingIsTakenBelowAQuarterOfTheLimit() {
        disk.free(LIMIT / 4 - 1);
        assertTaken(false, GROWING);
        assertTaken(false, OTHERS);
        disk.free(LIMIT);
        assertTaken(true, GROWING);
    }
}
