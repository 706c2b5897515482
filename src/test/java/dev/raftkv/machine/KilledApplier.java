package dev.raftkv.machine;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.model.Batch;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.Snapshot;
import dev.raftkv.store.Snapshots;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.store.WriteTransaction;
import dev.raftkv.testkit.StateModel;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A program that applies a log to a store as a node does, from where the store is, with snapshots and restores between, and says
 * what it does. It begins by looking whether its store is what the model says. Whoever starts it kills it at any moment.
 */
final class KilledApplier {
    static final long TERM = 1;
    static final String LOG = "log";
    static final String STORE = "kv";

    private static final int SNAPSHOT_EVERY = 30;
    private static final int RESTORE_EVERY = 90;

    private KilledApplier() {}

    /** @param args a directory with the log, where the store and the snapshots are, too */
    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        List<byte[]> log = read(directory.resolve(LOG));
        Random random = new Random();
        Snapshots snapshots = new Snapshots(directory.resolve("sm"));
        snapshots.clean();
        try (KvStore store = new KvStore(directory.resolve(STORE), new StoreSettings(4 << 20))) {
            store.open();
            say("opened", store);
            ModelChecks.assertHolds(model(log, store.position().index()), store);
            say("checked", store);
            while (store.position().index() < log.size()) {
                if (random.nextInt(SNAPSHOT_EVERY) == 0) {
                    say("taking", store);
                    snapshots.take(store);
                    snapshots.retain(2);
                } else if (random.nextInt(RESTORE_EVERY) == 0
                        && snapshots.latest().isPresent()) {
                    Snapshot latest = snapshots.latest().get();
                    say("restoring", latest.index());
                    store.restore(latest.directory());
                }
                apply(store, decode(log.get((int) store.position().index())), random.nextBoolean());
                say("applied", store);
            }
        }
        say("ended", log.size());
    }

    private static void say(String what, KvStore store) {
        say(what, store.position().index());
    }

    private static void say(String what, long index) {
        System.out.println(what + " " + index);
        System.out.flush();
    }

    static void apply(KvStore store, Batch batch, boolean outcomes) {
        long index = store.position().index() + 1;
        try (WriteTransaction transaction = store.begin(batch.time())) {
            if (outcomes) {
                new CommandApplier().apply(batch, TERM, index, transaction);
            } else {
                new CommandApplier().follow(batch, TERM, index, transaction);
            }
            transaction.commit(TERM, index);
        }
    }

    /** After so many entries. */
    private static StateModel model(List<byte[]> log, long index) {
        StateModel model = new StateModel();
        for (int i = 0; i < index; i++) {
            model.apply(decode(log.get(i)), i + 1);
        }
        return model;
    }

    static Batch decode(byte[] entry) {
        return CommandCodec.decode(ByteBuffer.wrap(entry));
    }

    static List<byte[]> read(Path log) throws IOException {
        List<byte[]> entries = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(log))) {
            for (int count = in.readInt(); count > 0; count--) {
                entries.add(in.readNBytes(in.readInt()));
            }
        }
        return entries;
    }
}
