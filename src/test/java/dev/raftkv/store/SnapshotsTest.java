package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.open;
import static dev.raftkv.store.StoreFixture.put;
import static dev.raftkv.store.StoreFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SnapshotsTest {
    @TempDir
    Path temporary;

    private Path directory;
    private Snapshots snapshots;
    private KvStore store;

    @BeforeEach
    void openStore() {
        directory = temporary.resolve("sm");
        snapshots = new Snapshots(directory);
        store = open(temporary.resolve("kv"));
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void emptyStoreHasNoSnapshot() {
        assertEquals(Optional.empty(), snapshots.take(store));
        assertEquals(Optional.empty(), snapshots.latest());
        assertEquals(List.of(), snapshots.list());
        snapshots.retain(1);
        snapshots.clean();
    }

    @Test
    void snapshotHoldsTheStateOfItsIndex() {
        put(store, "a", "1");
        put(store, "a", "2");
        Snapshot taken = snapshots.take(store).orElseThrow();
        put(store, "a", "3");

        assertEquals(1, taken.term());
        assertEquals(2, taken.index());
        assertEquals(directory.resolve("1_2"), taken.directory());
        assertFalse(taken.files().isEmpty());
        assertEquals(Optional.of(taken), snapshots.latest());
        store.restore(taken.directory());
        assertEquals("2", value(store, "a"));
        assertEquals(2, store.position().index());
    }

    @Test
    void nothingNewMakesNoNewSnapshot() {
        put(store, "a", "1");
        Snapshot first = snapshots.take(store).orElseThrow();

        assertEquals(first, snapshots.take(store).orElseThrow());
        assertEquals(List.of(first), snapshots.list());
    }

    @Test
    void latestIsByNumberNotByName() {
        for (int i = 1; i <= 10; i++) {
            put(store, "a", "" + i);
            if (i >= 9) {
                snapshots.take(store);
            }
        }

        assertEquals(
                List.of(9L, 10L), snapshots.list().stream().map(Snapshot::index).toList());
        assertEquals(10, snapshots.latest().orElseThrow().index());
    }

    @Test
    void onlyTheLatestAreRetained() {
        for (int i = 1; i <= 4; i++) {
            put(store, "a", "" + i);
            snapshots.take(store);
        }
        snapshots.retain(2);

        assertEquals(
                List.of(3L, 4L), snapshots.list().stream().map(Snapshot::index).toList());
        store.restore(snapshots.list().get(0).directory());
        assertEquals("3", value(store, "a"));
    }

    @Test
    void halfMadeSnapshotsAreNeitherSeenNorKept() throws IOException {
        Path part = Files.createDirectories(directory.resolve("1_1.part"));
        Files.createFile(part.resolve("00000000.jdb"));
        assertEquals(List.of(), snapshots.list());

        put(store, "a", "1");
        assertEquals(1, snapshots.take(store).orElseThrow().index());
        Files.createDirectories(directory.resolve("1_2.part"));
        snapshots.clean();
        assertEquals(List.of(directory.resolve("1_1")), Directories.list(directory));
    }

    @Test
    void foreignFilesAreLeftOut() throws IOException {
        put(store, "a", "1");
        Snapshot taken = snapshots.take(store).orElseThrow();
        Files.createFile(taken.directory().resolve("00000000.jdb.md5"));
        Files.createDirectory(directory.resolve("1_7"));
        Files.createFile(directory.resolve("1_8"));
        Files.createDirectory(directory.resolve("lost+found"));

        assertEquals(List.of(taken), snapshots.list());
        assertTrue(taken.files().stream().allMatch(file -> file.toString().endsWith(".jdb")));
        store.restore(taken.directory());
        assertEquals("1", value(store, "a"));
    }
}
