package dev.raftkv.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.machine.CommandApplier;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Role;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockQueueTest {
    private static final long DATE = 1_000_000;
    private static final Key LOCK = Key.of("lock");
    private static final JsonText ONE = new JsonText(new byte[] {'1'});
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);
    private static final UUID C = new UUID(0, 3);
    private static final Duration WAIT = Duration.ofSeconds(5);

    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong();
    private final ClusterClock clock = new ClusterClock(nanos::get, () -> DATE);
    private final CommandApplier applier = new CommandApplier();
    private final Deque<CompletableFuture<Outcome>> ends = new ArrayDeque<>();
    private final List<Command> proposed = new ArrayList<>();
    private CompletableFuture<Long> leads = CompletableFuture.completedFuture(1L);
    private Role role = Role.LEADER;
    private KvStore store;
    private LockQueue queue;

    @BeforeEach
    void open() {
        store = new KvStore(directory.resolve("kv"), new StoreSettings(1 << 20));
        store.open();
        queue = new LockQueue(Node::new, clock, Runnable::run, nanos::get);
        for (UUID id : List.of(A, B, C)) {
            apply(new OfSession.Create(id, "", 15_000, Behavior.DELETE, id.equals(C) ? 3_000 : 0));
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Outcome apply(Command command) {
        ClusterClock.Stamp stamp = clock.stamp();
        clock.applied(stamp);
        long index = store.position().index() + 1;
        Outcome outcome;
        Optional<List<Change>> changes;
        try (WriteTransaction transaction = store.begin(stamp.time())) {
            Batch batch = new Batch(stamp.time(), List.of(Write.of(command)));
            outcome = applier.apply(batch, 1, index, transaction).get(0);
            transaction.commit(1, index);
            changes = transaction.changes();
        }
        queue.changed(changes);
        return outcome;
    }

    private CompletableFuture<Outcome> take(UUID session) {
        return queue.take(Write.of(new OfSession.Put(LOCK, ONE, session)), WAIT);
    }

    private void letGo(UUID session) {
        apply(new OfSession.Delete(LOCK, session));
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        queue.look();
    }

    private static UUID holder(CompletableFuture<Outcome> taken) {
        assertTrue(taken.isDone());
        return ((Outcome.Held) taken.join()).hold().session();
    }

    private static KvException failure(CompletableFuture<Outcome> taken) {
        assertTrue(taken.isDone());
        return (KvException)
                assertThrows(CompletionException.class, taken::join).getCause();
    }

    @Test
    void whoComesFirstIsServedFirstAndWhoWaitsWritesNothing() {
        assertEquals(A, holder(take(A)));
        CompletableFuture<Outcome> second = take(B);
        CompletableFuture<Outcome> third = take(C);
        apply(new Command.Put(LOCK, ONE));
        pass(Duration.ofSeconds(1));
        assertEquals(1, proposed.size());
        assertEquals(2, queue.waiting());

        letGo(A);
        assertEquals(B, holder(second));
        assertFalse(third.isDone());
        letGo(B);
        assertEquals(C, holder(third));
        assertEquals(3, proposed.size());
        assertEquals(0, queue.waiting());
    }

    /** Its client has lost the connection, and asks anew while the first request still waits. */
    @Test
    void whoAsksTwiceHasItOnce() {
        take(A);
        CompletableFuture<Outcome> lost = take(B);
        CompletableFuture<Outcome> other = take(C);
        CompletableFuture<Outcome> again = take(B);
        letGo(A);
        assertEquals(B, holder(lost));
        assertEquals(((Outcome.Held) lost.join()).hold(), ((Outcome.Held) again.join()).hold());
        assertFalse(other.isDone());
        assertEquals(((Outcome.Held) lost.join()).hold(), ((Outcome.Held) take(B).join()).hold());
    }

    @Test
    void theWaitHasAnEnd() {
        take(A);
        CompletableFuture<Outcome> waits = take(B);
        pass(WAIT.minusNanos(1));
        assertFalse(waits.isDone());
        pass(Duration.ofNanos(1));
        assertEquals(Code.CONFLICT, failure(waits).code());
        assertEquals(
                "session " + A + " has this key: nothing was changed in the 5 s for which this request has waited; ask"
                        + " again",
                failure(waits).getMessage());
        assertEquals(1, proposed.size());
        letGo(A);
        assertEquals(1, proposed.size());
    }

    @Test
    void whoIsLateAndHasItAfterAllIsToldSo() {
        take(A);
        CompletableFuture<Outcome> waits = take(B);
        // By a request that does not wait, and that nobody has told of yet.
        leads = new CompletableFuture<>();
        pass(WAIT);
        letGo(A);
        apply(new OfSession.Put(LOCK, ONE, B));
        leads.complete(1L);
        assertEquals(B, holder(waits));
    }

    /** Only a leader knows that somebody has the key. */
    @Test
    void aNodeThatLeadsNoMoreTellsNobodyThatAKeyIsTaken() {
        take(A);
        CompletableFuture<Outcome> waits = take(B);
        leads = CompletableFuture.failedFuture(new KvException(Code.UNAVAILABLE, "cut off"));
        pass(WAIT);
        assertEquals(Code.UNAVAILABLE, failure(waits).code());

        CompletableFuture<Outcome> next = take(B);
        role = Role.FOLLOWER;
        pass(Duration.ofMillis(100));
        assertEquals(Code.NOT_LEADER, failure(next).code());
        assertEquals(0, queue.waiting());
    }

    @Test
    void aWaitEndsWithItsSession() {
        take(A);
        CompletableFuture<Outcome> waits = take(B);
        pass(Duration.ofMillis(100));
        apply(new OfSession.End(List.of(B), 0));
        assertFalse(waits.isDone());
        pass(Duration.ofMillis(100));
        assertEquals(Code.CONFLICT, failure(waits).code());
        assertTrue(failure(waits).getMessage().startsWith("the session has ended, or has never been"));
        assertEquals(failure(waits).getMessage(), failure(take(B)).getMessage());
    }

    @Test
    void aLockDelayIsWaitedFor() {
        take(C);
        CompletableFuture<Outcome> waits = take(A);
        apply(new OfSession.End(List.of(C), 0));
        pass(Duration.ofMillis(2_999));
        assertFalse(waits.isDone());
        pass(Duration.ofMillis(1));
        assertEquals(A, holder(waits));
        assertEquals(2, proposed.size());
    }

    private CompletableFuture<Outcome> slot(UUID session) {
        return slot(session, 1, WAIT);
    }

    private CompletableFuture<Outcome> slot(UUID session, int slots, Duration wait) {
        return queue.take(Write.of(new OfSession.Slot(Prefix.of("pool/"), slots, ONE, session)), wait);
    }

    /** Whoever was first wanted what could not be had; for the next one there is enough. */
    @Test
    void whoIsBehindOneThatGivesUpIsServed() {
        slot(A);
        CompletableFuture<Outcome> first = slot(B);
        CompletableFuture<Outcome> behind = slot(C, 2, WAIT.multipliedBy(2));
        assertFalse(behind.isDone());
        pass(WAIT);
        assertEquals(Code.CONFLICT, failure(first).code());
        assertEquals(C, holder(behind));
    }

    /** A key of another kind that begins with the prefix of the semaphore is no slot of it. */
    @Test
    void onlySlotsWakeThoseWhoWaitForOne() {
        assertEquals(Optional.of(" pool/"), OfSession.Slot.lineOf(Key.of("pool/017")));
        assertEquals(Optional.empty(), OfSession.Slot.lineOf(Key.of("pool/abc")));
        assertEquals(Optional.empty(), OfSession.Slot.lineOf(Key.of("017")));
    }

    @Test
    void slotsAreWaitedForInALineOfTheirOwn() {
        assertEquals(A, holder(slot(A)));
        CompletableFuture<Outcome> second = slot(B);
        CompletableFuture<Outcome> third = slot(C);
        assertFalse(second.isDone());
        assertEquals(A, holder(slot(A)));
        apply(new OfSession.Delete(Key.of("pool/001"), A));
        assertEquals(B, holder(second));
        pass(WAIT);
        assertEquals(
                "sessions have 1 slots, or more: nothing was changed in the 5 s for which this request has waited; ask"
                        + " again",
                failure(third).getMessage());
    }

    @Test
    void aStopLetsAllGo() {
        take(A);
        CompletableFuture<Outcome> waits = take(B);
        queue.close();
        assertEquals(Code.UNAVAILABLE, failure(waits).code());
        assertEquals("this node is stopping: ask another node", failure(take(C)).getMessage());
        assertEquals(0, queue.waiting());
    }

    @Test
    void whoWaitsIsBounded() {
        take(A);
        JsonText half = new JsonText(new byte[(int) (LockLines.MOST_BYTES / 2)]);
        CompletableFuture<Outcome> first = queue.take(Write.of(new OfSession.Put(LOCK, half, B)), WAIT);
        queue.take(Write.of(new OfSession.Put(LOCK, half, C)), WAIT);
        assertEquals(
                "too many requests wait for keys of sessions on this node, or with too large values: nothing was"
                        + " changed; try again later, or ask without wait",
                failure(take(C)).getMessage());
        letGo(A);
        assertEquals(B, holder(first));
        assertFalse(take(C).isDone());
        for (int i = queue.waiting(); i < LockLines.MOST; i++) {
            queue.take(Write.of(new OfSession.Put(LOCK, new JsonText(new byte[0]), C)), WAIT);
        }
        assertEquals(Code.UNAVAILABLE, failure(take(C)).code());
        pass(WAIT);
        assertEquals(0, queue.waiting());
    }

    @Test
    void whatIsRefusedAgainstAllAppearancesIsTriedAgainAMomentLater() {
        ends.add(CompletableFuture.completedFuture(new Outcome.Rejected(0, Reason.OTHER_SESSION, 0)));
        CompletableFuture<Outcome> waits = take(A);
        assertEquals(1, proposed.size());
        pass(Duration.ofMillis(99));
        assertFalse(waits.isDone());
        pass(Duration.ofMillis(1));
        assertEquals(A, holder(waits));
    }

    /** All who wait would be sent away one after the other, and come back in another order. */
    @Test
    void whatTheNodeCannotTakeNowIsTriedAgainAMomentLater() {
        ends.add(CompletableFuture.failedFuture(new KvException(Code.UNAVAILABLE, "too many writes are waiting")));
        CompletableFuture<Outcome> waits = take(A);
        assertFalse(waits.isDone());
        pass(Duration.ofMillis(100));
        assertEquals(A, holder(waits));
    }

    /** Whoever comes behind may be luckier. */
    @Test
    void aWriteThatFailsEndsOneWait() {
        take(A);
        CompletableFuture<Outcome> second = take(B);
        CompletableFuture<Outcome> third = take(C);
        ends.add(CompletableFuture.failedFuture(new KvException(Code.OUTCOME_UNKNOWN, "late")));
        letGo(A);
        assertEquals(Code.OUTCOME_UNKNOWN, failure(second).code());
        assertEquals(C, holder(third));
    }

    @Test
    void whatHappensWhileOneIsProposedIsSeen() {
        CompletableFuture<Outcome> slow = new CompletableFuture<>();
        ends.add(slow);
        CompletableFuture<Outcome> first = take(A);
        CompletableFuture<Outcome> second = take(B);
        assertEquals(1, proposed.size());
        Outcome held = apply(proposed.get(0));
        assertEquals(new Outcome.Held(1, new Hold(A, 1)), held);
        letGo(A);
        slow.complete(held);
        assertEquals(A, holder(first));
        assertEquals(B, holder(second));
    }

    /** A node whose writes are applied at once. */
    private final class Node extends LoneNode {
        @Override
        public CompletableFuture<Outcome> write(Write write) {
            proposed.add(write.command());
            return ends.isEmpty() ? CompletableFuture.completedFuture(apply(write.command())) : ends.poll();
        }

        @Override
        public CompletableFuture<Long> leaderIndex() {
            return leads;
        }

        @Override
        public KvStore store() {
            return store;
        }

        @Override
        Role role() {
            return role;
        }
    }
}
