package dev.raftkv.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.machine.CommandApplier;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Counter;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is reckoned must never be less than what is read: the entry would not fit into memory. */
class ReadSizeTest {
    private static final int LONG = 1 << 20;
    private static final TxnOp LONG_ONE = new TxnOp.Get(Key.of("long"));
    private static final TxnOp ABSENT = new TxnOp.Get(Key.of("absent"));

    @TempDir
    Path directory;

    private KvStore store;

    @BeforeEach
    void open() {
        store = new KvStore(directory.resolve("kv"), new StoreSettings(4 << 20));
        store.open();
        byte[] digits = new byte[LONG];
        Arrays.fill(digits, (byte) '1');
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.nextCommand();
            transaction.put(Key.of("long"), new JsonText(digits), 0);
            transaction.commit(1, 1);
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static Write txn(List<TxnOp> then, List<TxnOp> otherwise) {
        return Write.of(new Command.Txn(List.of(), then, otherwise));
    }

    private long of(Write write, long written) {
        return new ReadSize(() -> store).of(write, written);
    }

    @Test
    void whatReadsNothingHasNoResult() {
        assertEquals(0, of(Write.of(new Command.Delete(Key.of("long"))), LONG));
        assertEquals(0, of(txn(List.of(new TxnOp.Delete(Key.of("long"))), List.of()), LONG));
    }

    @Test
    void aValueCountsWithItsLengthAndWhateverIsSaidOfIt() {
        long one = of(txn(List.of(LONG_ONE), List.of()), 0);
        assertTrue(one > LONG && one < LONG + 1000, () -> one + " bytes");
        long absent = of(txn(List.of(ABSENT), List.of()), 0);
        assertTrue(absent > 0 && absent < 1000, () -> absent + " bytes");
    }

    /** A small one may become long, and 128 of them have an answer that is much longer than the request. */
    @Test
    void aSumCountsWithTheMostThatItMayHave() {
        long one = of(txn(List.of(new TxnOp.Add(Key.of("n"), Counter.ZERO)), List.of()), 0);
        assertTrue(one > Counter.MAX_BYTES && one < Counter.MAX_BYTES + 1000, () -> one + " bytes");
        assertEquals(0, of(Write.of(new Command.Add(Key.of("n"), Counter.ZERO)), LONG));
    }

    /** Which keys it will find is not known: those before it in the entry may remove some, and others come in their place. */
    @Test
    void aRangeCountsWithTheMostThatItMayHave() {
        TxnOp range = new TxnOp.GetRange(Prefix.of("none"), 1);
        assertEquals(TxnOp.GetRange.MOST_BYTES, of(txn(List.of(range, range), List.of()), 0));
        long both = of(txn(List.of(range, LONG_ONE), List.of()), 0);
        assertTrue(both > TxnOp.GetRange.MOST_BYTES + LONG, () -> both + " bytes");
    }

    @Test
    void theLargerBranchCounts() {
        long one = of(txn(List.of(LONG_ONE), List.of()), 0);
        assertEquals(one, of(txn(List.of(ABSENT), List.of(LONG_ONE)), 0));
    }

    /** A command before it in the same entry may have stored the key that it reads. */
    @Test
    void anAbsentKeyMayBeWrittenBefore() {
        assertTrue(of(txn(List.of(ABSENT), List.of()), LONG) > LONG);
    }

    @Test
    void itIsNeverMoreThanATransactionMayRead() {
        assertEquals(CommandApplier.MAX_RESULT_BYTES, of(txn(Collections.nCopies(20, LONG_ONE), List.of()), 0));
    }

    @Test
    void aNodeThatServesNothingReckonsWithTheMost() {
        ReadSize size = new ReadSize(() -> {
            throw new KvException(Code.UNAVAILABLE, "it serves nothing");
        });
        assertEquals(CommandApplier.MAX_RESULT_BYTES, size.of(txn(List.of(LONG_ONE), List.of()), 0));
    }
}
