package dev.raftkv.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Change;
import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.Compare.Operator;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.TxnOp.Result;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What transactions do with all keys that start with a prefix, and how many that may be. */
@Timeout(60)
class TxnRangesTest {
    private static final Prefix A = Prefix.of("a/");

    @TempDir
    Path directory;

    private KvStore store;
    private WriteTransaction transaction;

    @BeforeEach
    void open() {
        store = new KvStore(directory.resolve("kv"), new StoreSettings(4 << 20));
        store.open();
        transaction = store.begin(0);
    }

    @AfterEach
    void close() {
        transaction.close();
        store.close();
    }

    private static JsonText json(String text) {
        return new JsonText(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Each at a revision of its own. */
    private void put(String prefix, int keys) {
        for (int i = 0; i < keys; i++) {
            transaction.nextCommand();
            transaction.put(Key.of(prefix + i), json("1"), 0);
        }
    }

    private Outcome apply(List<Compare> compares, TxnOp... then) {
        transaction.nextCommand();
        Command.Txn txn = new Command.Txn(compares, List.of(then), List.of());
        return new TxnApplier(transaction, Detail.VALUES).apply(txn);
    }

    private boolean holds(Compare... compares) {
        return ((Outcome.TxnDone) apply(List.of(compares))).succeeded();
    }

    private Outcome rejected(Reason reason) {
        return new Outcome.Rejected(transaction.revision(), reason, 0);
    }

    private static TxnOp all(Prefix prefix) {
        return new TxnOp.GetRange(prefix, TxnOp.GetRange.ALL);
    }

    /** The keys, and a + for more. */
    private static String keys(Outcome outcome, int result) {
        Result.RangeFetched range =
                (Result.RangeFetched) ((Outcome.TxnDone) outcome).results().get(result);
        return range.found().stream().map(found -> found.key().text()).collect(Collectors.joining(" "))
                + (range.more() ? " +" : "");
    }

    @Test
    void countsAreOfWhatIsThere() {
        put("a/", 3);
        put("b/", 1);
        for (int count = 0; count < 6; count++) {
            assertEquals(count == 3, holds(new Compare.Count(A, Operator.EQUAL, count)));
            assertEquals(count != 3, holds(new Compare.Count(A, Operator.NOT_EQUAL, count)));
            assertEquals(3 < count, holds(new Compare.Count(A, Operator.LESS, count)));
            assertEquals(3 > count, holds(new Compare.Count(A, Operator.GREATER, count)));
            assertEquals(3 <= count, holds(new Compare.Count(A, Operator.AT_MOST, count)));
            assertEquals(3 >= count, holds(new Compare.Count(A, Operator.AT_LEAST, count)));
        }
        transaction.delete(Key.of("a/1"));
        assertTrue(holds(new Compare.Count(A, Operator.EQUAL, 2), new Compare.Count(Prefix.ALL, Operator.EQUAL, 3)));
    }

    @Test
    void revisionsAreOfEachKeyThatIsThere() {
        put("b/", 1);
        put("a/", 3);
        for (int revision = 0; revision < 7; revision++) {
            assertEquals(revision >= 4, holds(new Compare.Revisions(A, Operator.AT_MOST, revision)));
            assertEquals(revision > 4, holds(new Compare.Revisions(A, Operator.LESS, revision)));
            assertEquals(revision < 2, holds(new Compare.Revisions(A, Operator.GREATER, revision)));
            assertEquals(revision <= 2, holds(new Compare.Revisions(A, Operator.AT_LEAST, revision)));
            assertTrue(holds(new Compare.Revisions(Prefix.of("c"), Operator.LESS, revision)), "of no key");
        }
        assertEquals(false, holds(new Compare.Revisions(A, Operator.EQUAL, 3)));
        assertTrue(holds(new Compare.Revisions(Prefix.of("a/1"), Operator.EQUAL, 3)));
    }

    @Test
    void operationsSeeThoseBeforeThem() {
        put("a/", 4);
        Outcome done = apply(
                List.of(),
                all(A),
                new TxnOp.Put(Key.of("a/25"), json("1"), 0),
                new TxnOp.Delete(Key.of("a/1")),
                all(A),
                new TxnOp.GetRange(A, 2),
                new TxnOp.GetRange(A, 4),
                new TxnOp.DeleteRange(Prefix.of("a/2")),
                new TxnOp.Get(Key.of("a/2")),
                all(A),
                all(Prefix.ALL));
        assertEquals("a/0 a/1 a/2 a/3", keys(done, 0));
        assertEquals("a/0 a/2 a/25 a/3", keys(done, 3));
        assertEquals("a/0 a/2 +", keys(done, 4));
        assertEquals("a/0 a/2 a/25 a/3", keys(done, 5));
        List<Result> results = ((Outcome.TxnDone) done).results();
        assertEquals(new Result.RangeRemoved(Prefix.of("a/2"), 2), results.get(6));
        assertEquals(Result.Fetched.nothing(Key.of("a/2")), results.get(7));
        assertEquals("a/0 a/3", keys(done, 8));
        assertEquals("a/0 a/3", keys(done, 9));
    }

    @Test
    void eachKeyThatIsRemovedIsAChangeOfOneRevision() {
        put("a/", 2);
        apply(List.of(), new TxnOp.DeleteRange(A), new TxnOp.Put(Key.of("b"), json("1"), 0));
        List<Change> changes = transaction.changes().orElseThrow();
        assertEquals(
                List.of("3 0 DELETE a/0", "3 1 DELETE a/1", "3 2 PUT b"),
                changes.subList(2, 5).stream()
                        .map(change ->
                                change.revision() + " " + change.ordinal() + " " + change.kind() + " " + change.key())
                        .toList());
    }

    @Test
    void comparesLookAtSoManyKeysTogether() {
        int most = Compare.OfRange.MOST_KEYS;
        put("a/", most);
        Compare all = new Compare.Revisions(A, Operator.GREATER, 0);
        Compare one = new Compare.Revisions(Prefix.of("a/77"), Operator.GREATER, 0);
        assertTrue(holds(all));
        assertTrue(holds(new Compare.Count(A, Operator.EQUAL, most)));
        TxnOp put = new TxnOp.Put(Key.of("b"), json("1"), 0);
        assertEquals(rejected(Reason.COMPARED_RANGE_TOO_LARGE), apply(List.of(all, one), put));
        assertEquals(
                rejected(Reason.COMPARED_RANGE_TOO_LARGE),
                apply(List.of(all, new Compare.Count(A, Operator.GREATER, 1)), put));
        assertEquals(0, transaction.changeRevision(Key.of("b")));
        // What does not hold needs no look at those behind it.
        assertEquals(false, holds(new Compare.Revisions(A, Operator.GREATER, 1), all, all));
        put("a/x", 1);
        assertEquals(rejected(Reason.COMPARED_RANGE_TOO_LARGE), apply(List.of(all), put));
        assertEquals(false, holds(new Compare.Count(A, Operator.AT_MOST, most)));
    }

    @Test
    void readsHaveSoManyKeysTogether() {
        put("a/", 600);
        put("b/", 400);
        Prefix b = Prefix.of("b/");
        TxnOp put = new TxnOp.Put(Key.of("c"), json("1"), 0);
        assertInstanceOf(Outcome.TxnDone.class, apply(List.of(), all(A), all(b)));
        assertEquals(
                rejected(Reason.READ_RANGE_TOO_LARGE), apply(List.of(), put, all(A), all(b), all(Prefix.of("b/7"))));
        assertEquals(0, transaction.changeRevision(Key.of("c")));
        put("b/x", 1);
        assertEquals(rejected(Reason.READ_RANGE_TOO_LARGE), apply(List.of(), put, all(Prefix.ALL)));
        assertEquals(rejected(Reason.READ_RANGE_TOO_LARGE), apply(List.of(), put, all(A), all(b)));
        Outcome cut = apply(List.of(), new TxnOp.GetRange(Prefix.ALL, 1000), put);
        assertTrue(keys(cut, 0).endsWith("b/99 +"), () -> keys(cut, 0));
    }

    @Test
    void readsHaveSoManyBytesTogether() {
        byte[] digits = new byte[TxnOp.GetRange.MOST_BYTES / 2 - 1000];
        Arrays.fill(digits, (byte) '1');
        transaction.put(Key.of("a/1"), new JsonText(digits), 0);
        TxnOp large = new TxnOp.Put(Key.of("a/2"), new JsonText(digits), 0);
        TxnOp small = new TxnOp.Put(Key.of("a/3"), json("1".repeat(2000)), 0);
        assertEquals(rejected(Reason.READ_RANGE_TOO_LARGE), apply(List.of(), large, small, all(A)));
        assertEquals("a/1 a/2 +", keys(apply(List.of(), large, small, new TxnOp.GetRange(A, 2)), 2));
    }

    @Test
    void removalsHaveSoManyKeysTogether() {
        int most = Command.DeleteRange.MOST_KEYS;
        put("a/", most);
        put("b/", 1);
        TxnOp put = new TxnOp.Put(Key.of("c"), json("1"), 0);
        TxnOp removeB = new TxnOp.DeleteRange(Prefix.of("b/"));
        assertEquals(rejected(Reason.RANGE_TOO_LARGE), apply(List.of(), put, new TxnOp.DeleteRange(A), removeB));
        assertEquals(0, transaction.changeRevision(Key.of("c")));
        Outcome.TxnDone done = (Outcome.TxnDone) apply(List.of(), new TxnOp.DeleteRange(A), all(A), put);
        assertEquals(new Result.RangeRemoved(A, most), done.results().get(0));
        assertEquals("", keys(done, 1));
    }

    /** Against a sorted map, with prefixes within each other, and keys that change and are read in any order. */
    @RepeatedTest(20)
    void anyListDoesWhatAMapDoes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        TreeMap<String, String> model = new TreeMap<>();
        for (int round = 0; round < 20; round++) {
            List<TxnOp> operations = IntStream.range(0, 1 + random.nextInt(8))
                    .mapToObj(i -> operation(random))
                    .toList();
            List<String> expected =
                    operations.stream().map(each -> expected(each, model)).toList();
            Outcome.TxnDone done = (Outcome.TxnDone) apply(List.of(), operations.toArray(TxnOp[]::new));
            List<String> told = done.results().stream().map(TxnRangesTest::told).toList();
            assertEquals(expected, told, () -> "seed " + seed + ", " + operations);
            for (String prefix : List.of("", "0", "01", "2", "20")) {
                long count = count(prefix, model);
                assertTrue(holds(new Compare.Count(Prefix.of(prefix), Operator.EQUAL, count)), () -> "seed " + seed);
            }
        }
    }

    private static long count(String prefix, Map<String, String> model) {
        return model.keySet().stream().filter(key -> key.startsWith(prefix)).count();
    }

    private static TxnOp operation(Random random) {
        // Of three digits, each of 0 to 2: prefixes of one to three of them.
        String key = Integer.toString(27 + random.nextInt(27), 3).substring(1);
        Prefix prefix = Prefix.of(key.substring(0, random.nextInt(4)));
        return switch (random.nextInt(7)) {
            case 0 -> new TxnOp.Delete(Key.of(key));
            case 1 -> new TxnOp.DeleteRange(Prefix.of(key.substring(0, 1 + random.nextInt(3))));
            case 2 -> all(prefix);
            case 3 -> new TxnOp.GetRange(prefix, 1 + random.nextInt(5));
            case 4 -> new TxnOp.Get(Key.of(key));
            default -> new TxnOp.Put(Key.of(key), json(Integer.toString(random.nextInt(100))), 0);
        };
    }

    private static String expected(TxnOp operation, Map<String, String> model) {
        if (operation instanceof TxnOp.OfRange range) {
            String prefix = range.prefix().text();
            List<String> keys = model.keySet().stream()
                    .filter(key -> key.startsWith(prefix))
                    .toList();
            if (range instanceof TxnOp.DeleteRange) {
                model.keySet().removeAll(keys);
                return "removed " + keys.size();
            }
            int most = ((TxnOp.GetRange) range).most();
            return keys.stream()
                            .limit(most)
                            .map(key -> key + "=" + model.get(key))
                            .collect(Collectors.joining(" "))
                    + (keys.size() > most ? " +" : "");
        }
        String key = ((TxnOp.OfKey) operation).key().text();
        if (operation instanceof TxnOp.Put put) {
            model.put(key, put.value().toString());
            return "stored";
        }
        return operation instanceof TxnOp.Delete
                ? "removed " + (model.remove(key) != null)
                : key + "=" + model.get(key);
    }

    private static String told(Result result) {
        if (result instanceof Result.RangeRemoved range) {
            return "removed " + range.count();
        } else if (result instanceof Result.RangeFetched range) {
            return range.found().stream().map(TxnRangesTest::told).collect(Collectors.joining(" "))
                    + (range.more() ? " +" : "");
        } else if (result instanceof Result.Removed removed) {
            return "removed " + removed.existed();
        }
        return result instanceof Result.Fetched fetched
                ? fetched.key() + "="
                        + fetched.entry().map(entry -> entry.value().toString()).orElse(null)
                : "stored";
    }
}
