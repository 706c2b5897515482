package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.json;
import static dev.raftkv.store.StoreFixture.open;
import static dev.raftkv.store.StoreFixture.put;
import static dev.raftkv.store.StoreFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Change;
import dev.raftkv.model.Code;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Entries that change more than one row of the history holds. */
@Timeout(120)
class LongHistoryTest {
    private static final int KEYS = 9000;
    private static final String LONG = "x".repeat(1000);

    @TempDir
    Path directory;

    private KvStore store;

    @BeforeEach
    void fill() {
        store = open(directory.resolve("kv"));
        for (int from = 0; from < KEYS; from += 1000) {
            int first = from;
            write(store, transaction -> {
                for (int i = first; i < first + 1000; i++) {
                    transaction.nextCommand();
                    transaction.put(Key.of("r/" + i + "/" + LONG), json("1"), 0);
                }
            });
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** In one entry: two changes, a range that takes several rows, and two changes more. */
    private void removeAll() {
        write(store, transaction -> {
            transaction.nextCommand();
            transaction.put(Key.of("before1"), json("1"), 0);
            transaction.nextCommand();
            transaction.put(Key.of("before2"), json("1"), 0);
            transaction.nextCommand();
            long before = store.changesMade();
            assertEquals(KEYS, transaction.ranges().remove(Prefix.of("r/")));
            assertEquals(before + KEYS, store.changesMade(), "who looks sees that it goes on");
            transaction.nextCommand();
            transaction.put(Key.of("after1"), json("1"), 0);
            transaction.nextCommand();
            transaction.put(Key.of("after2"), json("1"), 0);
            assertTrue(transaction.changes().isEmpty());
        });
    }

    @Test
    void aRangeIsRemovedAndReadInPagesWithoutALossFromEveryPlace() {
        removeAll();
        put(store, "later", "1");
        long range = KEYS + 3;
        List<Change> all = store.changes(Cursor.after(KEYS), Integer.MAX_VALUE);
        assertEquals(KEYS + 5, all.size());
        assertEquals(
                List.of(KEYS + 1L, KEYS + 2L),
                all.subList(0, 2).stream().map(Change::revision).toList());
        for (int i = 0; i < KEYS; i++) {
            assertEquals(range, all.get(2 + i).revision());
            assertEquals(i, all.get(2 + i).ordinal());
        }
        assertEquals(range + 3, all.get(all.size() - 1).revision());
        assertEquals(3, store.position().keys() - 2);

        List<Change> paged = new ArrayList<>();
        Cursor from = Cursor.after(KEYS);
        while (true) {
            ChangePage page = store.changesUpTo(from, 64 << 10);
            if (page.changes().isEmpty()) {
                break;
            }
            paged.addAll(page.changes());
            Change last = page.changes().get(page.changes().size() - 1);
            boolean isLastOfItsRevision = last.revision() != range || last.ordinal() == KEYS - 1;
            assertEquals(isLastOfItsRevision, page.endsRevision(), last::toString);
            from = page.endsRevision() ? Cursor.after(last.revision()) : Cursor.after(last);
        }
        assertEquals(all, paged);
        for (int i = 0; i < all.size(); i += 97) {
            assertEquals(
                    all.subList(i + 1, Math.min(all.size(), i + 11)),
                    store.changes(Cursor.after(all.get(i)), 10),
                    "behind " + i);
        }
    }

    @Test
    void ofARangeAllIsDroppedOrNothing() {
        removeAll();
        long range = KEYS + 3;
        Cursor within = new Cursor(range, 5000);
        assertEquals(KEYS - 5001 + 2, store.changes(within, Integer.MAX_VALUE).size());
        // Together with the range it is more than is kept.
        write(store, transaction -> {
            for (int i = 0; i < 8; i++) {
                transaction.nextCommand();
                transaction.put(Key.of("large" + i), json("\"" + "x".repeat(1 << 20) + "\""), 0);
            }
        });
        for (Cursor cursor : List.of(Cursor.after(range - 1), new Cursor(range, 0), within)) {
            KvException gone = assertThrows(KvException.class, () -> store.changes(cursor, 10), cursor::toString);
            assertEquals(Code.GONE, gone.code());
        }
        // The end of the range is in one row with what follows it.
        List<Change> rest = store.changes(new Cursor(range, KEYS - 2), 2);
        assertEquals(
                List.of(range, range + 1), rest.stream().map(Change::revision).toList());
        assertEquals(range + 1, store.oldestRevision());
        assertFalse(store.changes(Cursor.after(range), 10).isEmpty());
        store.close();
        store.open();
        assertEquals(10, store.changes(Cursor.after(range), 100).size());
    }
}
