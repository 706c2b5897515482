package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.json;
import static dev.raftkv.store.StoreFixture.open;
import static dev.raftkv.store.StoreFixture.put;
import static dev.raftkv.store.StoreFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sleepycat.je.Environment;
import com.sleepycat.je.EnvironmentConfig;
import dev.raftkv.model.Command.Restore;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.RestoreProgress;
import dev.raftkv.model.SavedKey;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores, step by step. */
class KeyspacesTest {
    private static final Cursor FIRST = Cursor.after(0);

    @TempDir
    private Path directory;

    private KvStore store;
    private long time = 1_000;

    @BeforeEach
    void start() {
        store = open(directory.resolve("kv"));
    }

    @AfterEach
    void stop() {
        store.close();
    }

    private void reopen() {
        store.close();
        store = open(directory.resolve("kv"));
    }

    /** Takes steps in one entry; why the last one was refused, if it was. */
    private Optional<Reason> take(Restore... steps) {
        try (WriteTransaction transaction = store.begin(time)) {
            Optional<Reason> refusal = Optional.empty();
            for (Restore step : steps) {
                transaction.nextCommand();
                refusal = transaction.restore(step);
            }
            transaction.commit(1, store.position().index() + 1);
            return refusal;
        }
    }

    private static Restore.Begin begin(String id, boolean replace) {
        return new Restore.Begin(id, 50, replace, Prefix.ALL);
    }

    private static SavedKey saved(String key, long changed, long ttl) {
        return new SavedKey(Key.of(key), json("\"" + key + "\""), changed == 0 ? 0 : 1, changed, 3, ttl);
    }

    private static Restore.Chunk chunk(long number, SavedKey... keys) {
        return new Restore.Chunk("r", number, List.of(keys));
    }

    private void accept(Restore... steps) {
        assertEquals(Optional.empty(), take(steps));
    }

    private Entry entry(String key) {
        return store.get(Key.of(key)).orElseThrow();
    }

    @Test
    void whatWasThereStaysUntilTheSwitchAndIsGoneThen() {
        put(store, "old", "1");
        accept(begin("r", true));
        accept(chunk(0, saved("a", 40, 0)), chunk(1, saved("b", 0, 5_000)));
        put(store, "old", "2");

        assertEquals("2", value(store, "old"));
        assertEquals(List.of(Key.of("old")), StoreFixture.keys(store));
        assertEquals(2, store.restoring().orElseThrow().keys());
        reopen();
        assertEquals("2", value(store, "old"));

        time = 7_000;
        accept(new Restore.Switch("r", 2, 2, false));

        for (int look = 0; look < 2; look++) {
            assertEquals(51, store.position().revision());
            assertEquals(2, store.position().keys());
            assertEquals(List.of(Key.of("a"), Key.of("b")), StoreFixture.keys(store));
            assertEquals(new Entry(Key.of("a"), json("\"a\""), 1, 40, 3, 0), entry("a"));
            assertEquals(new Entry(Key.of("b"), json("\"b\""), 51, 51, 3, 12_000), entry("b"));
            assertEquals(51, store.see(Key.of("a")).revision());
            assertEquals(12_000, store.nextExpiry().orElseThrow());
            assertEquals(Optional.empty(), store.restoring());
            reopen();
        }
    }

    @Test
    void keysLiveOnAfterARestoreAsBefore() {
        accept(
                begin("r", false),
                chunk(0, saved("a", 40, 0), saved("b", 0, 5_000)),
                new Restore.Switch("r", 1, 2, false));
        StoreFixture.write(store, transaction -> transaction.put(Key.of("a"), json("2"), 3_000));
        StoreFixture.write(store, transaction -> transaction.put(Key.of("b"), json("2"), 0));

        assertEquals(new Entry(Key.of("a"), json("2"), 1, 52, 4, 4_000), entry("a"));
        assertEquals(new Entry(Key.of("b"), json("2"), 51, 53, 4, 0), entry("b"));
        assertEquals(4_000, store.nextExpiry().orElseThrow());
        try (WriteTransaction transaction = store.begin(4_000)) {
            assertEquals(1, transaction.expire(9));
            transaction.commit(1, store.position().index() + 1);
        }
        assertEquals(1, store.position().keys());
        assertTrue(store.nextExpiry().isEmpty());
        assertEquals(
                List.of(52L, 53L, 54L),
                store.changes(Cursor.after(51), 9).stream()
                        .map(change -> change.revision())
                        .toList());
        assertEquals(
                4_000,
                store.changes(Cursor.after(51), 1).get(0).entry().orElseThrow().expiresAt());
    }

