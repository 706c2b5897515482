package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.json;
import static dev.raftkv.store.StoreFixture.put;
import static dev.raftkv.store.StoreFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command.Restore;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Page;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.model.Revised;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranges that are read at one moment. */
class PagesTest {
    private static final Prefix P = Prefix.of("p/");
    private static final Range RANGE = Range.of(P);
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

    private static Range behind(String after, boolean reverse) {
        return new Range(P, Optional.empty(), Optional.of(Key.of(after)), reverse);
    }

    private CompletableFuture<Page<Entry>> read(Range range, int limit) {
        return store.seeTogether(range, limit, MANY, later::add);
    }

    private void runLater() {
        while (!later.isEmpty()) {
            later.remove().run();
        }
    }

    private static String text(Page<Entry> page) {
        StringBuilder text = new StringBuilder();
        page.found()
                .forEach(entry -> text.append(entry.key())
                        .append('=')
                        .append(entry.value())
                        .append(' '));
        return text + "at " + page.revision() + (page.more() ? " and more" : "");
    }

    private static void assertRead(String expected, CompletableFuture<Page<Entry>> read) {
        assertTrue(read.isDone(), "it waits");
        assertEquals(expected, text(read.join()));
    }

    private void commit(WriteTransaction transaction) {
        transaction.commit(1, store.position().index() + 1);
    }

    /** A page that is to be read when the next transaction has ended. */
    private CompletableFuture<Page<Entry>> readWithin(Range range, int limit) {
        CompletableFuture<Page<Entry>> read;
        try (WriteTransaction transaction = store.begin(0)) {
            read = read(range, limit);
            commit(transaction);
        }
        assertFalse(read.isDone(), "read by the thread that writes");
        return read;
    }

    private void fill() {
        put(store, "o", "0");
        put(store, "p/a", "1");
        put(store, "p/b", "2");
        put(store, "p/c", "3");
        put(store, "q", "4");
    }

    @Test
    void pagesFollowEachOtherWhereNobodyWrites() {
        assertRead("at 0", read(RANGE, 5));
        fill();
        assertRead("p/a=1 p/b=2 p/c=3 at 5", read(RANGE, 3));
        assertRead("p/a=1 p/b=2 at 5 and more", read(RANGE, 2));
        assertRead("p/c=3 at 5", read(behind("p/b", false), 2));
        assertRead("at 5", read(behind("p/c", false), 2));
        assertRead("p/a=1 at 5 and more", read(behind("a", false), 1));
        assertRead("p/c=3 p/b=2 at 5 and more", read(new Range(P, Optional.empty(), Optional.empty(), true), 2));
        assertRead("p/a=1 at 5", read(behind("p/b", true), 2));
        assertRead("p/c=3 at 5 and more", read(behind("z", true), 1));
        assertRead("at 5", read(behind("p/a", true), 2));
        assertRead("o=0 p/a=1 p/b=2 p/c=3 q=4 at 5", read(Range.ALL, 5));
    }

    @Test
    void theValuesOfAPageHaveABound() {
        fill();
        assertRead("p/a=1 p/b=2 at 5 and more", store.seeTogether(RANGE, 9, 2, later::add));
        put(store, "p/a", "12345");
        assertRead("p/a=12345 at 6 and more", store.seeTogether(RANGE, 9, 2, later::add));
        assertRead("p/b=2 p/c=3 at 6", store.seeTogether(behind("p/a", false), 9, 2, later::add));
    }

    @Test
    void keysAreReadAlone() {
        fill();
        CompletableFuture<Page<Key>> read;
        try (WriteTransaction transaction = store.begin(0)) {
            read = store.seeKeysTogether(RANGE, 2, later::add);
            commit(transaction);
        }
        write(store, transaction -> {
            transaction.delete(Key.of("p/a"));
            transaction.put(Key.of("p/aa"), json("5"), 0);
            transaction.put(Key.of("p/b"), json("5"), 0);
        });
        runLater();
        assertEquals(new Page<>(List.of(Key.of("p/a"), Key.of("p/b")), 5, true), read.join());
        assertEquals(
                new Page<>(List.of(Key.of("p/aa"), Key.of("p/b"), Key.of("p/c")), 6, false),
                store.seeKeysTogether(RANGE, 3, later::add).join());
    }

