package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.SETTINGS;
import static dev.raftkv.store.StoreFixture.open;
import static dev.raftkv.store.StoreFixture.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.raftkv.model.Code;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store whose file was damaged while nobody looked. */
@Timeout(60)
class DamagedFileTest {
    private static final int KEYS = 400;

    @TempDir
    Path temporary;

    private Path damagedFile;

    /** Damages what a start does not read: rows that a checkpoint has left behind. */
    private Path damaged() throws IOException {
        Path directory = temporary.resolve("kv");
        try (KvStore store = open(directory)) {
            for (int i = 0; i < KEYS; i++) {
                put(store, "k" + i, "\"" + "x".repeat(1000) + "\"");
            }
        }
        damagedFile = largest(directory);
        // JE reads the last file at the start; each start begins a new one.
        open(directory).close();
        try (FileChannel file = FileChannel.open(damagedFile, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[5000]), 100_000);
        }
        return directory;
    }

    private static Path largest(Path directory) throws IOException {
        Path largest = null;
        for (Path file : Directories.list(directory)) {
            largest = largest == null || Files.size(file) > Files.size(largest) ? file : largest;
        }
        return largest;
    }

    @Test
    void aReadThatFailsTellsTheNodeOfTheFile() throws IOException {
        List<StorageException> told = new ArrayList<>();
        KvStore store = new KvStore(damaged(), SETTINGS, told::add);
        try (store) {
            store.open();
            KvException refusal = assertThrows(KvException.class, () -> {
                for (int i = 0; i < KEYS; i++) {
                    store.get(Key.of("k" + i));
                }
            });
            assertEquals(Code.UNAVAILABLE, refusal.code());
            assertFalse(told.isEmpty());
            assertEquals(
                    Optional.of(damagedFile.getFileName().toString()),
                    told.get(0).damagedFile(),
                    told.get(0)::getMessage);
            // JE refuses everything from now on.
            assertThrows(KvException.class, () -> store.get(Key.of("k" + (KEYS - 1))));
        }
    }
}
