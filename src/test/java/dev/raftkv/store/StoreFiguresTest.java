package dev.raftkv.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreFiguresTest {
    @Test
    void figuresTellOfTheCacheTheFilesAndTheSyncs(@TempDir Path directory) {
        try (KvStore store = StoreFixture.open(directory.resolve("kv"))) {
            StoreFigures before = store.figures();
            for (int i = 0; i < 100; i++) {
                StoreFixture.put(store, "key" + i, "\"" + "x".repeat(1000) + "\"");
            }
            store.backup(directory.resolve("copy"));

            StoreFigures after = store.figures();
            assertTrue(after.cacheBytes() > before.cacheBytes(), after::toString);
            assertTrue(after.cacheBytes() < 2 * StoreFixture.SETTINGS.cacheBytes(), after::toString);
            assertTrue(after.diskBytes() > before.diskBytes() + 100_000, after::toString);
            assertTrue(after.syncs() > before.syncs(), after::toString);
            assertEquals(0, after.cacheMisses());
        }
    }

    @Test
    void figuresOfAClosedStoreAreRefused(@TempDir Path directory) {
        KvStore store = StoreFixture.open(directory.resolve("kv"));
        store.close();

        assertEquals(
                Code.UNAVAILABLE,
                assertThrows(KvException.class, store::figures).code());
    }
}
