package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.assertClosed;
import static dev.raftkv.store.StoreFixture.hashes;
import static dev.raftkv.store.StoreFixture.open;
import static dev.raftkv.store.StoreFixture.put;
import static dev.raftkv.store.StoreFixture.value;
import static dev.raftkv.store.StoreFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RestoreTest {
    @TempDir
    Path temporary;

    private Path backup;
    private Path directory;
    private KvStore store;

    /** A store with one entry more than its backup. */
    @BeforeEach
    void backUp() {
        backup = temporary.resolve("backups/1");
        directory = temporary.resolve("kv");
        store = open(directory);
        put(store, "a", "\"old\"");
        write(store, transaction -> transaction.announce("n1", "http://h:1"));
        store.backup(backup);
        put(store, "a", "\"new\"");
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void restoredStoreHoldsTheStateOfTheBackup() {
        store.restore(backup);

        assertEquals("\"old\"", value(store, "a"));
        assertEquals("http://h:1", store.httpAddress("n1").orElseThrow());
        assertEquals(new Position(1, 2, 1, 1, 0), store.position());
    }

    @Test
    void backupCanBeRestoredIntoAnotherStoreThatIsClosed() {
        KvStore other = new KvStore(temporary.resolve("other/kv"), StoreFixture.SETTINGS);
        other.restore(backup);
        try (other) {
            assertEquals("\"old\"", value(other, "a"));
            assertEquals(new Position(1, 2, 1, 1, 0), other.position());
        }
    }

    @Test
    void writesAfterABackupDoNotChangeIt() {
        Map<String, String> before = hashes(backup);
        writeMuch();
        reopen();
        writeMuch();

        assertEquals(before, hashes(backup));
    }

    @Test
    void writesAfterARestoreDoNotChangeTheBackup() {
        Map<String, String> before = hashes(backup);
        store.restore(backup);
        writeMuch();
        reopen();
        writeMuch();

        assertEquals(before, hashes(backup));
        store.restore(backup);
        assertEquals("\"old\"", value(store, "a"));
    }

    @Test
    void backupDirectoryMustNotExist() throws IOException {
        Path existing = Files.createDirectory(temporary.resolve("existing"));

        assertThrows(StorageException.class, () -> store.backup(existing));
        assertEquals("\"new\"", value(store, "a"));
        store.backup(temporary.resolve("another"));
    }

    @Test
    void emptyBackupIsRefusedAndTheStoreGoesOn() throws IOException {
        Path empty = Files.createDirectory(temporary.resolve("empty"));

        assertThrows(StorageException.class, () -> store.restore(empty));
        assertEquals("\"new\"", value(store, "a"));
    }

    @Test
    void crashBeforeTheExchangeKeepsTheOldState() {
        new StoreDirectory(directory).prepare(backup);
        reopen();

        assertEquals("\"new\"", value(store, "a"));
        assertNoLeftovers();
    }

    @Test
    void crashBetweenTheRenamesEndsInTheNewState() throws IOException {
        new StoreDirectory(directory).prepare(backup);
        store.close();
        Files.move(directory, temporary.resolve("kv.old"));
        store.open();

        assertEquals("\"old\"", value(store, "a"));
        assertEquals(new Position(1, 2, 1, 1, 0), store.position());
        assertNoLeftovers();
    }

    @Test
    void crashAfterTheRenamesKeepsTheNewState() throws IOException {
        new StoreDirectory(directory).prepare(backup);
        store.close();
        Files.move(directory, temporary.resolve("kv.old"));
        Files.move(temporary.resolve("kv.new"), directory);
        store.open();

        assertEquals("\"old\"", value(store, "a"));
        assertNoLeftovers();
    }

    @Test
    void oldDirectoryAloneIsTakenBack() throws IOException {
        store.close();
        Files.move(directory, temporary.resolve("kv.old"));
        store.open();

        assertEquals("\"new\"", value(store, "a"));
        assertNoLeftovers();
    }

    @Test
    void restoreCanBeRepeatedOverItsLeftovers() throws IOException {
        new StoreDirectory(directory).prepare(backup);
        Files.createDirectory(temporary.resolve("kv.old"));
        store.restore(backup);

        assertEquals("\"old\"", value(store, "a"));
        assertNoLeftovers();
    }

    @Test
    void readersDuringRestoresGetValuesOrARefusal() throws Exception {
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try {
            CountDownLatch reading = new CountDownLatch(1);
            AtomicBoolean end = new AtomicBoolean();
            Future<?> reads = reader.submit(() -> {
                while (!end.get()) {
                    readOnce();
                    reading.countDown();
                }
            });
            assertTrue(reading.await(20, TimeUnit.SECONDS));
            for (int i = 0; i < 5; i++) {
                store.restore(backup);
                put(store, "a", "\"new\"");
            }
            end.set(true);
            reads.get(20, TimeUnit.SECONDS);
        } finally {
            reader.shutdown();
        }
    }

    private void readOnce() {
        try {
            String value = value(store, "a");
            assertTrue(value.equals("\"old\"") || value.equals("\"new\""), value);
        } catch (KvException e) {
            assertEquals(Code.UNAVAILABLE, e.code());
        }
    }

    @Test
    void failedRestoreLeavesAClosedStoreClosed() {
        store.close();

        assertThrows(StorageException.class, () -> store.restore(temporary.resolve("missing")));
        assertClosed(store);
    }

    private void reopen() {
        store.close();
        store.open();
    }

    private void writeMuch() {
        String value = "\"" + "x".repeat(100_000) + "\"";
        for (int i = 0; i < 50; i++) {
            write(store, transaction -> transaction.put(Key.of("much"), StoreFixture.json(value), 0));
        }
        write(store, transaction -> transaction.delete(Key.of("much")));
    }

    private void assertNoLeftovers() {
        assertFalse(Files.exists(temporary.resolve("kv.new")));
        assertFalse(Files.exists(temporary.resolve("kv.old")));
    }
}
