package dev.raftkv.store;

import static dev.raftkv.store.StoreFixture.json;
import static dev.raftkv.store.StoreFixture.open;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.Position;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random changes, aborts, reopenings and restores, against a map that is known to be right. */
@Timeout(120)
class KvStoreModelTest {
    private static final int STEPS = 400;
    private static final int KEYS = 20;

    @TempDir
    Path temporary;

    /** What the store should hold; a copy is what a snapshot should hold. */
    private record Model(TreeMap<String, Entry> entries, Position position) {
        Model copy() {
            return new Model(new TreeMap<>(entries), position);
        }
    }

    @Test
    void storeBehavesAsAMap() {
        long seed = System.nanoTime();
        try {
            run(new Random(seed));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private void run(Random random) {
        Snapshots snapshots = new Snapshots(temporary.resolve("sm"));
        Model model = new Model(new TreeMap<>(), Position.EMPTY);
        Model snapshot = null;
        try (KvStore store = open(temporary.resolve("kv"))) {
            for (int step = 0; step < STEPS; step++) {
                int choice = random.nextInt(100);
                if (choice < 3) {
                    reopen(store);
                } else if (choice < 6 && snapshots.take(store).isPresent()) {
                    snapshot = model.copy();
                } else if (choice < 9 && snapshot != null) {
                    store.restore(snapshots.latest().orElseThrow().directory());
                    model = snapshot.copy();
                    // A restored store is behind its own later snapshots; none is later here, for restores take the
                    // latest.
                } else if (choice < 20) {
                    change(store, model.copy(), random, false);
                } else {
                    model = change(store, model.copy(), random, true);
                }
                assertHolds(model, store);
            }
        }
    }

    private static void reopen(KvStore store) {
        store.close();
        store.open();
    }

    private static Model change(KvStore store, Model model, Random random, boolean commit) {
        long revision = model.position().revision();
        try (WriteTransaction transaction = store.begin(0)) {
            for (int i = random.nextInt(8); i > 0; i--) {
                transaction.nextCommand();
                String name = "key/" + random.nextInt(KEYS);
                Key key = Key.of(name);
                Entry before = model.entries().get(name);
                assertEquals(Optional.ofNullable(before), transaction.get(key));
                if (random.nextInt(3) == 0) {
                    assertEquals(before != null, transaction.delete(key));
                    revision += before == null ? 0 : 1;
                    model.entries().remove(name);
                } else {
                    revision++;
                    String value = "\"" + "v".repeat(random.nextInt(2000)) + revision + "\"";
                    transaction.put(key, json(value), 0);
                    model.entries().put(name, next(key, value, before, revision));
                }
                assertEquals(revision, transaction.revision());
            }
            if (commit) {
                transaction.commit(1, model.position().index() + 1);
            }
        }
        Position reached = new Position(
                1, model.position().index() + 1, revision, model.entries().size(), 0);
        return new Model(model.entries(), reached);
    }

    private static Entry next(Key key, String value, Entry before, long revision) {
        return before == null
                ? new Entry(key, json(value), revision, revision, 1, 0)
                : new Entry(key, json(value), before.createRevision(), revision, before.version() + 1, 0);
    }

    private static void assertHolds(Model model, KvStore store) {
        assertEquals(model.position(), store.position());
        for (int i = 0; i < KEYS; i++) {
            String name = "key/" + i;
            assertEquals(Optional.ofNullable(model.entries().get(name)), store.get(Key.of(name)));
        }
    }
}
