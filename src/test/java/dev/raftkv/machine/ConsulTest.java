package dev.raftkv.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Batch;
import dev.raftkv.model.Change;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.ConsulError;
import dev.raftkv.model.ConsulError.Kind;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.ConsulResult;
import dev.raftkv.model.ConsulSession;
import dev.raftkv.model.Counter;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.SavedKey;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Value;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Consul's interface writes. */
class ConsulTest {
    private static final long TERM = 5;
    private static final UUID S = new UUID(1, 1);
    private static final UUID T = new UUID(2, 2);
    private static final UUID NOBODY = new UUID(0, 0);
    private static final Key A = Key.of("a");
    private static final Key B = Key.of("b");
    private static final Value ONE = Value.of(json("1"));
    private static final Value PLAIN = Value.ofBytes("pg1".getBytes(StandardCharsets.UTF_8));
    private static final Mode ALWAYS = new Mode.Plain();

    @TempDir
    Path directory;

    private KvStore store;
    private long time = 1_000;

    @BeforeEach
    void open() {
        store = new KvStore(directory.resolve("kv"), new StoreSettings(4 << 20));
        store.open();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static JsonText json(String text) {
        return new JsonText(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<Outcome> apply(Command... commands) {
        List<Write> writes = Stream.of(commands).map(Write::of).toList();
        long index = store.position().index() + 1;
        try (WriteTransaction transaction = store.begin(time)) {
            List<Outcome> outcomes = new CommandApplier().apply(new Batch(time, writes), TERM, index, transaction);
            transaction.commit(TERM, index);
            return outcomes;
        }
    }

    private Outcome one(Command command) {
        return apply(command).get(0);
    }

    private static OfConsul.Put put(Key key, Value value, Mode mode) {
        return new OfConsul.Put(key, value, 0, mode);
    }

    private boolean isDone(Command command) {
        Outcome.Done done = (Outcome.Done) one(command);
        assertEquals(store.revision(), done.revision());
        return done.done();
    }

    private Entry entry(Key key) {
        return store.get(key).orElseThrow();
    }

    private void begin(UUID id, Behavior behavior, long lockDelayNanos) {
        ConsulSession more = new ConsulSession("node1", "15.0s", lockDelayNanos, "\"NodeChecks\":[]");
        one(new OfSession.Create(id, "demo", 30_000, behavior, more));
    }

    private Outcome.ConsulDone txn(ConsulOp... operations) {
        return (Outcome.ConsulDone) one(new OfConsul.Txn(List.of(operations)));
    }

    private static ConsulOp.Put set(Key key, Value value) {
        return new ConsulOp.Put(key, value, 0, ALWAYS);
    }

    @Test
    void aValueIsStoredWithItsFlagsAndReplacesThoseOfBefore() {
        assertTrue(isDone(new OfConsul.Put(A, PLAIN, -1, ALWAYS)));
        assertEquals(new Entry(A, PLAIN, 1, 1, 1, 0, Optional.empty(), -1, 0), entry(A));
        assertTrue(isDone(put(A, ONE, ALWAYS)));
        assertEquals(new Entry(A, ONE, 1, 2, 2, 0, Optional.empty(), 0, 0), entry(A));
        assertEquals(12, store.logLevel());
    }

    @Test
    void whatIsThereAlreadyIsNotStoredAgain() {
        begin(S, Behavior.RELEASE, 0);
        assertTrue(isDone(put(A, PLAIN, new Mode.Acquire(S))));
        for (Mode mode : List.of(ALWAYS, new Mode.Cas(1), new Mode.Acquire(S))) {
            assertTrue(isDone(put(A, PLAIN, mode)), mode.toString());
            assertEquals(1, store.revision(), mode.toString());
        }
        assertEquals(1, store.changes(Cursor.after(0), 10).size());
        assertTrue(isDone(new OfConsul.Put(A, PLAIN, 7, ALWAYS)));
        assertTrue(isDone(new OfConsul.Put(A, Value.ofBytes(new byte[] {1}), 7, ALWAYS)));
        assertTrue(isDone(new OfConsul.Put(A, Value.of(new JsonText(new byte[] {1})), 7, ALWAYS)));
        assertEquals(4, store.revision());
    }

    @Test
    void nativeWritesCountEachTimeAndKeepFlagsAndTurns() {
        begin(S, Behavior.RELEASE, 0);
        one(new OfConsul.Put(A, PLAIN, 9, new Mode.Acquire(S)));
        one(new Command.Put(A, json("2"), 500));
        one(new Command.Put(A, json("2"), 500));
        assertEquals(new Entry(A, Value.of(json("2")), 1, 3, 3, 1_500, Optional.of(new Hold(S, 1)), 9, 1), entry(A));
        // It does not expire any more, which is a change.
        assertTrue(isDone(new OfConsul.Put(A, Value.of(json("2")), 9, ALWAYS)));
        assertEquals(0, entry(A).expiresAt());
        assertEquals(4, store.revision());
    }

    @Test
    void aValueIsStoredIfTheRevisionIsThatOfTheKey() {
        assertEquals(false, isDone(put(A, ONE, new Mode.Cas(1))));
        assertEquals(false, isDone(put(A, ONE, new Mode.Cas(-1))));
        assertTrue(isDone(put(A, ONE, new Mode.Cas(0))));
        assertEquals(false, isDone(put(A, PLAIN, new Mode.Cas(0))));
        assertTrue(isDone(put(A, PLAIN, new Mode.Cas(1))));
        assertEquals(2, entry(A).changeRevision());
    }

    @Test
    void aKeyIsRemovedIfTheRevisionIsThatOfTheKeyOrItIsNotThere() {
        assertTrue(isDone(new OfConsul.Delete(A, OptionalLong.of(7))));
        assertTrue(isDone(new OfConsul.Delete(A, OptionalLong.empty())));
        one(put(A, ONE, ALWAYS));
        assertEquals(false, isDone(new OfConsul.Delete(A, OptionalLong.of(7))));
        assertTrue(isDone(new OfConsul.Delete(A, OptionalLong.of(1))));
        assertEquals(Optional.empty(), store.get(A));
        assertEquals(2, store.revision());
    }

    @Test
    void aSessionAcquiresWhatNobodyHasAndEachTurnIsCounted() {
        begin(S, Behavior.RELEASE, 0);
        begin(T, Behavior.RELEASE, 0);
        assertEquals(new Outcome.Rejected(0, Reason.NO_SUCH_SESSION, 0), one(put(A, ONE, new Mode.Acquire(NOBODY))));
        assertTrue(isDone(put(A, ONE, new Mode.Acquire(S))));
        assertEquals(new Entry(A, ONE, 1, 1, 1, 0, Optional.of(new Hold(S, 1)), 0, 1), entry(A));
        assertEquals(false, isDone(put(A, PLAIN, new Mode.Acquire(T))));
        assertEquals(false, isDone(put(A, PLAIN, new Mode.Release(T))));
        assertEquals(false, isDone(put(A, PLAIN, new Mode.Release(NOBODY))));
        assertTrue(isDone(put(A, PLAIN, new Mode.Acquire(S))));
        assertEquals(new Entry(A, PLAIN, 1, 2, 2, 0, Optional.of(new Hold(S, 1)), 0, 1), entry(A));
        assertTrue(isDone(new OfConsul.Put(A, ONE, 3, new Mode.Release(S))));
        assertEquals(new Entry(A, ONE, 1, 3, 3, 0, Optional.empty(), 3, 1), entry(A));
        assertEquals(0, store.session(S).orElseThrow().keys());
        assertTrue(isDone(put(A, ONE, new Mode.Acquire(T))));
        assertEquals(new Entry(A, ONE, 1, 4, 4, 0, Optional.of(new Hold(T, 4)), 0, 2), entry(A));
        one(new OfConsul.Delete(A, OptionalLong.empty()));
        assertTrue(isDone(put(A, ONE, new Mode.Acquire(S))));
        assertEquals(1, entry(A).lockIndex());
    }

    @Test
    void nativeSessionsTakeTurnsThatCountFromTheFirstCommandOfConsulOn() {
        apply(new OfSession.Create(S, "", 15_000, Behavior.RELEASE, 0), new OfSession.Put(A, json("1"), S));
        assertEquals(0, entry(A).lockIndex());
        apply(new OfConsul.Open(), new OfSession.Put(A, json("1"), S));
        assertEquals(0, entry(A).lockIndex());
        apply(
                new OfSession.Release(A, json("1"), S),
                new OfSession.Put(A, json("1"), S),
                new OfSession.Release(A, json("1"), S),
                new Command.Txn(List.of(), List.of(new TxnOp.Take(A, json("1"), S)), List.of()),
                new OfSession.Slot(Prefix.of("p"), 1, json("1"), S));
        assertEquals(2, entry(A).lockIndex());
        assertEquals(1, entry(Key.of("p001")).lockIndex());
    }

    @Test
    void whoeverHasHadAKeyKeepsItFromOthersForALittle() {
        begin(S, Behavior.RELEASE, 10_000_001);
        begin(T, Behavior.RELEASE, 0);
        assertEquals(11, store.session(S).orElseThrow().lockDelayMillis());
        one(put(A, ONE, new Mode.Acquire(S)));
        one(new OfSession.End(List.of(S), 0));
        assertEquals(Optional.empty(), entry(A).hold());
        assertEquals(false, isDone(put(A, ONE, new Mode.Acquire(T))));
        assertEquals(
                List.of(new ConsulError(0, Kind.LOCK_DELAY)),
                txn(new ConsulOp.Put(A, ONE, 0, new Mode.Acquire(T))).errors());
        time += 10;
        assertEquals(false, isDone(put(A, ONE, new Mode.Acquire(T))));
        time += 1;
        assertTrue(isDone(put(A, ONE, new Mode.Acquire(T))));
        assertEquals(2, entry(A).lockIndex());
    }

    @Test
    void aLockDelayIsAMinuteAtMostAndAllOfItIsKept() {
        begin(S, Behavior.RELEASE, Long.MAX_VALUE);
        begin(T, Behavior.DELETE, 0);
        assertEquals(60_000, store.session(S).orElseThrow().lockDelayMillis());
        assertEquals(0, store.session(T).orElseThrow().lockDelayMillis());
        ConsulSession kept = store.session(S).orElseThrow().consul().orElseThrow();
        assertEquals(new ConsulSession("node1", "15.0s", Long.MAX_VALUE, "\"NodeChecks\":[]"), kept);
        one(put(A, ONE, new Mode.Acquire(S)));
        assertEquals(kept, store.session(S).orElseThrow().consul().orElseThrow());
        assertEquals(1, store.session(S).orElseThrow().keys());
    }

    @Test
    void whatASessionHadGoesWithItAndIsKnownToBeGone() {
        begin(S, Behavior.DELETE, 0);
        one(put(A, ONE, new Mode.Acquire(S)));
        one(put(B, ONE, new Mode.Acquire(S)));
        one(new OfSession.End(List.of(S), TERM));
        assertEquals(
                List.of(
                        new Change(3, 0, Change.Kind.EXPIRE, A, Optional.empty()),
                        new Change(3, 1, Change.Kind.EXPIRE, B, Optional.empty())),
                store.changes(Cursor.after(2), 10));
        assertEquals(3, store.removedAt(A));
        assertEquals(3, store.lastChange(Prefix.of("b"), Long.MAX_VALUE));
    }

    @Test
    void bytesAreNoNumbersAndEqualNoJson() {
        one(put(A, Value.ofBytes("1".getBytes(StandardCharsets.UTF_8)), ALWAYS));
        assertEquals(
                new Outcome.Rejected(1, Reason.NO_COUNTER, 0), one(new Command.Add(A, new Counter(BigInteger.ONE))));
        one(put(A, ONE, ALWAYS));
        assertEquals(
                new Outcome.Added(3, new Counter(BigInteger.TWO)),
                one(new Command.Add(A, new Counter(BigInteger.ONE))));
    }

    @Test
    void operationsSeeThoseBeforeThemAndMakeOneChange() {
        one(put(B, ONE, ALWAYS));
        Outcome.ConsulDone done = txn(
                new ConsulOp.CheckNotExists(A),
                set(A, ONE),
                new ConsulOp.CheckIndex(A, 2),
                new ConsulOp.Put(A, PLAIN, 5, new Mode.Cas(2)),
                new ConsulOp.Get(A, false),
                new ConsulOp.GetTree(Prefix.ALL),
                new ConsulOp.Delete(B, OptionalLong.of(1)),
                new ConsulOp.Get(B, true),
                set(B, PLAIN));
        Entry first = new Entry(A, ONE, 2, 2, 1, 0, Optional.empty(), 0, 0);
        Entry second = new Entry(A, PLAIN, 2, 2, 1, 0, Optional.empty(), 5, 0);
        Entry old = new Entry(B, ONE, 1, 1, 1, 0, Optional.empty(), 0, 0);
        Entry anew = new Entry(B, PLAIN, 2, 2, 1, 0, Optional.empty(), 0, 0);
        assertEquals(
                List.of(
                        new ConsulResult(A, Optional.of(first), false),
                        new ConsulResult(A, Optional.of(first), false),
                        new ConsulResult(A, Optional.of(second), false),
                        new ConsulResult(A, Optional.of(second), true),
                        new ConsulResult(A, Optional.of(second), true),
                        new ConsulResult(B, Optional.of(old), true),
                        new ConsulResult(B, Optional.empty(), true),
                        new ConsulResult(B, Optional.of(anew), false)),
                done.results());
        assertEquals(2, done.revision());
        assertEquals(
                List.of(
                        new Change(2, 0, Change.Kind.PUT, A, Optional.of(second)),
                        new Change(2, 1, Change.Kind.DELETE, B, Optional.empty()),
                        new Change(2, 2, Change.Kind.PUT, B, Optional.of(anew))),
                store.changes(Cursor.after(1), 10));
        assertEquals(second, entry(A));
        assertEquals(anew, entry(B));
        assertEquals(2, store.position().keys());
    }

    @Test
    void eachOperationThatCannotBeIsToldAndNothingIsDone() {
        begin(S, Behavior.RELEASE, 0);
        begin(T, Behavior.RELEASE, 0);
        one(put(B, ONE, new Mode.Acquire(S)));
        Outcome.ConsulDone done = txn(
                set(A, ONE),
                new ConsulOp.Put(A, ONE, 0, new Mode.Cas(0)),
                new ConsulOp.Put(B, ONE, 0, new Mode.Acquire(T)),
                new ConsulOp.Put(B, ONE, 0, new Mode.Acquire(NOBODY)),
                new ConsulOp.Put(B, ONE, 0, new Mode.Release(T)),
                new ConsulOp.Get(Key.of("c"), false),
                new ConsulOp.CheckIndex(B, 7),
                new ConsulOp.CheckIndex(Key.of("c"), 7),
                new ConsulOp.CheckSession(B, Optional.of(T)),
                new ConsulOp.CheckSession(A, Optional.of(T)),
                new ConsulOp.CheckSession(Key.of("c"), Optional.empty()),
                new ConsulOp.CheckSession(A, Optional.empty()),
                new ConsulOp.CheckNotExists(B),
                new ConsulOp.Delete(B, OptionalLong.of(7)));
        assertEquals(
                List.of(
                        new ConsulError(1, Kind.STALE),
                        new ConsulError(2, Kind.HELD),
                        new ConsulError(3, Kind.NO_SUCH_SESSION),
                        new ConsulError(4, Kind.NOT_HELD),
                        new ConsulError(5, Kind.NO_KEY),
                        new ConsulError(6, Kind.OTHER_REVISION, 1, Optional.empty()),
                        new ConsulError(7, Kind.NO_KEY),
                        new ConsulError(8, Kind.OTHER_SESSION, 0, Optional.of(S)),
                        new ConsulError(9, Kind.OTHER_SESSION, 0, Optional.empty()),
                        new ConsulError(10, Kind.NO_KEY),
                        new ConsulError(12, Kind.KEY_THERE),
                        new ConsulError(13, Kind.STALE)),
                done.errors());
        assertEquals(List.of(), done.results());
        assertEquals(1, store.revision());
        assertEquals(Optional.empty(), store.get(A));
    }

    @Test
    void aKeyChangesHandsWithinATransaction() {
        begin(S, Behavior.RELEASE, 0);
        begin(T, Behavior.RELEASE, 0);
        one(put(A, ONE, new Mode.Acquire(S)));
        Outcome.ConsulDone done = txn(
                new ConsulOp.Put(A, ONE, 0, new Mode.Release(S)),
                new ConsulOp.Put(A, PLAIN, 0, new Mode.Acquire(T)),
                new ConsulOp.CheckSession(A, Optional.of(T)),
                new ConsulOp.Put(B, ONE, 0, new Mode.Acquire(S)),
                new ConsulOp.Delete(B, OptionalLong.empty()));
        assertEquals(List.of(), done.errors());
        assertEquals(new Entry(A, PLAIN, 1, 2, 2, 0, Optional.of(new Hold(T, 2)), 0, 2), entry(A));
        assertEquals(0, store.session(S).orElseThrow().keys());
        assertEquals(1, store.session(T).orElseThrow().keys());
        assertEquals(Optional.empty(), store.get(B));
    }

    @Test
    void treesAreReadAndRemovedAsTheyAreThen() {
        for (String key : List.of("p/1", "p/2", "q")) {
            one(put(Key.of(key), ONE, ALWAYS));
        }
        Outcome.ConsulDone done = txn(
                set(Key.of("p/3"), PLAIN),
                new ConsulOp.Delete(Key.of("p/1"), OptionalLong.empty()),
                new ConsulOp.GetTree(Prefix.of("p/")),
                new ConsulOp.DeleteTree(Prefix.of("p/")),
                new ConsulOp.GetTree(Prefix.ALL),
                set(Key.of("p/2"), PLAIN));
        assertEquals(
                List.of("p/3", "p/2", "p/3", "q", "p/2"),
                done.results().stream().map(result -> result.key().text()).toList());
        assertEquals(
                List.of("p/1 DELETE", "p/2 DELETE", "p/2 PUT"),
                store.changes(Cursor.after(3), 10).stream()
                        .map(change -> change.key() + " " + change.kind())
                        .toList());
        assertEquals(4, entry(Key.of("p/2")).createRevision());
        assertEquals(4, store.removedAt(Key.of("p/1")));
        assertEquals(0, store.removedAt(Key.of("p/2")));
    }

    @Test
    void aTransactionReadsNoMoreThanOneAnswerHolds() {
        Value large = Value.ofBytes(new byte[1 << 20]);
        List<ConsulOp> reads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            one(put(Key.of("k" + i), large, ALWAYS));
            reads.add(new ConsulOp.Get(Key.of("k" + i), false));
        }
        Outcome tooMuch = new Outcome.Rejected(8, Reason.RESULT_TOO_LARGE, 0);
        assertEquals(tooMuch, one(new OfConsul.Txn(reads)));
        assertEquals(tooMuch, one(new OfConsul.Txn(List.of(new ConsulOp.GetTree(Prefix.of("k"))))));
        assertEquals(
                7,
                ((Outcome.ConsulDone) one(new OfConsul.Txn(reads.subList(0, 7))))
                        .results()
                        .size());
    }

    @Test
    void noMoreKeysAreRemovedThanInOneCommand() {
        List<Command> puts = new ArrayList<>();
        IntStream.range(0, Command.DeleteRange.MOST_KEYS + 1)
                .forEach(i -> puts.add(new Command.Put(Key.of("p" + i), json("1"))));
        apply(puts.toArray(new Command[0]));
        long before = store.revision();
        assertEquals(
                new Outcome.Rejected(before, Reason.RANGE_TOO_LARGE, 0),
                one(new OfConsul.Txn(List.of(new ConsulOp.DeleteTree(Prefix.of("p"))))));
        one(new OfConsul.Delete(Key.of("p0"), OptionalLong.empty()));
        assertEquals(List.of(), txn(new ConsulOp.DeleteTree(Prefix.of("p"))).errors());
        assertEquals(0, store.position().keys());
        // Each of them is known to be gone; two times fifty thousand are as many as are kept.
        assertEquals(before + 1, store.removedAt(Key.of("p0")));
        assertEquals(before + 2, store.removedAt(Key.of("p1")));
        one(put(A, ONE, ALWAYS));
        one(new OfConsul.Delete(A, OptionalLong.empty()));
    }

    @Test
    void removalsAreKnownFromTheFirstCommandOfConsulOn() {
        apply(new Command.Put(A, json("1")), new Command.Put(B, json("1")));
        one(new Command.Delete(A));
        assertEquals(0, store.removedAt(A));
        assertEquals(new Outcome.Passed(3, 3), one(new OfConsul.Open()));
        one(new Command.Delete(B));
        assertEquals(4, store.removedAt(B));
        one(new Command.Put(B, json("1")));
        assertEquals(0, store.removedAt(B));
        apply(new Command.Put(A, json("1"), 10), new Command.Put(Key.of("a/1"), json("1")));
        time += 10;
        one(new Command.Expire());
        assertEquals(8, store.removedAt(A));
        one(new Command.DeleteRange(Prefix.of("a")));
        assertEquals(9, store.removedAt(Key.of("a/1")));
        assertEquals(9, store.lastChange(Prefix.of("a"), Long.MAX_VALUE));
        assertEquals(8, store.lastChange(Prefix.of("a"), 8));
        assertEquals(9, store.lastRemoval(Prefix.ALL, Long.MAX_VALUE));
        assertEquals(5, store.lastChange(Prefix.of("b"), Long.MAX_VALUE));
        assertEquals(0, store.lastChange(Prefix.of("c"), Long.MAX_VALUE));
    }

    @Test
    void aRestoreOfAllKnowsOfNoRemovals() {
        apply(new OfConsul.Put(A, ONE, 0, ALWAYS), new OfConsul.Delete(A, OptionalLong.empty()));
        assertEquals(2, store.removedAt(A));
        SavedKey saved = new SavedKey(B, PLAIN, 3, 4, 2, 0, 7, 5);
        apply(
                new Command.Restore.Begin("r", 9, true, Prefix.ALL),
                new Command.Restore.Chunk("r", 0, List.of(saved)),
                new OfConsul.Put(Key.of("c"), ONE, 0, ALWAYS),
                new OfConsul.Delete(Key.of("c"), OptionalLong.empty()),
                new Command.Restore.Switch("r", 1, 1, false));
        assertEquals(0, store.removedAt(A));
        assertEquals(0, store.lastRemoval(Prefix.ALL, Long.MAX_VALUE));
        assertEquals(new Entry(B, PLAIN, 3, 4, 2, 0, Optional.empty(), 7, 5), entry(B));
        one(new OfConsul.Delete(B, OptionalLong.empty()));
        assertEquals(11, store.removedAt(B));
    }

    @Test
    void whatALeaderKnewIsKnownAfterARestart() {
        begin(S, Behavior.RELEASE, 5_000_000);
        one(new OfConsul.Put(A, PLAIN, 3, new Mode.Acquire(S)));
        apply(new OfConsul.Put(B, ONE, 0, ALWAYS), new OfConsul.Delete(B, OptionalLong.empty()));
        Entry before = entry(A);
        store.close();
        store.open();
        assertEquals(before, entry(A));
        assertEquals(3, store.removedAt(B));
        assertEquals(12, store.logLevel());
        assertEquals(
                "15.0s", store.session(S).orElseThrow().consul().orElseThrow().ttl());
    }

    @Test
    void removalsAreForgottenWhenTheyAreOld() {
        for (int i = 0; i < 5; i++) {
            Key key = Key.of("old" + i);
            apply(new OfConsul.Put(key, ONE, 0, ALWAYS), new OfConsul.Delete(key, OptionalLong.empty()));
        }
        time += 15 * 60_000;
        one(put(A, ONE, ALWAYS));
        one(new OfConsul.Delete(A, OptionalLong.empty()));
        assertEquals(2, store.removedAt(Key.of("old0")));
        time += 1;
        // Nothing is removed, so nothing is forgotten.
        one(put(A, ONE, ALWAYS));
        assertEquals(2, store.removedAt(Key.of("old0")));
        one(new OfConsul.Delete(A, OptionalLong.empty()));
        assertEquals(0, store.removedAt(Key.of("old0")));
        assertEquals(0, store.removedAt(Key.of("old1")));
        assertEquals(6, store.removedAt(Key.of("old2")));
        one(new Command.Expire());
        assertEquals(0, store.removedAt(Key.of("old4")));
        assertEquals(store.revision(), store.removedAt(A));
    }
}
