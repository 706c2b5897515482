package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.json;
import static dev.raftkv.store.StoreFixture.open;
import static dev.raftkv.store.StoreFixture.put;
import static dev.raftkv.store.StoreFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Change;
import dev.raftkv.model.Change.Kind;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.Command.Restore;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.Entry;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.Hold;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.SavedKey;
import dev.raftkv.model.Session.Behavior;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A history that keeps what keys were before their changes. */
class PreviousTest {
    private static final HistoryLimits PREVIOUS = new HistoryLimits(10_000, 16 << 20, true);
    private static final Key A = Key.of("p/a");
    private static final Key B = Key.of("p/b");

    @TempDir
    Path directory;

    private KvStore store;

    @BeforeEach
    void start() {
        store = open(directory.resolve("kv"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void keep(HistoryLimits limits) {
        write(store, transaction -> transaction.keep(limits));
    }

    private List<Change> changesAfter(long revision) {
        return store.changes(Cursor.after(revision), 100_000);
    }

    private static Change removal(long revision, int ordinal, Kind kind, Entry was) {
        return new Change(revision, ordinal, kind, was.key(), Optional.empty(), Optional.of(was));
    }

    private static Change storing(int ordinal, Entry is, Optional<Entry> was) {
        return new Change(is.changeRevision(), ordinal, Kind.PUT, is.key(), Optional.of(is), was);
    }

    @Test
    void aChangeKeepsWhatItsKeyWasWhileThatIsSwitchedOn() {
        put(store, "p/a", "1");
        put(store, "p/a", "2");
        long bytes = store.history().bytes();
        assertEquals(2 * (64 + 3 + 1), bytes);
        keep(PREVIOUS);
        put(store, "p/a", "3");
        assertEquals(bytes + 64 + 3 + 1 + 64 + 1, store.history().bytes());
        put(store, "p/b", "1");
        write(store, transaction -> transaction.delete(A));
        keep(HistoryLimits.USUAL);
        write(store, transaction -> transaction.delete(B));

        Entry second = new Entry(A, json("2"), 1, 2, 2, 0);
        Entry third = new Entry(A, json("3"), 1, 3, 3, 0);
        List<Change> expected = List.of(
                storing(0, second, Optional.empty()),
                storing(0, third, Optional.of(second)),
                storing(0, new Entry(B, json("1"), 4, 4, 1, 0), Optional.empty()),
                removal(5, 0, Kind.DELETE, third),
                new Change(6, 0, Kind.DELETE, B, Optional.empty()));
        assertEquals(expected, changesAfter(1));
        assertEquals(
                List.of(false, false, true, false, false),
                expected.stream().map(Change::isCreation).toList());
        store.close();
        store.open();
        assertEquals(expected, changesAfter(1));
    }

    @Test
    void itCountsFromTheNextCommandOnAndIsInASnapshot() {
        put(store, "p/a", "1");
        write(store, transaction -> {
            transaction.put(A, json("2"), 0);
            transaction.keep(PREVIOUS);
            transaction.nextCommand();
            transaction.put(A, json("3"), 0);
        });
        assertEquals(
                List.of(Optional.empty(), Optional.of(new Entry(A, json("2"), 1, 2, 2, 0))),
                changesAfter(1).stream().map(Change::previous).toList());
        Path backup = directory.resolve("backup");
        store.backup(backup);
        keep(HistoryLimits.USUAL);
        store.restore(backup);
        assertEquals(PREVIOUS, store.history().limits());
        write(store, transaction -> transaction.delete(A));
        assertEquals(List.of(removal(4, 0, Kind.DELETE, new Entry(A, json("3"), 1, 3, 3, 0))), changesAfter(3));
    }

    @Test
    void rangesAndTheEndOfTimeTellItToo() {
        keep(PREVIOUS);
        put(store, "p/a", "1");
        write(store, transaction -> transaction.put(B, json("2"), 5_000));
        Entry a = new Entry(A, json("1"), 1, 1, 1, 0);
        Entry b = new Entry(B, json("2"), 2, 2, 1, 5_000);
        write(store, transaction -> {
            transaction.ranges().remove(Prefix.of("p/"));
            assertEquals(
                    Optional.of(List.of(removal(3, 0, Kind.DELETE, a), removal(3, 1, Kind.DELETE, b))),
                    transaction.changes());
        });
        assertEquals(List.of(removal(3, 0, Kind.DELETE, a), removal(3, 1, Kind.DELETE, b)), changesAfter(2));
        write(store, transaction -> transaction.put(B, json("2"), 5_000));
        try (WriteTransaction transaction = store.begin(5_000)) {
            transaction.expire(10);
            transaction.commit(1, store.position().index() + 1);
        }
        assertEquals(List.of(removal(5, 0, Kind.EXPIRE, new Entry(B, json("2"), 4, 4, 1, 5_000))), changesAfter(4));
    }

    @Test
    void theEndOfASessionTellsIt() {
        keep(PREVIOUS);
        UUID goes = new UUID(0, 1);
        UUID stays = new UUID(0, 2);
        write(store, transaction -> {
            transaction.create(new OfSession.Create(goes, "", 15_000, Behavior.DELETE, 0));
            transaction.create(new OfSession.Create(stays, "", 15_000, Behavior.RELEASE, 0));
            transaction.nextCommand();
            transaction.put(new OfSession.Put(A, json("1"), goes));
            transaction.nextCommand();
            transaction.put(new OfSession.Put(B, json("2"), stays));
        });
        write(store, transaction -> transaction.end(List.of(goes, stays), true));
        Entry b = new Entry(B, json("2"), 2, 2, 1, 0, Optional.of(new Hold(stays, 2)));
        assertEquals(
                List.of(
                        removal(3, 0, Kind.EXPIRE, new Entry(A, json("1"), 1, 1, 1, 0, Optional.of(new Hold(goes, 1)))),
                        storing(1, new Entry(B, json("2"), 2, 3, 2, 0), Optional.of(b))),
                changesAfter(2));
    }

    @Test
    void keysThatARestoreHasBroughtAreToldWithTheirOwnRevisions() {
        keep(PREVIOUS);
        write(store, transaction -> {
            transaction.restore(new Restore.Begin("r", 50, true, Prefix.ALL));
            transaction.restore(new Restore.Chunk("r", 0, List.of(new SavedKey(B, json("2"), 0, 0, 3, 5_000))));
            transaction.restore(new Restore.Switch("r", 1, 1, false));
        });
        write(store, transaction -> transaction.delete(B));
        assertEquals(List.of(removal(52, 0, Kind.DELETE, new Entry(B, json("2"), 51, 51, 3, 5_000))), changesAfter(51));
    }

    @Test
    void aRestoreOfAPartTellsWhatWasThere() {
        keep(PREVIOUS);
        put(store, "p/a", "1");
        write(store, transaction -> {
            transaction.restore(new Restore.Begin("r", 1, true, Prefix.of("p/")));
            transaction.restore(new Restore.Chunk("r", 0, List.of(new SavedKey(A, json("5"), 0, 0, 3, 0))));
            transaction.nextCommand();
            transaction.restore(new Restore.Switch("r", 1, 1, false));
        });
        assertEquals(
                List.of(
                        removal(2, 0, Kind.DELETE, new Entry(A, json("1"), 1, 1, 1, 0)),
                        storing(1, new Entry(A, json("5"), 2, 2, 1, 0), Optional.empty())),
                changesAfter(1));
    }

    /** An entry of a few bytes removes all that is there. */
    @Test
    void oneEntryKeepsNotMoreThanMayBeKeptAtAll() {
        keep(new HistoryLimits(10_000, 1 << 20, true));
        String value = "\"" + "x".repeat(100_000) + "\"";
        for (int i = 0; i < 20; i++) {
            put(store, "p/" + i, value);
        }
        write(store, transaction -> transaction.ranges().remove(Prefix.of("p/")));
        List<Change> removals = changesAfter(20);
        assertEquals(20, removals.size());
        assertTrue(removals.subList(0, 11).stream()
                .allMatch(change -> change.previous().isPresent()));
        assertTrue(removals.subList(11, 20).stream()
                .allMatch(change -> change.previous().isEmpty()));
        put(store, "p/a", "1");
        assertEquals(
                List.of(Optional.empty()),
                changesAfter(21).stream().map(Change::previous).toList());
    }
}
