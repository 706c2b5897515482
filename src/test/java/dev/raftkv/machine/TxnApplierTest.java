package dev.raftkv.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Command;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TxnApplierTest {
    private static final Key A = Key.of("a");
    private static final Key B = Key.of("b");
    private static final JsonText ONE = new JsonText("1".getBytes(StandardCharsets.UTF_8));
    private static final Command.Txn TXN = new Command.Txn(
            List.of(), List.of(new TxnOp.Get(A), new TxnOp.Get(B), new TxnOp.Put(B, ONE, 0)), List.of());
    private static final Result STORED = new Result.Stored(B, 2, 2, 1);

    @TempDir
    Path directory;

    @Test
    void howMuchOfAReadIsInTheResultIsForThoseWhoWaitForIt() {
        assertEquals(
                List.of(
                        new Result.Fetched(A, Optional.of(new Entry(A, ONE, 1, 1, 1, 0))),
                        Result.Fetched.nothing(B),
                        STORED),
                results(Detail.VALUES));
        assertEquals(
                List.of(new Result.Seen(A, 1, 1, 1), Result.Fetched.nothing(B), STORED), results(Detail.HISTORIES));
        assertEquals(List.of(STORED), results(Detail.NOTHING));
    }

    @Test
    void aSumThatCannotBeLeavesEverythingAsItWas() {
        Counter one = new Counter(BigInteger.ONE);
        TxnOp put = new TxnOp.Put(B, new JsonText("true".getBytes(StandardCharsets.UTF_8)), 0);
        try (KvStore store = new KvStore(directory.resolve("sums"), new StoreSettings(4 << 20))) {
            store.open();
            try (WriteTransaction transaction = store.begin(0)) {
                Command.Txn refused = new Command.Txn(
                        List.of(), List.of(new TxnOp.Add(A, one), put, new TxnOp.Add(B, one)), List.of());
                assertEquals(
                        new Outcome.Rejected(0, Outcome.Reason.NO_COUNTER, 0),
                        new TxnApplier(transaction, Detail.VALUES).apply(refused));
                assertEquals(Optional.empty(), transaction.get(A));

                Command.Txn counted = new Command.Txn(
                        List.of(), List.of(new TxnOp.Add(A, one), new TxnOp.Get(A), new TxnOp.Delete(B)), List.of());
                assertEquals(
                        new Outcome.TxnDone(
                                1,
                                true,
                                List.of(
                                        new Result.Added(A, one, 1, 1, 1),
                                        new Result.Fetched(A, Optional.of(new Entry(A, ONE, 1, 1, 1, 0))),
                                        new Result.Removed(B, false))),
                        new TxnApplier(transaction, Detail.VALUES).apply(counted));
            }
        }
    }

    private List<Result> results(Detail detail) {
        try (KvStore store = new KvStore(directory.resolve(detail.name()), new StoreSettings(4 << 20))) {
            store.open();
            try (WriteTransaction transaction = store.begin(0)) {
                transaction.nextCommand();
                transaction.put(A, ONE, 0);
                transaction.nextCommand();
                return ((Outcome.TxnDone) new TxnApplier(transaction, detail).apply(TXN)).results();
            }
        }
    }
}
