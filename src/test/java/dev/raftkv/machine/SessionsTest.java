package dev.raftkv.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Batch;
import dev.raftkv.model.Change;
import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Command.Restore;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Hold;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.Session;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreCopy;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionsTest {
    private static final long TERM = 5;
    private static final UUID GOES = new UUID(-1, 1);
    private static final UUID STAYS = new UUID(1, 2);
    private static final Key A = Key.of("a");
    private static final Key B = Key.of("b");
    private static final JsonText ONE = new JsonText("1".getBytes(StandardCharsets.UTF_8));
    private static final JsonText TWO = new JsonText("2".getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path directory;

    private KvStore store;
    private long time = 1_000;

    @BeforeEach
    void open() {
        store = new KvStore(directory.resolve("kv"), new StoreSettings(4 << 20));
        store.open();
        assertEquals(
                List.of(new Outcome.SessionMade(0, GOES), new Outcome.SessionMade(0, STAYS)),
                apply(create(GOES, Behavior.DELETE, 0), create(STAYS, Behavior.RELEASE, 2_000)));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static OfSession.Create create(UUID id, Behavior behavior, long lockDelay) {
        return new OfSession.Create(id, "name", 15_000, behavior, lockDelay);
    }

    private static OfSession.Put put(Key key, UUID session) {
        return new OfSession.Put(key, ONE, session);
    }

    private static OfSession.End end(long term, UUID... ids) {
        return new OfSession.End(List.of(ids), term);
    }

    private List<Outcome> apply(Command... commands) {
        return apply(Stream.of(commands).map(Write::of).toList());
    }

    private List<Outcome> apply(List<Write> writes) {
        long index = store.position().index() + 1;
        try (WriteTransaction transaction = store.begin(time)) {
            List<Outcome> outcomes = new CommandApplier().apply(new Batch(time, writes), TERM, index, transaction);
            transaction.commit(TERM, index);
            return outcomes;
        }
    }

    private static Outcome held(long revision, UUID session, long token) {
        return new Outcome.Held(revision, new Hold(session, token));
    }

    private Reason refusal(Command command) {
        return ((Outcome.Rejected) apply(command).get(0)).reason();
    }

    private Optional<UUID> sessionOf(Key key) {
        return store.get(key).orElseThrow().hold().map(Hold::session);
    }

    private long keysOf(UUID id) {
        return store.session(id).orElseThrow().keys();
    }

    @Test
    void aSessionIsNoChange() {
        assertEquals(0, store.position().revision());
        assertEquals(Optional.of(new Session(GOES, "name", 15_000, Behavior.DELETE, 0, 1, 0)), store.session(GOES));
        // By the order of their bytes, which is not that of signed numbers.
        assertEquals(
                List.of(STAYS, GOES),
                store.sessions(Optional.empty(), 9).stream().map(Session::id).toList());
        assertEquals(
                List.of(GOES),
                store.sessions(Optional.of(STAYS), 9).stream().map(Session::id).toList());
        assertEquals(2, store.sessionChanges().orElseThrow());
    }

    @Test
    void keysGoWithTheirSessionAsOneChange() {
        apply(put(B, GOES), put(A, GOES), new Command.Put(Key.of("c"), ONE));
        assertEquals(2, keysOf(GOES));

        assertEquals(List.of(new Outcome.SessionsEnded(4, 1)), apply(end(TERM, GOES)));

        assertEquals(List.of(new Listed(Key.of("c"), false)), store.keys(Range.ALL, 9));
        assertEquals(
                List.of(
                        new Change(4, 0, Change.Kind.EXPIRE, A, Optional.empty()),
                        new Change(4, 1, Change.Kind.EXPIRE, B, Optional.empty())),
                store.changes(Cursor.after(3), 9));
        assertEquals(Optional.empty(), store.session(GOES));
        assertEquals(1, store.position().keys());
        assertEquals(3, store.sessionChanges().orElseThrow());
    }

    @Test
    void keysThatAreLetGoStayAndNobodyElseGetsThemForAWhile() {
        apply(put(A, STAYS));
        apply(end(0, STAYS));

        assertEquals(Optional.of(new Entry(A, ONE, 1, 2, 2, 0)), store.get(A));
        assertEquals(Reason.LOCK_DELAY, refusal(put(A, GOES)));
        time += 1_999;
        assertEquals(Reason.LOCK_DELAY, refusal(put(A, GOES)));
        apply(new Command.Put(A, TWO));
        time += 1;
        assertEquals(List.of(held(4, GOES, 4)), apply(put(A, GOES)));
        assertEquals(Optional.of(GOES), sessionOf(A));
    }

    @Test
    void aKeyBelongsToOneSessionAtATime() {
        apply(put(A, GOES));
        assertEquals(Reason.OTHER_SESSION, refusal(put(A, STAYS)));
        assertEquals(Reason.NO_SUCH_SESSION, refusal(put(B, new UUID(9, 9))));
        assertEquals(List.of(held(2, GOES, 1)), apply(put(A, GOES)));
        assertEquals(1, keysOf(GOES));
    }

    @Test
    void otherWritesLeaveAKeyToItsSessionAndARemovalDoesNot() {
        apply(put(A, GOES));
        apply(new Command.Put(A, TWO, 500));
        assertEquals(Optional.of(new Entry(A, TWO, 1, 2, 2, 1_500, Optional.of(new Hold(GOES, 1)))), store.get(A));
        time = 1_500;
        apply(new Command.Expire());
        assertEquals(0, keysOf(GOES));
        apply(put(A, GOES), new Command.Delete(A), new Command.Put(A, ONE));
        assertEquals(Optional.empty(), sessionOf(A));
        assertEquals(0, keysOf(GOES));
        apply(put(B, GOES), new Command.DeleteRange(Prefix.of("b")));
        assertEquals(0, keysOf(GOES));
        apply(end(TERM, GOES));
        assertTrue(store.get(A).isPresent());
    }

    @Test
    void aTokenIsThatOfOneHoldAndTheNextOneIsGreater() {
        assertEquals(List.of(held(1, GOES, 1)), apply(put(A, GOES)));
        apply(new Command.Put(A, TWO), new Command.Put(B, ONE));
        assertEquals(List.of(held(4, GOES, 1)), apply(put(A, GOES)));

        // Removed and stored again, let go, and ended.
        assertEquals(
                List.of(new Outcome.Removed(5, true), held(6, STAYS, 6)),
                apply(new OfSession.Delete(A, GOES), put(A, STAYS)));
        assertEquals(
                List.of(new Outcome.Stored(7), held(8, GOES, 8)),
                apply(new OfSession.Release(A, TWO, STAYS), put(A, GOES)));
        assertEquals(
                List.of(new Outcome.SessionsEnded(9, 1), held(10, STAYS, 10)), apply(end(TERM, GOES), put(A, STAYS)));
    }

    private static OfSession.Slot slot(int slots, UUID session) {
        return new OfSession.Slot(Prefix.of("pool/"), slots, ONE, session);
    }

    private static Outcome slotHeld(long revision, UUID session, long token, int number) {
        return new Outcome.Held(revision, new Hold(session, token), Optional.of(Key.of("pool/00" + number)));
    }

    @Test
    void aSemaphoreGivesTheFirstFreeSlotAndTheSameToWhoAsksAgain() {
        UUID third = new UUID(3, 3);
        apply(create(third, Behavior.DELETE, 0));
        assertEquals(List.of(slotHeld(1, GOES, 1, 1), slotHeld(2, STAYS, 2, 2)), apply(slot(2, GOES), slot(2, STAYS)));
        assertEquals(List.of(slotHeld(3, GOES, 1, 1)), apply(slot(2, GOES)));
        assertEquals(Reason.NO_SLOT, refusal(slot(2, third)));
        assertEquals(Reason.NO_SUCH_SESSION, refusal(slot(2, new UUID(9, 9))));
        apply(new OfSession.Delete(Key.of("pool/001"), GOES));
        assertEquals(List.of(slotHeld(5, third, 5, 1)), apply(slot(2, third)));
        assertEquals(List.of(slotHeld(6, GOES, 6, 3)), apply(slot(256, GOES)));
    }

    @Test
    void aSemaphoreThatHasShrunkGivesNothingUntilEnoughWereLetGo() {
        UUID third = new UUID(3, 3);
        UUID fourth = new UUID(4, 4);
        apply(create(third, Behavior.DELETE, 0), create(fourth, Behavior.DELETE, 0));
        apply(slot(3, GOES), slot(3, STAYS), slot(3, third));
        apply(new OfSession.Delete(Key.of("pool/001"), GOES));
        assertEquals(Reason.NO_SLOT, refusal(slot(2, fourth)));
        // Who has one has it.
        assertEquals(List.of(slotHeld(5, third, 3, 3)), apply(slot(1, third)));
        apply(new OfSession.Delete(Key.of("pool/003"), third));
        assertEquals(List.of(slotHeld(7, fourth, 7, 1)), apply(slot(2, fourth)));
    }

    @Test
    void aSlotIsDelayedAsAKeyIs() {
        apply(slot(2, STAYS));
        apply(end(0, STAYS));
        assertEquals(Reason.LOCK_DELAY, refusal(slot(1, GOES)));
        assertEquals(List.of(slotHeld(3, GOES, 3, 2)), apply(slot(2, GOES)));
        apply(new OfSession.Delete(Key.of("pool/002"), GOES));
        time += 2_000;
        assertEquals(List.of(slotHeld(5, GOES, 5, 1)), apply(slot(1, GOES)));
    }

    @Test
    void onlyWhoHasAKeyLetsItGo() {
        apply(put(A, GOES), new Command.Put(B, ONE));
        for (OfSession none : List.of(
                new OfSession.Release(A, TWO, STAYS),
                new OfSession.Delete(A, STAYS),
                new OfSession.Release(B, TWO, GOES),
                new OfSession.Delete(B, GOES),
                new OfSession.Release(Key.of("c"), TWO, GOES))) {
            assertEquals(Reason.NOT_HELD, refusal(none));
        }
        assertEquals(List.of(new Outcome.Removed(2, false)), apply(new OfSession.Delete(Key.of("c"), GOES)));
        assertEquals(1, keysOf(GOES));
        apply(new OfSession.Release(A, TWO, GOES));
        assertEquals(Optional.of(new Entry(A, TWO, 1, 3, 2, 0)), store.get(A));
        assertEquals(0, keysOf(GOES));
        apply(put(A, GOES), new OfSession.Delete(A, GOES));
        assertEquals(Optional.empty(), store.get(A));
        assertEquals(0, keysOf(GOES));
    }

    /** Another leader may have answered renewals that the one who proposed this knows nothing of. */
    @Test
    void anEndInAnotherTermThanItsLeadersIsNone() {
        apply(put(A, GOES));
        assertEquals(List.of(new Outcome.SessionsEnded(1, 0)), apply(end(TERM - 1, GOES)));
        assertEquals(1, keysOf(GOES));
        assertEquals(List.of(new Outcome.SessionsEnded(2, 1)), apply(end(0, GOES)));
        assertEquals(List.of(new Outcome.SessionsEnded(2, 2)), apply(end(TERM, GOES, new UUID(9, 9))));
    }

    @Test
    void whenManyKeysAreChangedTheRestEndsLater() {
        UUID third = new UUID(3, 3);
        apply(create(third, Behavior.DELETE, 0));
        List<Write> many = new ArrayList<>();
        IntStream.range(0, 2_500).forEach(i -> many.add(Write.of(put(Key.of("many/" + i), GOES))));
        apply(many);
        long before = store.position().revision();

        assertEquals(List.of(new Outcome.SessionsEnded(before + 1, 2)), apply(end(TERM, STAYS, GOES, third)));

        assertEquals(0, store.position().keys());
        assertTrue(store.session(third).isPresent());
    }

    @Test
    void aSessionHasABoundedNumberOfKeys() {
        List<Write> many = new ArrayList<>();
        for (int i = 0; i < Session.MOST_KEYS; i++) {
            many.add(Write.of(put(Key.of("many/" + i), GOES)));
        }
        apply(many);
        assertEquals(Reason.TOO_MANY_KEYS_OF_SESSION, refusal(put(A, GOES)));
        assertEquals(Optional.empty(), store.get(A));
        apply(end(TERM, GOES));
        assertEquals(0, store.position().keys());
    }

    @Test
    void thereIsABoundedNumberOfSessions() {
        List<Write> many = new ArrayList<>();
        for (int i = 2; i < Session.MOST; i++) {
            many.add(Write.of(create(new UUID(i, i), Behavior.DELETE, 0)));
        }
        apply(many);
        assertEquals(Reason.TOO_MANY_SESSIONS, refusal(create(new UUID(0, 0), Behavior.DELETE, 0)));
        apply(end(0, GOES));
        apply(create(new UUID(0, 0), Behavior.DELETE, 0));
        assertEquals(
                Session.MOST, store.sessions(Optional.empty(), 2 * Session.MOST).size());
    }

    @Test
    void aRepeatedRequestHasTheSessionOfTheFirst() {
        Optional<RequestId> name = Optional.of(new RequestId("r", "print"));
        UUID id = new UUID(3, 3);
        Outcome made = new Outcome.SessionMade(0, id);
        assertEquals(List.of(made), apply(List.of(new Write(create(id, Behavior.DELETE, 0), Precondition.NONE, name))));
        assertEquals(
                List.of(made),
                apply(List.of(new Write(create(new UUID(4, 4), Behavior.DELETE, 0), Precondition.NONE, name))));
        assertEquals(Optional.empty(), store.session(new UUID(4, 4)));
    }

    @Test
    void sessionsAreThereAfterARestartAndInCopiesAndSnapshots() {
        apply(put(A, GOES));
        store.backup(directory.resolve("snapshot"));
        store.close();
        store.open();
        assertEquals(Optional.of(GOES), sessionOf(A));
        try (StoreCopy copy = store.copy()) {
            assertEquals(1, copy.session(GOES).orElseThrow().keys());
        }
        apply(end(0, GOES, STAYS));
        store.restore(directory.resolve("snapshot"));
        assertEquals(1, keysOf(GOES));
        apply(end(TERM, GOES));
        assertEquals(Optional.empty(), store.get(A));
    }

    /** Nobody who had one knows what is there now. */
    @Test
    void noSessionOutlivesTheRestoreOfAll() {
        apply(put(A, GOES));
        apply(
                new Restore.Begin("r", 9, true, Prefix.ALL),
                new Restore.Switch("r", 0, 0, false),
                create(new UUID(3, 3), Behavior.DELETE, 0));
        assertEquals(Optional.empty(), store.session(GOES));
        assertEquals(Reason.NO_SUCH_SESSION, refusal(put(A, GOES)));
        // It never goes back, by which a leader sees that there are others.
        assertEquals(4, store.sessionChanges().orElseThrow());
        // Nor does a token: the restore is revision 10.
        assertEquals(List.of(held(11, new UUID(3, 3), 11)), apply(put(A, new UUID(3, 3))));
    }
}
