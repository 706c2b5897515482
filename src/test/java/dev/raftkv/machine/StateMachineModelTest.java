package dev.raftkv.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.Snapshots;
import dev.raftkv.store.StoreDump;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import dev.raftkv.testkit.RandomWrites;
import dev.raftkv.testkit.StateModel;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random entries of all kinds of commands, with restarts and restores between, against a plain model. */
@Timeout(120)
class StateMachineModelTest {
    private static final int ENTRIES = 1500;

    @TempDir
    Path temporary;

    @Test
    void storeDoesWhatTheModelDoes() {
        long seed = System.nanoTime();
        try {
            run(new Random(seed));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private void run(Random random) {
        RandomWrites writes = new RandomWrites(random, true);
        StateModel model = new StateModel();
        StateModel saved = null;
        Snapshots snapshots = new Snapshots(temporary.resolve("sm"));
        long time = 1;
        // Has the same entries with nobody who waits for their outcomes.
        KvStore follower = new KvStore(temporary.resolve("follower"), new StoreSettings(4 << 20));
        try (KvStore store = new KvStore(temporary.resolve("kv"), new StoreSettings(4 << 20));
                follower) {
            store.open();
            follower.open();
            for (int i = 0; i < ENTRIES; i++) {
                if (i == ENTRIES / 5) {
                    writes.withConsul();
                }
                int choice = random.nextInt(100);
                if (choice == 0) {
                    reopen(store);
                } else if (choice == 1 && snapshots.take(store).isPresent()) {
                    saved = model.copy();
                } else if (choice == 2 && saved != null) {
                    store.restore(snapshots.latest().orElseThrow().directory());
                    follower.restore(snapshots.latest().orElseThrow().directory());
                    model = saved.copy();
                }
                // The clock of a new leader may be behind.
                time = Math.max(1, time + random.nextInt(20) - 3);
                if (random.nextInt(50) == 0) {
                    time += 300_000;
                }
                List<Write> some = new ArrayList<>();
                for (int n = random.nextInt(6); n >= 0; n--) {
                    some.add(writes.next(model.revision()));
                }
                Batch batch = new Batch(time, some);
                apply(batch, model, store);
                follow(batch, follower);
                ModelChecks.assertHolds(model, store);
                assertEquals(store.position(), follower.position());
            }
        }
        assertEquals(StoreDump.of(temporary.resolve("kv")), StoreDump.of(temporary.resolve("follower")));
    }

    private static void reopen(KvStore store) {
        store.close();
        store.open();
    }

    private static void apply(Batch batch, StateModel model, KvStore store) {
        Batch decoded = CommandCodec.decode(ByteBuffer.wrap(CommandCodec.entry(
                batch.time(), batch.writes().stream().map(CommandCodec::encode).toList())));
        long index = store.position().index() + 1;
        List<Outcome> expected = model.apply(batch, index);
        try (WriteTransaction transaction = store.begin(decoded.time())) {
            List<Outcome> outcomes = new CommandApplier().apply(decoded, 1, index, transaction);
            transaction.commit(1, index);
            assertEquals(expected, outcomes, () -> "of " + batch);
        }
    }

    private static void follow(Batch batch, KvStore store) {
        long index = store.position().index() + 1;
        try (WriteTransaction transaction = store.begin(batch.time())) {
            new CommandApplier().follow(batch, 1, index, transaction);
            transaction.commit(1, index);
        }
    }
}
