package dev.raftkv.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
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
    private GroupCommit commit;

    @AfterEach
    void close() {
        commit.close();
    }

    private void open(int commands, Duration timeout) {
        GroupCommit.Limits limits = new GroupCommit.Limits(1 << 20, commands, 1 << 20, timeout);
        commit = new GroupCommit(
                "test-commit",
                limits,
                entry -> {
                    Appended appended = new Appended(entry, new CompletableFuture<>());
                    log.add(appended);
                    return appended.applied;
                },
                Runnable::run,
                meter);
        commit.start();
    }

    private static Write delete(int i) {
        return Write.of(new Command.Delete(Key.of("k" + i)));
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

    @Test
    void closedTakesNoMore() {
        open(100, Duration.ofSeconds(10));
        commit.close();
        assertEquals(Code.UNAVAILABLE, failure(commit.write(delete(1))));
    }
}
