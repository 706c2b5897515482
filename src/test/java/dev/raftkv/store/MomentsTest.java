package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.json;
import static dev.raftkv.store.StoreFixture.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command.Restore;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Together;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys that are read together. */
class MomentsTest {
    private static final Key A = Key.of("a");
    private static final Key B = Key.of("b");
    private static final Key C = Key.of("c");
    private static final List<Key> ALL = List.of(A, B, C);
    private static final long MANY = 1 << 20;

    @TempDir
    private Path directory;

    /** What is to be read later; the tests say when. */
    private final Queue<Runnable> later = new ArrayDeque<>();

    private KvStore store;

    @BeforeEach
    void open() {
        store = StoreFixture.open(directory.resolve("kv"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private CompletableFuture<Optional<Together>> read() {
        return store.seeTogether(ALL, MANY, later::add);
    }

    private void runLater() {
        while (!later.isEmpty()) {
            later.remove().run();
        }
    }

    private static List<Optional<String>> values(CompletableFuture<Optional<Together>> read) {
        assertTrue(read.isDone(), "it waits");
        return read.join().orElseThrow().entries().stream()
                .map(entry -> entry.map(found -> found.value().toString()))
                .toList();
    }

    private static void assertRead(long revision, CompletableFuture<Optional<Together>> read, String... values) {
        assertEquals(optional(values), values(read));
        assertEquals(revision, read.join().orElseThrow().revision());
    }

    private static List<Optional<String>> optional(String... values) {
        List<Optional<String>> expected = new ArrayList<>();
        for (String value : values) {
            expected.add(Optional.ofNullable(value));
        }
        return expected;
    }

    private void commit(WriteTransaction transaction) {
        transaction.commit(1, store.position().index() + 1);
    }

    @Test
    void keysAreReadAtOnceWhereNobodyWrites() {
        put(store, "a", "1");
        put(store, "c", "2");
        assertRead(2, read(), "1", null, "2");
        assertEquals(
                new Entry(C, json("2"), 2, 2, 1, 0),
                read().join().orElseThrow().entries().get(2).orElseThrow());
    }

    @Test
    void whoComesWithinATransactionSeesItsEnd() {
        put(store, "a", "1");
        CompletableFuture<Optional<Together>> read;
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.put(A, json("2"), 0);
            read = read();
            transaction.put(B, json("2"), 0);
            assertFalse(read.isDone());
            commit(transaction);
            assertFalse(read.isDone());
        }
        assertFalse(read.isDone(), "read by the thread that writes");
        runLater();
        assertRead(2, read, "2", "2", null);
    }

    @Test
    void whatLaterTransactionsChangeIsReadAsItWas() {
        put(store, "a", "1");
        put(store, "b", "1");
        CompletableFuture<Optional<Together>> read;
        try (WriteTransaction transaction = store.begin(0)) {
            read = read();
            commit(transaction);
        }
        StoreFixture.write(store, transaction -> {
            transaction.put(A, json("3"), 0);
            transaction.put(A, json("4"), 0);
            transaction.delete(B);
            transaction.put(C, json("3"), 0);
        });
        put(store, "b", "5");
        CompletableFuture<Optional<Together>> next;
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.put(B, json("6"), 0);
            runLater();
            assertRead(2, read, "1", "1", null);
            next = read();
            commit(transaction);
        }
        runLater();
        assertRead(store.revision(), next, "4", "6", "3");
    }

    @Test
    void aTransactionThatIsGivenUpShowsNothing() {
        put(store, "a", "1");
        put(store, "b", "1");
        CompletableFuture<Optional<Together>> within;
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.put(A, json("2"), 0);
            transaction.delete(B);
            within = read();
            transaction.put(C, json("2"), 0);
        }
        CompletableFuture<Optional<Together>> during;
        try (WriteTransaction transaction = store.begin(0)) {
            during = read();
            runLater();
            transaction.put(A, json("3"), 0);
        }
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.put(A, json("4"), 0);
            transaction.delete(B);
            transaction.put(C, json("4"), 0);
            runLater();
            assertRead(2, within, "1", "1", null);
            assertRead(2, during, "1", "1", null);
        }
        assertRead(2, read(), "1", "1", null);
    }

    @Test
    void moreBytesThanMayBeAreNotRead() {
        put(store, "a", "\"12345\"");
        put(store, "b", "\"123\"");
        assertEquals(Optional.empty(), store.seeTogether(ALL, 11, later::add).join());
        assertTrue(store.seeTogether(ALL, 12, later::add).join().isPresent());
        CompletableFuture<Optional<Together>> over;
        CompletableFuture<Optional<Together>> fits;
        try (WriteTransaction transaction = store.begin(0)) {
            over = store.seeTogether(ALL, 11, later::add);
            fits = store.seeTogether(ALL, 12, later::add);
            commit(transaction);
        }
        put(store, "a", "1");
        put(store, "b", "\"123456789\"");
        put(store, "c", "\"123456789\"");
        runLater();
        assertEquals(Optional.empty(), over.join());
        assertRead(2, fits, "\"12345\"", "\"123\"", null);
    }

    @Test
    void whoReadsWhileAllIsReplacedIsToldToTryAgain() {
        put(store, "a", "1");
        CompletableFuture<Optional<Together>> read;
        try (WriteTransaction transaction = store.begin(0)) {
            read = read();
            commit(transaction);
        }
        for (Restore step :
                List.of(new Restore.Begin("r", 50, true, Prefix.ALL), new Restore.Switch("r", 0, 0, false))) {
            StoreFixture.write(store, transaction -> {
                transaction.nextCommand();
                assertEquals(Optional.empty(), transaction.restore(step));
            });
        }
        store.removeReplaced();
        runLater();
        KvException failure = (KvException)
                assertThrows(CompletionException.class, read::join).getCause();
        assertEquals(Code.UNAVAILABLE, failure.code());
        store.close();
        failure = (KvException)
                assertThrows(CompletionException.class, () -> read().join()).getCause();
        assertEquals(Code.UNAVAILABLE, failure.code());
    }

    @Test
    void tooManyKeysAtOnceAreRefusedUntilOthersAreRead() {
        List<Key> keys =
                IntStream.range(0, 10_001).mapToObj(i -> Key.of("k" + i)).toList();
        CompletableFuture<Optional<Together>> first;
        try (WriteTransaction transaction = store.begin(0)) {
            first = store.seeTogether(keys, MANY, later::add);
            KvException refusal = (KvException) assertThrows(
                            CompletionException.class,
                            () -> store.seeTogether(keys, MANY, later::add).join())
                    .getCause();
            assertEquals(Code.UNAVAILABLE, refusal.code());
            commit(transaction);
        }
        runLater();
        assertEquals(10_001, first.join().orElseThrow().entries().size());
        assertTrue(store.seeTogether(keys, MANY, later::add).join().isPresent());
    }

    /** Each transaction writes one number to all keys, in one order and the other, or gives up; at odd ones keys go. */
    @Test
    void readersSeeOneNumberEverywhere() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        AtomicBoolean stop = new AtomicBoolean();
        try {
            List<Future<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                readers.add(threads.submit(() -> {
                    int reads = 0;
                    long last = 0;
                    for (; !stop.get(); reads++) {
                        long known = store.revision();
                        Together together =
                                store.seeTogether(ALL, MANY, threads).get().orElseThrow();
                        assertTrue(together.revision() >= known && together.revision() >= last);
                        last = together.revision();
                        assertOneNumber(together);
                    }
                    return reads;
                }));
            }
            for (int number = 1; number <= 3000; number++) {
                write(number);
            }
            stop.set(true);
            for (Future<Integer> reader : readers) {
                assertTrue(reader.get() > 100);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void write(int number) {
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.nextCommand();
            for (int i = 0; i < ALL.size(); i++) {
                Key key = ALL.get(number % 3 == 0 ? i : ALL.size() - 1 - i);
                if (number % 2 == 0) {
                    transaction.put(key, json(Integer.toString(number)), 0);
                } else {
                    transaction.delete(key);
                }
            }
            if (number % 5 != 0) {
                commit(transaction);
            }
        }
    }

    private static void assertOneNumber(Together together) {
        for (Optional<Entry> entry : together.entries()) {
            assertEquals(together.entries().get(0).map(Entry::value), entry.map(Entry::value));
            assertEquals(together.entries().get(0).map(Entry::changeRevision), entry.map(Entry::changeRevision));
            assertTrue(entry.map(Entry::changeRevision).orElse(0L) <= together.revision());
        }
    }
}
