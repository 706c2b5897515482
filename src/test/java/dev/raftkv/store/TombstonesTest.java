package dev.raftkv.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sleepycat.je.Transaction;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TombstonesTest {
    @TempDir
    Path directory;

    private JeEnvironment environment;
    private Tombstones tombstones;

    @BeforeEach
    void open() {
        environment = JeEnvironment.open(directory, StoreFixture.SETTINGS);
        tombstones = environment.live().tombstones();
    }

    @AfterEach
    void close() {
        environment.close();
    }

    private void at(long time, Consumer<Tombstones.Steps> changes) {
        Transaction transaction = environment.begin();
        Tombstones.Steps steps = new Tombstones.Steps(tombstones, transaction, time);
        changes.accept(steps);
        steps.end();
        transaction.commit();
    }

    @Test
    void theOldestAreForgottenWhenThereAreMoreThanMayBe() {
        at(1, steps -> {
            for (int i = 1; i <= Tombstones.MOST; i++) {
                steps.add(Key.of("k" + i), i);
            }
        });
        assertEquals(1, tombstones.removedAt(Key.of("k1")));
        at(1, steps -> {
            steps.add(Key.of("a"), Tombstones.MOST + 1);
            steps.add(Key.of("b"), Tombstones.MOST + 1);
        });
        assertEquals(0, tombstones.removedAt(Key.of("k1")));
        assertEquals(0, tombstones.removedAt(Key.of("k2")));
        assertEquals(3, tombstones.removedAt(Key.of("k3")));
        // Whose key is there again makes room for another one.
        at(1, steps -> steps.remove(Key.of("k3")));
        at(1, steps -> steps.add(Key.of("c"), Tombstones.MOST + 2));
        assertEquals(0, tombstones.removedAt(Key.of("k3")));
        assertEquals(4, tombstones.removedAt(Key.of("k4")));
    }

    @Test
    void aPrefixHasThoseOfItsKeys() {
        at(1, steps -> {
            steps.add(Key.of("a/1"), 5);
            steps.add(Key.of("a/2"), 7);
            steps.add(Key.of("b"), 9);
        });
        assertEquals(7, tombstones.lastRemoval(Prefix.of("a/"), Long.MAX_VALUE));
        assertEquals(5, tombstones.lastRemoval(Prefix.of("a/"), 6));
        assertEquals(9, tombstones.lastRemoval(Prefix.ALL, Long.MAX_VALUE));
        assertEquals(0, tombstones.lastRemoval(Prefix.of("c"), Long.MAX_VALUE));
    }
}
