package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.assertClosed;
import static dev.raftkv.store.StoreFixture.copy;
import static dev.raftkv.store.StoreFixture.json;
import static dev.raftkv.store.StoreFixture.open;
import static dev.raftkv.store.StoreFixture.put;
import static dev.raftkv.store.StoreFixture.value;
import static dev.raftkv.store.StoreFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.Counted;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Position;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Seen;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class KvStoreTest {
    private static final Key A = Key.of("a");
    private static final Key B = Key.of("b");

    @TempDir
    Path temporary;

    private Path directory;
    private KvStore store;

    @BeforeEach
    void openStore() {
        directory = temporary.resolve("group/kv");
        store = open(directory);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void newStoreIsEmpty() {
        assertEquals(Position.EMPTY, store.position());
        assertEquals(Optional.empty(), store.get(A));
        assertEquals(Optional.empty(), store.httpAddress("n1"));
    }

    @Test
    void entryTellsItsHistory() {
        put(store, "a", "1");
        put(store, "b", "true");
        put(store, "a", "[2]");

        assertEquals(Optional.of(new Entry(A, json("[2]"), 1, 3, 2, 0)), store.get(A));
        assertEquals(Optional.of(new Entry(B, json("true"), 2, 2, 1, 0)), store.get(B));
        assertEquals(new Position(1, 3, 3, 2, 0), store.position());
    }

    @Test
    void aCountEndsAtItsLimitAndGoesOnBehindIt() {
        for (String key : List.of("a", "p/1", "p/2", "p/3", "q")) {
            put(store, key, "1");
        }
        Prefix prefix = Prefix.of("p/");
        assertEquals(new Counted(2, Optional.of(Key.of("p/2"))), store.count(prefix, Optional.empty(), 2));
        assertEquals(new Counted(1, Optional.empty()), store.count(prefix, Optional.of(Key.of("p/2")), 2));
        assertEquals(new Counted(3, Optional.empty()), store.count(prefix, Optional.empty(), 3));
        assertEquals(new Counted(3, Optional.empty()), store.count(prefix, Optional.of(A), 4));
        assertEquals(new Counted(0, Optional.empty()), store.count(prefix, Optional.of(Key.of("q")), 1));
    }

    /** The key is there at each odd revision, and at no even one. */
    @Test
    void aKeyIsSeenWithTheRevisionThatItIsFrom() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Integer>> readers = new ArrayList<>();
            for (int reader = 0; reader < 2; reader++) {
                readers.add(threads.submit(() -> {
                    long last = 0;
                    int absent = 0;
                    while (last < 4000) {
                        Seen seen = store.see(A);
                        assertTrue(seen.revision() >= last);
                        last = seen.revision();
                        absent += seen.entry().isEmpty() ? 1 : 0;
                        assertEquals(
                                last % 2 == 1 ? last : 0,
                                seen.entry().map(Entry::changeRevision).orElse(0L));
                    }
                    return absent;
                }));
            }
            for (int i = 0; i < 2000; i++) {
                put(store, "a", "1");
                write(store, transaction -> transaction.delete(A));
            }
            for (Future<Integer> reader : readers) {
                assertTrue(reader.get() > 0);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** One key changes all the time, the other never; a row of the first may be seen before the commit of it has ended. */
    @Test
    void noReadIsOfALowerRevisionThanTheOneBefore() throws Exception {
        put(store, "b", "1");
        put(store, "a", "1");
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> readers = new ArrayList<>();
            for (int reader = 0; reader < 2; reader++) {
                readers.add(threads.submit(() -> {
                    for (long last = 0; last < 4000; ) {
                        last = assertNotBefore(last, store.see(A).revision());
                        last = assertNotBefore(last, store.see(B).revision());
                        last = assertNotBefore(last, store.revision());
                    }
                }));
            }
            while (store.position().revision() < 4000) {
                put(store, "a", "1");
            }
            for (Future<?> reader : readers) {
                reader.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static long assertNotBefore(long last, long next) {
        assertTrue(next >= last, () -> next + " after " + last);
        return next;
    }

    @Test
    void keyThatWasDeletedBeginsAnew() {
        put(store, "a", "1");
        write(store, transaction -> assertTrue(transaction.delete(A)));
        assertEquals(Optional.empty(), store.get(A));
        assertEquals(new Position(1, 2, 2, 0, 0), store.position());

        put(store, "a", "2");
        assertEquals(Optional.of(new Entry(A, json("2"), 3, 3, 1, 0)), store.get(A));
    }

    @Test
    void deletingAnAbsentKeyIsNoChange() {
        put(store, "a", "1");
        write(store, transaction -> assertFalse(transaction.delete(B)));

        assertEquals(new Position(1, 2, 1, 1, 0), store.position());
    }

    @Test
    void announcementIsKeptAndIsNoChange() {
        write(store, transaction -> transaction.announce("n1", "http://h:1"));
        write(store, transaction -> transaction.announce("n1", "http://h:2"));

        assertEquals(Optional.of("http://h:2"), store.httpAddress("n1"));
        assertEquals(new Position(1, 2, 0, 0, 0), store.position());
    }

    @Test
    void transactionSeesItsOwnChanges() {
        write(store, transaction -> {
            transaction.put(A, json("1"), 0);
            transaction.nextCommand();
            transaction.put(A, json("2"), 0);
            assertEquals(Optional.of(new Entry(A, json("2"), 1, 2, 2, 0)), transaction.get(A));
            assertEquals(2, transaction.revision());
            transaction.nextCommand();
            transaction.delete(A);
            assertEquals(Optional.empty(), transaction.get(A));
        });

        assertEquals(new Position(1, 1, 3, 0, 0), store.position());
    }

    @Test
    void nothingRemainsOfATransactionWithoutCommit() {
        put(store, "a", "1");
        Position before = store.position();
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.put(A, json("2"), 0);
            transaction.put(B, json("2"), 0);
            transaction.announce("n1", "http://h:1");
        }

        assertEquals("1", value(store, "a"));
        assertEquals(Optional.empty(), store.get(B));
        assertEquals(Optional.empty(), store.httpAddress("n1"));
        assertEquals(before, store.position());
        put(store, "b", "3");
        assertEquals(new Position(1, 2, 2, 2, 0), store.position());
    }

    @Test
    void uncommittedChangesAreNeverRead() throws Exception {
        put(store, "a", "1");
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try {
            Future<String> read;
            try (WriteTransaction transaction = store.begin(0)) {
                transaction.put(A, json("2"), 0);
                CountDownLatch started = new CountDownLatch(1);
                read = reader.submit(() -> {
                    started.countDown();
                    return value(store, "a");
                });
                assertTrue(started.await(20, TimeUnit.SECONDS));
            }
            assertEquals("1", read.get(20, TimeUnit.SECONDS));
        } finally {
            reader.shutdown();
        }
    }

    @Test
    void aGlanceWaitsForNobodyAndShowsWhatIsCommittedOrNothing() {
        put(store, "a", "1");
        put(store, "b", "1");
        assertEquals(store.see(A), store.glance(A));
        assertEquals(new Seen(Optional.empty(), 2), store.glance(Key.of("none")));

        try (WriteTransaction transaction = store.begin(0)) {
            assertEquals("1", store.glance(A).entry().orElseThrow().value().toString());
            transaction.put(A, json("2"), 0);
            transaction.delete(B);
            assertNull(store.glance(A));
            assertNull(store.glance(B));
            assertNull(store.glance(Key.of("none")));
            transaction.commit(1, 3);
        }

        assertEquals(store.see(A), store.glance(A));
        assertEquals(Optional.empty(), store.glance(B).entry());
        store.close();
        assertNull(store.glance(A));
    }

    @Test
    void entryIsAppliedOnce() {
        write(store, transaction -> transaction.put(A, json("1"), 0));
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.put(A, json("2"), 0);
            assertThrows(IllegalArgumentException.class, () -> transaction.commit(1, 1));
            assertThrows(IllegalArgumentException.class, () -> transaction.commit(0, 2));
        }

        assertEquals("1", value(store, "a"));
    }

    @Test
    void thereIsOneWriteTransactionAtATime() {
        try (WriteTransaction transaction = store.begin(0)) {
            assertThrows(IllegalStateException.class, () -> store.begin(0));
            assertThrows(IllegalStateException.class, () -> store.backup(temporary.resolve("backup")));
            assertThrows(IllegalStateException.class, store::close);
            transaction.put(A, json("1"), 0);
            transaction.commit(1, 1);
        }

        assertEquals("1", value(store, "a"));
    }

    @Test
    void longKeysAndValuesAreKept() {
        String key = "k".repeat(Key.MAX_BYTES);
        String value = "\"" + "v".repeat(3 << 20) + "\"";
        put(store, key, value);
        put(store, key, value);

        assertEquals(value, value(store, key));
        assertEquals(2, store.get(Key.of(key)).orElseThrow().version());
    }

    @Test
    void reopenedStoreHoldsWhatWasCommitted() {
        put(store, "a", "1");
        write(store, transaction -> transaction.announce("n1", "http://h:1"));
        Position before = store.position();
        store.close();
        assertEquals(before, store.position());

        try (KvStore reopened = open(directory)) {
            assertEquals(before, reopened.position());
            assertEquals("1", value(reopened, "a"));
            assertEquals(Optional.of("http://h:1"), reopened.httpAddress("n1"));
        }
    }

    @Test
    void killedProcessLosesNothingThatWasCommitted() throws IOException {
        for (int i = 0; i < 100; i++) {
            put(store, "key" + i, "" + i);
        }
        Path killed = copy(directory, temporary.resolve("killed"));

        try (KvStore reopened = open(killed)) {
            assertEquals(store.position(), reopened.position());
            for (int i = 0; i < 100; i++) {
                assertEquals("" + i, value(reopened, "key" + i));
            }
        }
    }

    @Test
    void tornEndOfTheLogLosesTheLastEntryAsAWhole() throws IOException {
        put(store, "a", "1");
        write(store, transaction -> {
            transaction.put(A, json("2"), 0);
            transaction.put(B, json("2"), 0);
        });
        Path torn = copy(directory, temporary.resolve("torn"));
        List<Path> files = Directories.list(torn);
        cutEnd(files.get(files.size() - 1), 3);

        // More than once: each start writes to a new file, and the torn one is then no longer the last.
        for (int start = 0; start < 3; start++) {
            try (KvStore reopened = open(torn)) {
                assertEquals(new Position(1, 1 + start, 1 + start, 1, 0), reopened.position());
                assertEquals(start == 0 ? "1" : "\"again\"", value(reopened, "a"));
                assertEquals(Optional.empty(), reopened.get(B));
                put(reopened, "a", "\"again\"");
            }
        }
    }

    @Test
    void closedStoreSaysSo() {
        store.close();
        store.close();

        assertClosed(store);
        assertEquals(
                Code.UNAVAILABLE,
                assertThrows(KvException.class, () -> store.begin(0)).code());
        assertEquals(
                Code.UNAVAILABLE,
                assertThrows(KvException.class, () -> store.httpAddress("n1")).code());
        assertEquals(
                Code.UNAVAILABLE,
                assertThrows(KvException.class, () -> store.backup(directory.resolve("copy")))
                        .code());
        store.open();
        put(store, "a", "1");
        assertEquals("1", value(store, "a"));
    }

    @Test
    void readersDuringACloseGetValuesOrARefusal() throws Exception {
        put(store, "a", "1");
        int readers = 4;
        ExecutorService pool = Executors.newFixedThreadPool(readers);
        try {
            CountDownLatch reading = new CountDownLatch(readers);
            List<Future<?>> reads = new ArrayList<>();
            for (int i = 0; i < readers; i++) {
                reads.add(pool.submit(() -> readForever(reading)));
            }
            assertTrue(reading.await(20, TimeUnit.SECONDS));
            store.close();
            for (Future<?> read : reads) {
                Throwable end = assertThrows(ExecutionException.class, () -> read.get(20, TimeUnit.SECONDS))
                        .getCause();
                assertEquals(KvException.class, end.getClass(), () -> "" + end);
            }
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void directoryThatIsNoStoreIsAStorageFailure() throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));

        StorageException failure = assertThrows(StorageException.class, () -> open(file));
        assertFalse(failure.noSpace());
    }

    @Test
    void fullDiskIsRecognised() {
        Exception full = new IOException("write failed", new IOException("No space left on device"));

        assertTrue(new StorageException("writing", full).noSpace());
        assertFalse(new StorageException("writing", new IOException("Input/output error")).noSpace());
    }

    private void readForever(CountDownLatch reading) {
        while (true) {
            assertEquals("1", value(store, "a"));
            reading.countDown();
        }
    }

    private static void cutEnd(Path file, int bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - bytes);
        }
    }
}
