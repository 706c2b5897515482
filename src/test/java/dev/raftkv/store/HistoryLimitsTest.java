package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.json;
import static dev.raftkv.store.StoreFixture.open;
import static dev.raftkv.store.StoreFixture.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.model.Code;
import dev.raftkv.model.Cursor;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class HistoryLimitsTest {
    private static final HistoryLimits MANY = new HistoryLimits(30_000, 64 << 20);
    private static final HistoryLimits FEW = new HistoryLimits(1_000, 1 << 20);

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

    private void change(int entries, int changes, String value) {
        for (int i = 0; i < entries; i++) {
            write(store, transaction -> {
                for (int j = 0; j < changes; j++) {
                    transaction.nextCommand();
                    transaction.put(Key.of("k"), json(value), 0);
                }
            });
        }
    }

    @Test
    void theLatestChangesAreKeptAndNoMore() {
        assertEquals(HistoryLimits.USUAL, store.history().limits());
        change(15, 1000, "1");
        assertEquals(5_001, store.oldestRevision());
        keep(MANY);
        change(30, 1000, "1");
        assertEquals(new HistoryFigures(15_001, 30_000, 30_000 * 66L, MANY), store.history());
        assertEquals(10, store.changes(Cursor.after(15_000), 10).size());
        assertEquals(
                Code.GONE,
                assertThrows(KvException.class, () -> store.changes(Cursor.after(14_999), 10))
                        .code());
    }

    @Test
    void bytesCountToo() {
        keep(FEW);
        change(40, 1, "\"" + "x".repeat(100_000) + "\"");
        assertEquals(31, store.oldestRevision());
        assertEquals(10, store.history().changes());
    }

    /** So many rows with each entry: it would hold up all that comes behind it else. */
    @Test
    void whatIsTooMuchGoesWithTheEntriesThatFollow() {
        keep(MANY);
        change(25_000, 1, "1");
        keep(FEW);
        assertEquals(1, store.oldestRevision());
        change(1, 1, "1");
        assertEquals(10_001, store.oldestRevision());
        change(1, 1, "1");
        assertEquals(20_001, store.oldestRevision());
        change(1, 1, "1");
        assertEquals(25_003 - 1_000 + 1, store.oldestRevision());
        assertEquals(1_000, store.changes(Cursor.after(24_003), 5_000).size());
    }

    @Test
    void theyAreThereAfterAStartAndInASnapshot() {
        keep(FEW);
        Path backup = directory.resolve("backup");
        store.backup(backup);
        keep(MANY);
        store.close();
        store.open();
        assertEquals(MANY, store.history().limits());
        store.restore(backup);
        assertEquals(FEW, store.history().limits());
    }
}