    @Test
    void keysAreReadWithTheirRevisions() {
        fill();
        CompletableFuture<Page<Revised>> read;
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.put(Key.of("p/b"), json("\"" + "x".repeat(500) + "\""), 0);
            read = store.seeRevisionsTogether(RANGE, 9, later::add);
            commit(transaction);
        }
        write(store, transaction -> {
            transaction.delete(Key.of("p/a"));
            transaction.put(Key.of("p/aa"), json("5"), 0);
            transaction.put(Key.of("p/b"), json("5"), 0);
        });
        runLater();
        Page<Revised> before = read.join();
        assertEquals(
                List.of(Key.of("p/a"), Key.of("p/b"), Key.of("p/c")),
                before.found().stream().map(Revised::key).toList());
        assertEquals(
                before.revision(),
                before.found().stream().mapToLong(Revised::changeRevision).max().orElseThrow());
        Page<Revised> now = store.seeRevisionsTogether(RANGE, 2, later::add).join();
        assertEquals(
                List.of(new Revised(Key.of("p/aa"), now.revision()), new Revised(Key.of("p/b"), now.revision())),
                now.found());
        assertTrue(now.more());
    }

    @Test
    void whatLaterTransactionsMakeRemoveAndChangeIsReadAsItWas() {
        fill();
        for (Range range : List.of(RANGE, new Range(P, Optional.empty(), Optional.empty(), true))) {
            String before = text(read(range, 9).join());
            CompletableFuture<Page<Entry>> read = readWithin(range, 9);
            write(store, transaction -> {
                transaction.put(Key.of("p/0"), json("7"), 0);
                transaction.put(Key.of("p/b"), json("7"), 0);
                transaction.put(Key.of("p/b"), json("8"), 0);
                transaction.delete(Key.of("p/c"));
                transaction.delete(Key.of("p/0"));
            });
            write(store, transaction -> transaction.put(Key.of("p/bb"), json("9"), 0));
            try (WriteTransaction transaction = store.begin(0)) {
                transaction.ranges().remove(P);
                runLater();
                assertRead(before, read);
                commit(transaction);
            }
            fill();
        }
    }

    @Test
    void whoComesWithinATransactionSeesItsEnd() {
        fill();
        CompletableFuture<Page<Entry>> read;
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.put(Key.of("p/a"), json("7"), 0);
            read = read(RANGE, 9);
            transaction.delete(Key.of("p/b"));
            transaction.put(Key.of("p/d"), json("7"), 0);
            commit(transaction);
        }
        runLater();
        assertRead("p/a=7 p/c=3 p/d=7 at 6", read);
    }

    @Test
    void aTransactionThatIsGivenUpShowsNothing() {
        fill();
        CompletableFuture<Page<Entry>> within;
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.put(Key.of("p/a"), json("7"), 0);
            transaction.delete(Key.of("p/b"));
            within = read(RANGE, 9);
            transaction.put(Key.of("p/d"), json("7"), 0);
        }
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.put(Key.of("p/d"), json("8"), 0);
            transaction.ranges().remove(P);
        }
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.delete(Key.of("p/a"));
            runLater();
            assertRead("p/a=1 p/b=2 p/c=3 at 5", within);
        }
        assertRead("p/a=1 p/b=2 p/c=3 at 5", read(RANGE, 9));
    }

    /** What is left is about what is read, whatever becomes of the rest of the range. */
    @Test
    void aPageIsReadWhereAllBehindItGoes() {
        write(store, transaction -> {
            for (int i = 1000; i < 6000; i++) {
                transaction.put(Key.of("p/" + i), json("1"), 0);
            }
        });
        CompletableFuture<Page<Entry>> read = readWithin(RANGE, 2);
        CompletableFuture<Page<Entry>> last = readWithin(new Range(P, Optional.empty(), Optional.empty(), true), 2);
        write(store, transaction -> transaction.ranges().remove(P));
        runLater();
        assertRead("p/1000=1 p/1001=1 at 1 and more", read);
        assertRead("p/5999=1 p/5998=1 at 1 and more", last);
    }

    @Test
    void whereTooMuchIsChangedAnotherMomentIsRead() {
        fill();
        CompletableFuture<Page<Entry>> many = readWithin(RANGE, 1);
        CompletableFuture<Page<Entry>> long1 = store.seeTogether(RANGE, 9, 3, later::add);
        CompletableFuture<Page<Entry>> longer;
        try (WriteTransaction transaction = store.begin(0)) {
            longer = store.seeTogether(RANGE, 9, 3, later::add);
            commit(transaction);
        }
        write(store, transaction -> {
            for (int i = 0; i < 200; i++) {
                transaction.put(Key.of("p/A" + (1000 + i)), json("7"), 0);
            }
        });
        assertRead("p/a=1 p/b=2 p/c=3 at 5", long1);
        runLater();
        assertRead("p/A1000=7 at 6 and more", many);
        assertRead("p/A1000=7 p/A1001=7 p/A1002=7 at 6 and more", longer);
    }

    @Test
    void aPageOfWhichNothingIsLeftIsTheNextOne() {
        fill();
        CompletableFuture<Page<Entry>> read;
        try (WriteTransaction transaction = store.begin(0)) {
            read = read(RANGE, 2);
            transaction.delete(Key.of("p/a"));
            transaction.delete(Key.of("p/b"));
            commit(transaction);
        }
        runLater();
        assertRead("p/c=3 at 6", read);
    }

    @Test
    void whoReadsWhileAllIsReplacedIsToldToTryAgain() {
        fill();
        CompletableFuture<Page<Entry>> read = readWithin(RANGE, 9);
        for (Restore step :
                List.of(new Restore.Begin("r", 50, true, Prefix.ALL), new Restore.Switch("r", 0, 0, false))) {
            write(store, transaction -> {
                transaction.nextCommand();
                assertEquals(Optional.empty(), transaction.restore(step));
            });
        }
        store.removeReplaced();
        runLater();
        assertUnavailable(read);
        store.close();
        assertUnavailable(read(RANGE, 9));
    }

    private static void assertUnavailable(CompletableFuture<?> read) {
        KvException failure = (KvException)
                assertThrows(CompletionException.class, read::join).getCause();
        assertEquals(Code.UNAVAILABLE, failure.code());
    }

    @Test
    void tooManyRangesAtOnceAreRefusedUntilOthersAreRead() {
        fill();
        List<CompletableFuture<Page<Entry>>> reads = new ArrayList<>();
        try (WriteTransaction transaction = store.begin(0)) {
            for (int i = 0; i < 500; i++) {
                reads.add(read(RANGE, 9));
            }
            assertUnavailable(read(RANGE, 9));
            commit(transaction);
        }
        runLater();
        reads.forEach(read -> assertRead("p/a=1 p/b=2 p/c=3 at 5", read));
        assertRead("p/a=1 p/b=2 p/c=3 at 5", read(RANGE, 9));
    }

    /** Each transaction makes, changes or removes two keys, far from each other, or gives up. */
    @Test
    void readersSeeBothOfTwoKeysOrNone() throws Exception {
        for (int i = 0; i < 50; i++) {
            put(store, "p/m" + (10 + i), "0");
        }
        ExecutorService threads = Executors.newFixedThreadPool(4);
        AtomicBoolean stop = new AtomicBoolean();
        try {
            List<Future<Integer>> readers = new ArrayList<>();
            for (boolean reverse : new boolean[] {false, true}) {
                Range range = new Range(P, Optional.empty(), Optional.empty(), reverse);
                readers.add(threads.submit(() -> {
                    int reads = 0;
                    for (; !stop.get(); reads++) {
                        long known = store.revision();
                        Page<Entry> page =
                                store.seeTogether(range, 1000, MANY, threads).get();
                        assertTrue(page.revision() >= known);
                        assertPairs(page);
                    }
                    return reads;
                }));
            }
            for (int number = 1; number <= 3000; number++) {
                writePair(number);
            }
            stop.set(true);
            for (Future<Integer> reader : readers) {
                assertTrue(reader.get() > 50);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void writePair(int number) {
        try (WriteTransaction transaction = store.begin(0)) {
            transaction.nextCommand();
            for (String side : number % 3 == 0 ? List.of("a", "z") : List.of("z", "a")) {
                Key key = Key.of("p/" + side + number % 7);
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

    private static void assertPairs(Page<Entry> page) {
        Map<String, String> values = new HashMap<>();
        page.found().forEach(entry -> {
            values.put(entry.key().text(), entry.value().toString());
            assertTrue(entry.changeRevision() <= page.revision());
        });
        for (int i = 0; i < 7; i++) {
            assertEquals(values.get("p/a" + i), values.get("p/z" + i), values::toString);
        }
        assertFalse(page.more());
    }
}