    @Test
    void whoWatchedBeforeIsToldOfTheRestore() {
        put(store, "old", "1");
        accept(begin("r", true), new Restore.Switch("r", 0, 0, false));
        for (Cursor before : List.of(FIRST, Cursor.after(1), Cursor.after(50))) {
            KvException told = assertThrows(KvException.class, () -> store.changes(before, 9));
            assertTrue(told.isOfRestore());
            assertEquals(52, told.revision().orElseThrow());
        }
        assertEquals(List.of(), store.changes(Cursor.after(51), 9));
        assertEquals(0, store.position().keys());
    }

    @Test
    void onlyStepsThatBelongTogetherAreTaken() {
        put(store, "old", "1");
        assertEquals(Optional.of(Reason.KEYS_IN_THE_WAY), take(begin("r", false)));
        assertEquals(Optional.of(Reason.RESTORE_ENDED), take(chunk(0, saved("a", 1, 0))));
        accept(begin("r", true));
        assertEquals(Optional.of(Reason.RESTORE_UNDER_WAY), take(begin("other", true)));
        accept(chunk(0, saved("a", 1, 0)));
        assertEquals(Optional.of(Reason.RESTORE_ENDED), take(chunk(0, saved("a", 1, 0))));
        assertEquals(Optional.of(Reason.RESTORE_ENDED), take(chunk(2, saved("b", 1, 0))));
        assertEquals(Optional.of(Reason.RESTORE_ENDED), take(new Restore.Switch("r", 2, 1, false)));
        assertEquals(Optional.of(Reason.RESTORE_ENDED), take(new Restore.Switch("r", 1, 2, false)));
        accept(new Restore.Abort("other"));
        assertTrue(store.restoring().isPresent());
        accept(new Restore.Abort("r"));
        assertEquals(Optional.of(Reason.RESTORE_ENDED), take(new Restore.Switch("r", 1, 1, false)));
        assertEquals("1", value(store, "old"));
        assertEquals(1, store.position().revision());
    }

    @Test
    void keysThatCameMeanwhileAreInTheWayOfWhoMayNotReplaceThem() {
        accept(begin("r", false), chunk(0, saved("a", 1, 0)));
        put(store, "new", "1");
        assertEquals(Optional.of(Reason.KEYS_IN_THE_WAY), take(new Restore.Switch("r", 1, 1, false)));
        assertEquals("1", value(store, "new"));
    }

    @Test
    void oneThatStandsStillGivesWay() {
        accept(begin("r", true), chunk(0, saved("a", 1, 0)));
        time += RestoreProgress.PATIENCE_MILLIS;
        assertFalse(store.restoring().orElseThrow().isAbandoned(time));
        assertEquals(Optional.of(Reason.RESTORE_UNDER_WAY), take(begin("next", true)));
        time++;
        assertTrue(store.restoring().orElseThrow().isAbandoned(time));
        accept(begin("next", true), new Restore.Switch("next", 0, 0, false));
        assertEquals(0, store.position().keys());
    }

    @Test
    void aPartIsPutIntoTheKeysThatAreThere() {
        for (String key : List.of("a/1", "a/2", "b/1")) {
            put(store, key, "1");
        }
        Prefix part = Prefix.of("a/");
        accept(
                new Restore.Begin("r", 2, true, part),
                chunk(0, saved("a/2", 1, 0), saved("a/3", 1, 500)),
                new Restore.Switch("r", 1, 2, false));

        assertEquals(List.of(Key.of("a/2"), Key.of("a/3"), Key.of("b/1")), StoreFixture.keys(store));
        assertEquals(4, store.position().revision());
        assertEquals(3, store.position().keys());
        assertEquals(new Entry(Key.of("a/3"), json("\"a/3\""), 4, 4, 1, 1_500), entry("a/3"));
        assertEquals(3, entry("b/1").changeRevision());
        assertEquals(7, store.changes(FIRST, 99).size());
    }

    @Test
    void aPartOfAHigherRevisionBringsTheStoreAboveIt() {
        put(store, "b", "1");
        accept(
                new Restore.Begin("r", 50, true, Prefix.of("a")),
                chunk(0, saved("a", 1, 0)),
                new Restore.Switch("r", 1, 1, false));

        assertEquals(51, entry("a").changeRevision());
        assertEquals(51, store.position().revision());
        assertThrows(KvException.class, () -> store.changes(Cursor.after(1), 9));
        assertEquals(1, store.changes(Cursor.after(50), 9).size());
    }

    @Test
    void aPartThatIsTooLargeIsRefused() {
        accept(new Restore.Begin("r", 50, true, Prefix.of("a")));
        SavedKey[] keys = IntStream.rangeClosed(0, 50_000)
                .mapToObj(i -> saved("a" + String.format("%06d", i), 1, 0))
                .toArray(SavedKey[]::new);
        accept(chunk(0, keys));
        assertEquals(Optional.of(Reason.RANGE_TOO_LARGE), take(new Restore.Switch("r", 1, keys.length, false)));
        assertEquals(0, store.position().keys());
    }

