package dev.raftkv.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.raft.ratis.RaftErrors;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class GroupCommitTest {
    private static final long READ = 1000;
    private static final long RESULTS = 10 * READ;
    private static final long ANSWERS = 15 * READ;

    /** An entry that was handed to the log, which ends when the test says so. */
    private record Appended(List<Write> commands, CompletableFuture<List<Outcome>> applied) {
        void apply() {
            applied.complete(IntStream.range(0, commands.size())
                    .<Outcome>mapToObj(i -> new Outcome.Removed(i + 1, true))
                    .toList());
        }
    }

    private final BlockingQueue<Appended> log = new LinkedBlockingQueue<>();
    private final WriteMeter meter = new WriteMeter("test", Duration.ofMillis(200));
    private final AtomicLong unsent = new AtomicLong();
    private final AtomicReference<Error> throwing = new AtomicReference<>();

    /** No entry can be made of it. */
    private final AtomicReference<Write> poison = new AtomicReference<>();

    private Executor answers = Runnable::run;
    private boolean appliesAtOnce;
    private volatile boolean ready = true;

    /** Who has handed the last entry to the log. */
    private volatile Thread appender;

    private GroupCommit commit;

    @AfterEach
    void close() {
        commit.close();
    }

    private void open(int commands, Duration timeout) {
        GroupCommit.Limits limits = new GroupCommit.Limits(1 << 20, commands, 1 << 20, RESULTS, ANSWERS, timeout);
        commit = new GroupCommit(
                task -> new Thread(task, "test-commit"),
                limits,
                (write, written) -> resultSize(write),
                unsent::get,
                entry -> {
                    Error error = throwing.getAndSet(null);
                    if (error != null) {
                        throw error;
                    }
                    Appended appended =
                            new Appended(entry.stream().map(EncodedWrite::write).toList(), new CompletableFuture<>());
                    // Before the test can see the entry.
                    appender = Thread.currentThread();
                    if (appliesAtOnce) {
                        appended.apply();
                    } else {
                        log.add(appended);
                    }
                    return appended.applied;
                },
                () -> ready,
                answers,
                meter);
        commit.start();
    }

    private long resultSize(Write write) {
        if (write.equals(poison.get())) {
            throw new IllegalStateException("for this test");
        }
        return write.command() instanceof Command.Txn txn ? txn.then().size() * READ : 0;
    }

    private static Write delete(int i) {
        return Write.of(new Command.Delete(Key.of("k" + i)));
    }

    private static Write range(String prefix) {
        return Write.of(new Command.DeleteRange(Prefix.of(prefix)));
    }

    /** Looks at so many keys, or at one more, and reads none. */
    private static Write count(int keys) {
        Compare compare = new Compare.Count(Prefix.of("p"), Compare.Operator.LESS, keys);
        return Write.of(new Command.Txn(List.of(compare), List.of(new TxnOp.Delete(Key.of("k"))), List.of()));
    }

    /** It reads so many keys. */
    private static Write read(int keys) {
        return Write.of(new Command.Txn(List.of(), Collections.nCopies(keys, new TxnOp.Get(Key.of("k"))), List.of()));
    }

    private Appended appended() throws InterruptedException {
        Appended entry = log.poll(5, TimeUnit.SECONDS);
        assertTrue(entry != null, "no entry was cut within 5 s");
        return entry;
    }

    private static Code failure(CompletableFuture<Outcome> write) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> write.get(5, TimeUnit.SECONDS));
        return assertInstanceOf(KvException.class, e.getCause()).code();
    }

    @Test
    void aWriteCountsAsPendingBeforeItIsAskedWhetherWritesAreForbidden() {
        open(100, Duration.ofSeconds(10));
        AtomicBoolean idle = new AtomicBoolean(true);
        CompletableFuture<Outcome> write = commit.write(delete(1), () -> {
            idle.set(commit.isIdle());
            return Optional.of(RaftErrors.unavailable("forbidden", null));
        });
        assertEquals(Code.UNAVAILABLE, failure(write));
        assertFalse(idle.get());
        assertTrue(commit.isIdle());
        assertTrue(log.isEmpty());
    }

    @Test
    void aLoneWriteIsAnEntryAtOnce() throws Exception {
        open(100, Duration.ofSeconds(10));
        CompletableFuture<Outcome> write = commit.write(delete(1));
        appended().apply();
        assertEquals(new Outcome.Removed(1, true), write.get(5, TimeUnit.SECONDS));
        assertTrue(commit.isIdle());
    }

    @Test
    void whatWaitsWhileEntriesAreInFlightIsOneEntryInOrder() throws Exception {
        open(100, Duration.ofSeconds(10));
        commit.write(delete(1));
        Appended first = appended();
        List<CompletableFuture<Outcome>> waiting =
                IntStream.range(2, 52).mapToObj(i -> commit.write(delete(i))).toList();
        assertTrue(log.isEmpty());
        first.apply();
        Appended second = appended();
        assertEquals(IntStream.range(2, 52).mapToObj(GroupCommitTest::delete).toList(), second.commands);
        second.apply();
        assertEquals(new Outcome.Removed(50, true), waiting.get(49).get(5, TimeUnit.SECONDS));
    }

    @Test
    void aLightWriteThatIsAloneIsAppendedByItsCallerAndAnsweredByWhoHasAppliedIt() throws Exception {
        answers = task -> fail("it has a thread of its own");
        open(100, Duration.ofSeconds(10));
        CompletableFuture<Outcome> write = commit.write(delete(1), Optional::empty);
        assertEquals(Thread.currentThread(), appender);
        Appended entry = log.remove();
        assertFalse(write.isDone());
        entry.apply();
        assertEquals(new Outcome.Removed(1, true), write.join());
        assertTrue(commit.isIdle());
    }

    @Test
    void whatWouldWaitOrIsLongToAnswerIsAppendedByTheCutter() throws Exception {
        open(100, Duration.ofSeconds(10));
        Write large = Write.of(new Command.Put(
                Key.of("k"), new JsonText(("\"" + "x".repeat(5000) + "\"").getBytes(StandardCharsets.UTF_8)), 0));
        for (Write write : List.of(read(1), range("a"), count(1), Write.of(new Command.Barrier()), large)) {
            commit.write(write, Optional::empty);
            appended().apply();
            assertNotEquals(Thread.currentThread(), appender);
        }
        ready = false;
        commit.write(delete(1), Optional::empty);
        appended().apply();
        assertNotEquals(Thread.currentThread(), appender);
    }

    @Test
    void nobodyOvertakesWhoWaits() throws Exception {
        open(100, Duration.ofSeconds(10));
        commit.write(delete(1), Optional::empty);
        Appended first = log.remove();
        commit.write(delete(2), Optional::empty);
        commit.write(delete(3), Optional::empty);
        assertTrue(log.isEmpty());
        first.apply();
        assertEquals(List.of(delete(2), delete(3)), appended().commands);
        assertNotEquals(Thread.currentThread(), appender);
    }

    @Test
    void aFailureIsNeverToldByWhoAppends() throws Exception {
        AtomicReference<Runnable> told = new AtomicReference<>();
        answers = told::set;
        open(100, Duration.ofSeconds(10));
        throwing.set(new AssertionError("for this test"));
        CompletableFuture<Outcome> write = commit.write(delete(1), Optional::empty);
        assertFalse(write.isDone());
        told.get().run();
        assertTrue(write.isCompletedExceptionally());
        assertTrue(commit.isIdle());
    }

    @Test
    void moreThanTheLimitIsRefusedAndRoomComesBack() throws Exception {
        open(2, Duration.ofSeconds(10));
        CompletableFuture<Outcome> one = commit.write(delete(1));
        Appended first = appended();
        commit.write(delete(2));
        assertEquals(Code.UNAVAILABLE, failure(commit.write(delete(3))));
        first.apply();
        one.get(5, TimeUnit.SECONDS);
        assertFalse(commit.write(delete(4)).isCompletedExceptionally());
    }

    @Test
    void aWriteWhoseEntryDoesNotEndIsUnknownAndOneThatWasNotCutIsNot() throws Exception {
        open(100, Duration.ZERO);
        CompletableFuture<Outcome> write = commit.write(delete(1));
        appended();
        commit.expire();
        assertEquals(Code.OUTCOME_UNKNOWN, failure(write));
    }

    @Test
    void aWriteThatWasNeverCutIsNotApplied() throws Exception {
        open(100, Duration.ofMillis(200));
        commit.write(delete(1));
        appended();
        CompletableFuture<Outcome> second = commit.write(delete(2));
        while (!second.isDone()) {
            commit.expire();
            Thread.onSpinWait();
        }
        assertEquals(Code.UNAVAILABLE, failure(second));
        assertTrue(log.isEmpty());
    }

    @Test
    void theFailureOfAnEntryIsTheFailureOfAllItsCommands() throws Exception {
        open(100, Duration.ofSeconds(10));
        CompletableFuture<Outcome> write = commit.write(delete(1));
        appended().applied.completeExceptionally(RaftErrors.notLeader());
        assertEquals(Code.NOT_LEADER, failure(write));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closedTakesNoMoreAndTellsWhereToGoWhenThatIsKnown(boolean leads) throws Exception {
        open(100, Duration.ofSeconds(10));
        CompletableFuture<Outcome> inFlight = commit.write(delete(1));
        Appended entry = appended();
        // The cutter may hold the first of these, and waits for the entry.
        commit.write(delete(2));
        CompletableFuture<Outcome> unsent = commit.write(delete(3));
        commit.close();
        CompletableFuture<Outcome> late = commit.write(delete(4));
        commit.expire();
        assertFalse(unsent.isDone());
        assertFalse(late.isDone());
        commit.departed(leads);
        Code code = leads ? Code.UNAVAILABLE : Code.NOT_LEADER;
        assertEquals(code, failure(unsent));
        assertEquals(code, failure(late));
        assertEquals(code, failure(commit.write(delete(5))));
        entry.apply();
        assertEquals(new Outcome.Removed(1, true), inFlight.get(5, TimeUnit.SECONDS));
    }

    @Test
    void whatReadsWaitsForRoomAndWhatDoesNotPassesIt() throws Exception {
        open(100, Duration.ofSeconds(10));
        commit.write(delete(1));
        Appended first = appended();
        CompletableFuture<Outcome> six = commit.write(read(6));
        CompletableFuture<Outcome> five = commit.write(read(5));
        CompletableFuture<Outcome> four = commit.write(read(4));
        commit.write(delete(2));
        first.apply();
        Appended second = appended();
        assertEquals(List.of(read(6), delete(2)), second.commands);

        second.apply();
        assertTrue(six.get(5, TimeUnit.SECONDS).revision() > 0);
        Appended third = appended();
        assertEquals(List.of(read(5), read(4)), third.commands);
        third.apply();
        assertTrue(five.get(5, TimeUnit.SECONDS).revision() > 0);
        assertTrue(four.get(5, TimeUnit.SECONDS).revision() > 0);
    }

    @Test
    void aResultTakesRoomUntilItsCallerHasMadeAnAnswerOfIt() throws Exception {
        answers = task -> new Thread(task).start();
        open(100, Duration.ofSeconds(10));
        CountDownLatch written = new CountDownLatch(1);
        CompletableFuture<Outcome> six = commit.write(read(6));
        Appended first = appended();
        CountDownLatch begun = new CountDownLatch(1);
        six.thenRun(() -> {
            begun.countDown();
            await(written);
        });
        first.apply();
        await(begun);
        CompletableFuture<Outcome> five = commit.write(read(5));
        commit.write(delete(1));
        Appended second = appended();
        assertEquals(List.of(delete(1)), second.commands);
        second.apply();
        assertFalse(five.isDone());

        written.countDown();
        appended().apply();
        assertTrue(five.get(5, TimeUnit.SECONDS).revision() > 0);
    }

    @Test
    void whatIsAnsweredTakesRoomUntilItWasSent() throws Exception {
        open(100, Duration.ofSeconds(30));
        unsent.set(8 * READ);
        CompletableFuture<Outcome> eight = commit.write(read(8));
        CompletableFuture<Outcome> seven = commit.write(read(7));
        commit.write(delete(1));
        Appended first = appended();
        assertEquals(List.of(delete(1)), first.commands, "what comes later waits its turn");
        first.apply();
        unsent.set(7 * READ);
        Appended second = appended();
        assertEquals(List.of(read(8)), second.commands);
        second.apply();
        assertTrue(eight.get(5, TimeUnit.SECONDS).revision() > 0);
        Appended third = appended();
        assertEquals(List.of(read(7)), third.commands);
        third.apply();
        assertTrue(seven.get(5, TimeUnit.SECONDS).revision() > 0);
    }

    @Test
    void aResultLargerThanAllRoomWaitsUntilAllIsSent() throws Exception {
        open(100, Duration.ofSeconds(30));
        unsent.set(1);
        CompletableFuture<Outcome> large = commit.write(read(20));
        commit.write(delete(1));
        Appended first = appended();
        assertEquals(List.of(delete(1)), first.commands);
        first.apply();
        unsent.set(0);
        appended().apply();
        assertTrue(large.get(5, TimeUnit.SECONDS).revision() > 0);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(5, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each may remove tens of thousands of keys. */
    @Test
    void anEntryHasOneRangeToRemove() throws Exception {
        open(100, Duration.ofSeconds(20));
        commit.write(delete(0));
        Appended first = appended();
        List<Write> waiting = List.of(range("a"), delete(1), range("b"), delete(2));
        waiting.forEach(commit::write);
        first.apply();
        Appended second = appended();
        assertEquals(waiting.subList(0, 2), second.commands());
        second.apply();
        assertEquals(waiting.subList(2, 4), appended().commands());
    }

    /** Few of what looks at many keys, and many of what looks at few. */
    @Test
    void anEntryLooksAtABoundedNumberOfKeys() throws Exception {
        open(100, Duration.ofSeconds(20));
        commit.write(delete(0));
        Appended first = appended();
        List<Write> waiting =
                List.of(count(4_000), count(5_000), delete(1), count(990), count(10), range("a"), delete(2));
        waiting.forEach(commit::write);
        first.apply();
        Appended second = appended();
        assertEquals(waiting.subList(0, 4), second.commands());
        second.apply();
        Appended third = appended();
        assertEquals(waiting.subList(4, 5), third.commands());
        third.apply();
        assertEquals(waiting.subList(5, 7), appended().commands());
    }

    @Test
    void aResultLargerThanAllRoomGoesAlone() throws Exception {
        open(100, Duration.ofSeconds(10));
        commit.write(read(1));
        Appended first = appended();
        CompletableFuture<Outcome> large = commit.write(read(20));
        first.apply();
        appended().apply();
        assertTrue(large.get(5, TimeUnit.SECONDS).revision() > 0);
    }

    @Test
    void anErrorOfTheLogFailsItsEntryAndNoOther() throws Exception {
        open(100, Duration.ofSeconds(10));
        OutOfMemoryError error = new OutOfMemoryError("for this test");
        throwing.set(error);
        ExecutionException e = assertThrows(
                ExecutionException.class, () -> commit.write(delete(1)).get(5, TimeUnit.SECONDS));
        assertEquals(error, e.getCause());
        commit.write(delete(2));
        appended().apply();
    }

    @Test
    void whatCannotBeCutIsRefusedAndWhatComesAfterIsWritten() throws Exception {
        open(100, Duration.ofSeconds(30));
        poison.set(read(3));
        assertEquals(Code.UNAVAILABLE, failure(commit.write(read(3))));
        commit.write(delete(1));
        Appended first = appended();
        CompletableFuture<Outcome> before = commit.write(read(6));
        CompletableFuture<Outcome> poisoned = commit.write(read(3));
        first.apply();
        assertEquals(Code.UNAVAILABLE, failure(before));
        assertEquals(Code.UNAVAILABLE, failure(poisoned));
        assertTrue(commit.isIdle());

        // The room for the results of those is free again.
        commit.write(delete(2));
        Appended second = appended();
        CompletableFuture<Outcome> ten = commit.write(read(10));
        second.apply();
        appended().apply();
        assertTrue(ten.get(5, TimeUnit.SECONDS).revision() > 0);
    }

    @Test
    void whatIsHeldAndCannotBeCutIsRefused() throws Exception {
        open(100, Duration.ofSeconds(30));
        commit.write(delete(1));
        Appended first = appended();
        commit.write(read(6));
        CompletableFuture<Outcome> held = commit.write(read(5));
        first.apply();
        Appended second = appended();
        assertEquals(List.of(read(6)), second.commands);
        poison.set(read(5));
        assertEquals(Code.UNAVAILABLE, failure(held));
        second.apply();
        commit.write(delete(2));
        appended().apply();
    }

    @Test
    void everyWriteEndsWhoeverOvertakesTheClose() throws Exception {
        appliesAtOnce = true;
        for (int round = 0; round < 30; round++) {
            open(100_000, Duration.ofSeconds(30));
            CountDownLatch begun = new CountDownLatch(4);
            Queue<CompletableFuture<Outcome>> writes = new ConcurrentLinkedQueue<>();
            AtomicBoolean stop = new AtomicBoolean();
            Runnable client = () -> {
                begun.countDown();
                while (!stop.get() && writes.size() < 90_000) {
                    writes.add(commit.write(delete(1)));
                }
            };
            List<Thread> clients =
                    Stream.generate(() -> new Thread(client)).limit(4).toList();
            clients.forEach(Thread::start);
            await(begun);
            commit.close();
            commit.departed(true);
            stop.set(true);
            for (Thread thread : clients) {
                thread.join(5000);
            }
            long waiting = writes.stream().filter(write -> !write.isDone()).count();
            assertEquals(0, waiting, "writes that have not ended, in round " + round);
        }
    }

    @Test
    void whatNothingCanEndAnyMoreIsAbandoned() throws Exception {
        open(100, Duration.ofSeconds(30));
        CompletableFuture<Outcome> inFlight = commit.write(delete(1));
        appended();
        // The cutter holds it already, and waits for the first.
        CompletableFuture<Outcome> waiting = commit.write(delete(2));
        commit.close();
        commit.abandon();
        assertEquals(Code.OUTCOME_UNKNOWN, failure(inFlight));
        assertEquals(Code.UNAVAILABLE, failure(waiting));
    }
}
