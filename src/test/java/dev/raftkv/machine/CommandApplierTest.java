package dev.raftkv.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Command;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Position;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Precondition.Match;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Value;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandApplierTest {
    private static final Key A = Key.of("a");
    private static final Key B = Key.of("b");
    private static final JsonText ONE = new JsonText("1".getBytes(StandardCharsets.UTF_8));
    private static final JsonText TWO = new JsonText("2".getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path directory;

    private KvStore store;

    @BeforeEach
    void open() {
        store = new KvStore(directory.resolve("kv"), new StoreSettings(4 << 20));
        store.open();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void outcomesFollowTheCommands() {
        List<Outcome> outcomes = apply(
                1,
                new Command.Put(A, ONE),
                new Command.Announce("n1", "http://h:1"),
                new Command.Put(A, TWO),
                new Command.Delete(B),
                new Command.Delete(A),
                new Command.Put(B, ONE));

        assertEquals(
                List.of(
                        new Outcome.Stored(1),
                        new Outcome.Announced(1),
                        new Outcome.Stored(2),
                        new Outcome.Removed(2, false),
                        new Outcome.Removed(3, true),
                        new Outcome.Stored(4)),
                outcomes);
    }

    @Test
    void stateIsWhatTheCommandsSay() {
        apply(1, new Command.Put(A, ONE), new Command.Put(B, ONE), new Command.Announce("n1", "http://h:1"));
        apply(2, new Command.Put(A, TWO), new Command.Delete(B));

        assertEquals(Optional.of(new Entry(A, TWO, 1, 3, 2, 0)), store.get(A));
        assertEquals(Optional.empty(), store.get(B));
        assertEquals(Optional.of("http://h:1"), store.httpAddress("n1"));
        assertEquals(new Position(1, 2, 4, 1, 0), store.position());
    }

    @Test
    void entryWithoutCommandsMovesThePosition() {
        assertEquals(List.of(), apply(7));
        assertEquals(new Position(1, 7, 0, 0, 0), store.position());
    }

    private static Counter counter(long number) {
        return new Counter(BigInteger.valueOf(number));
    }

    private static JsonText json(String text) {
        return new JsonText(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void addingCountsFromNothingAndRefusesWhatIsNoNumber() {
        String longest = "9".repeat(1000);
        assertEquals(
                List.of(
                        new Outcome.Added(1, counter(5)),
                        new Outcome.Added(2, counter(-1)),
                        new Outcome.Stored(3),
                        new Outcome.Rejected(3, Reason.NO_COUNTER, 0),
                        new Outcome.Stored(4),
                        new Outcome.Rejected(4, Reason.COUNTER_TOO_LONG, 0),
                        new Outcome.Stored(5),
                        new Outcome.Rejected(5, Reason.NO_COUNTER, 0)),
                apply(
                        1,
                        new Command.Add(A, counter(5)),
                        new Command.Add(A, counter(-6)),
                        new Command.Put(B, json("1.0")),
                        new Command.Add(B, counter(1)),
                        new Command.Put(B, json(longest)),
                        new Command.Add(B, counter(1)),
                        new Command.Put(B, json("1" + longest)),
                        new Command.Add(B, counter(-1))));
        assertEquals(Optional.of(new Entry(A, json("-1"), 1, 2, 2, 0)), store.get(A));
        assertEquals(4, store.logLevel());
    }

    @Test
    void aCounterThatIsAddedToKeepsItsTime() {
        apply(1, new Command.Put(A, ONE, 5000), new Command.Add(A, counter(1)), new Command.Add(B, counter(1)));
        assertEquals(Optional.of(new Entry(A, TWO, 1, 2, 2, 5000)), store.get(A));
        assertEquals(Optional.of(new Entry(B, ONE, 3, 3, 1, 0)), store.get(B));
    }

    @Test
    void aRepeatedRequestCountsOnceAndShowsTheSumOfThen() {
        List<Write> once = List.of(named("once", new Command.Add(A, counter(1))));
        Command two = new Command.Txn(
                List.of(), List.of(new TxnOp.Add(A, counter(1)), new TxnOp.Add(B, counter(1))), List.of());
        List<Outcome> first = apply(1, once);
        List<Outcome> both = apply(2, List.of(named("both", two)));
        apply(3, new Command.Put(A, TWO));
        assertEquals(first, apply(4, once));
        assertEquals(List.of(new Outcome.Added(1, counter(1))), first);
        assertEquals(both, apply(5, List.of(named("both", two))));
        assertEquals(Value.of(TWO), store.get(A).orElseThrow().value());
        assertEquals(3, store.revision());
    }

    @Test
    void conditionsOfACounterAreThoseOfItsKey() {
        Precondition first = new Precondition(Optional.of(Match.of(List.of(1L))), Optional.empty());
        Write write = new Write(new Command.Add(A, counter(1)), first, Optional.empty());
        assertEquals(List.of(new Outcome.Rejected(0, Reason.PRECONDITION, 0)), apply(1, List.of(write)));
        apply(2, new Command.Put(A, ONE));
        assertEquals(List.of(new Outcome.Added(2, counter(2))), apply(3, List.of(write)));
        assertEquals(List.of(new Outcome.Rejected(2, Reason.PRECONDITION, 2)), apply(4, List.of(write)));
    }

    @Test
    void aSequenceNeverUsesANameTwiceAndTakesNobodysKey() {
        Command append = new Command.Append(Prefix.of("q/"), ONE, 0);
        Key first = Key.of("q/00000000000000000001");
        Key third = Key.of("q/00000000000000000003");
        assertEquals(
                List.of(new Outcome.Stored(1), new Outcome.Removed(2, true), new Outcome.Stored(3)),
                apply(1, append, new Command.Delete(first), append));
        assertEquals(Optional.empty(), store.get(first));
        assertEquals(Optional.of(new Entry(third, ONE, 3, 3, 1, 0)), store.get(third));

        Key fifth = Key.of("q/00000000000000000005");
        assertEquals(
                List.of(new Outcome.Stored(4), new Outcome.Rejected(4, Reason.KEY_TAKEN, 0)),
                apply(2, new Command.Put(fifth, TWO), append));
        assertEquals(Value.of(TWO), store.get(fifth).orElseThrow().value());
    }

    @Test
    void whatOlderVersionsReadLeavesTheLevelOfTheLog() {
        apply(1, new Command.Put(A, ONE), new Command.Txn(List.of(), List.of(new TxnOp.Get(A)), List.of()));
        assertEquals(0, store.logLevel());
        Command adds = new Command.Txn(List.of(), List.of(), List.of(new TxnOp.Add(A, counter(1))));
        apply(2, adds);
        assertEquals(4, store.logLevel());
        store.close();
        store.open();
        assertEquals(4, store.logLevel());
    }

    /** 24 MiB were read, and 16 MiB of outcomes are remembered. */
    @Test
    void valuesThatWereReadDoNotMakeOtherRequestsForgotten() {
        byte[] digits = new byte[1 << 20];
        Arrays.fill(digits, (byte) '1');
        apply(1, new Command.Put(B, new JsonText(digits)));
        Write stored = named("stored", new Command.Put(A, ONE));
        List<Outcome> first = apply(2, List.of(stored));
        Command reads = new Command.Txn(List.of(), Collections.nCopies(7, new TxnOp.Get(B)), List.of());
        for (int i = 0; i < 4; i++) {
            apply(3 + i, List.of(named("read" + i, reads)));
        }

        assertEquals(first, apply(7, List.of(stored)));
        assertEquals(1, store.get(A).orElseThrow().version());
    }

    /** The JVM counts what this thread allocates; of a follower nobody wants to see a value. */
    @Test
    void whoFollowsReadsNoValues() {
        byte[] digits = new byte[1 << 20];
        Arrays.fill(digits, (byte) '1');
        apply(1, new Command.Put(B, new JsonText(digits)));
        Command reads = new Command.Txn(List.of(), Collections.nCopies(7, new TxnOp.Get(B)), List.of());
        List<Write> entry = List.of(Write.of(reads), named("reads", reads));

        assertTrue(allocated(() -> apply(2, entry)) > 14L << 20);
        assertTrue(allocated(() -> follow(3, List.of(Write.of(reads), named("again", reads)))) < 1 << 20);
    }

    private static long allocated(Runnable task) {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        task.run();
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    }

    private void follow(long index, List<Write> commands) {
        try (WriteTransaction transaction = store.begin(0)) {
            new CommandApplier().follow(new Batch(0, commands), 1, index, transaction);
            transaction.commit(1, index);
        }
    }

    private static Write named(String name, Command command) {
        return new Write(command, Precondition.NONE, Optional.of(new RequestId(name, "print")));
    }

    private List<Outcome> apply(long index, Command... commands) {
        return apply(index, Stream.of(commands).map(Write::of).toList());
    }

    private List<Outcome> apply(long index, List<Write> commands) {
        try (WriteTransaction transaction = store.begin(0)) {
            List<Outcome> outcomes = new CommandApplier().apply(new Batch(0, commands), 1, index, transaction);
            transaction.commit(1, index);
            return outcomes;
        }
    }
}