    @Test
    void whatWasReplacedIsRemovedFromTheDiskAlsoAfterACrash() throws Exception {
        put(store, "old", "1");
        accept(begin("r", true), chunk(0, saved("a", 1, 0)), new Restore.Switch("r", 1, 1, false));
        accept(new Restore.Begin("left", 1, true, Prefix.ALL), new Restore.Abort("left"));
        store.removeReplaced();
        store.removeReplaced();
        store.removeReplaced();
        assertEquals("\"a\"", value(store, "a"));
        store.close();
        assertEquals(List.of("expiries-1", "keys-1"), keyspaces(directory.resolve("kv")));

        store = open(directory.resolve("kv"));
        accept(begin("r", true), new Restore.Switch("r", 0, 0, false));
        Path killed = StoreFixture.copy(directory.resolve("kv"), directory.resolve("killed"));
        try (KvStore other = open(killed)) {
            assertEquals(0, other.position().keys());
            other.removeReplaced();
            other.removeReplaced();
        }
        assertEquals(List.of("expiries-3", "keys-3"), keyspaces(killed));
    }

    /** A copy for a backup is linked by another thread than that which writes. */
    @Test
    void aCopyFindsNoKeysWithoutTheirExpiries() throws Exception {
        store.close();
        JeEnvironment environment = JeEnvironment.open(directory.resolve("kv"), StoreFixture.SETTINGS);
        int copies = 0;
        try {
            CompletableFuture<Void> made = CompletableFuture.runAsync(
                    () -> LongStream.rangeClosed(1, 100).forEach(environment::keyspace));
            for (; copies < 25 && !made.isDone(); copies++) {
                environment.link(directory.resolve("copy" + copies));
            }
            made.get(60, TimeUnit.SECONDS);
        } finally {
            environment.close();
        }
        for (int copy = 0; copy < copies; copy++) {
            File home = directory.resolve("copy" + copy).toFile();
            try (Environment raw = new Environment(home, new EnvironmentConfig().setReadOnly(true))) {
                List<String> names = raw.getDatabaseNames();
                names.stream()
                        .filter(name -> name.startsWith("keys"))
                        .map(name -> name.replace("keys", "expiries"))
                        .forEach(expiries -> assertTrue(names.contains(expiries), expiries));
            }
        }
    }

    /** The one of its number may be what lives there. */
    @Test
    void whatWasReplacedIsNotRemovedFromAnotherState() throws Exception {
        put(store, "old", "1");
        store.backup(directory.resolve("snapshot"));
        accept(begin("r", true), chunk(0, saved("a", 1, 0)), new Restore.Switch("r", 1, 1, false));
        KvStore.Replaced closed = store.closeReplaced().orElseThrow();
        store.restore(directory.resolve("snapshot"));

        store.remove(closed);

        assertEquals("1", value(store, "old"));
        reopen();
        assertEquals("1", value(store, "old"));
    }

    @Test
    void revisionsOfAnotherClusterAreTakenOnlyWhereNoneWasGiven() {
        accept(begin("r", true), chunk(0, saved("a", 40, 0)));
        put(store, "a", "1");
        StoreFixture.write(store, transaction -> transaction.delete(Key.of("a")));
        assertEquals(Optional.of(Reason.WRITTEN_MEANWHILE), take(new Restore.Switch("r", 1, 1, true)));
        assertEquals(2, store.position().revision());
        assertEquals(0, store.position().keys());
    }

    private static List<String> keyspaces(Path home) {
        JeEnvironment environment = JeEnvironment.open(home, StoreFixture.SETTINGS);
        try {
            return environment.names().stream()
                    .filter(name -> name.startsWith("keys") || name.startsWith("expiries"))
                    .sorted()
                    .toList();
        } finally {
            environment.close();
        }
    }

    @Test
    void aSnapshotHoldsWhatHasCome() throws Exception {
        put(store, "old", "1");
        accept(begin("r", true), chunk(0, saved("a", 40, 0)));
        store.backup(directory.resolve("snapshot"));
        try (KvStore other = open(Files.createDirectories(directory.resolve("other")))) {
            other.restore(directory.resolve("snapshot"));
            assertEquals("1", value(other, "old"));
            try (WriteTransaction transaction = other.begin(time)) {
                transaction.nextCommand();
                assertEquals(Optional.empty(), transaction.restore(new Restore.Switch("r", 1, 1, false)));
                transaction.commit(1, other.position().index() + 1);
            }
            assertEquals("\"a\"", value(other, "a"));
        }
    }
}
