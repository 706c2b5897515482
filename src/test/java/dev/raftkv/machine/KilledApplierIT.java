package dev.raftkv.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StoreDump;
import dev.raftkv.store.StoreSettings;
import dev.raftkv.testkit.RandomWrites;
import dev.raftkv.testkit.StateModel;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that applies random entries of all kinds of commands, natively made and as clients of Consul make them, and is killed
 * at any moment: its store goes on where it was, and is in the end what the model says and what a replica has that nobody killed.
 */
@Timeout(120)
class KilledApplierIT {
    private static final int ENTRIES = 1_200;
    private static final int KILLS = Integer.getInteger("killed.kills", 8);

    @TempDir
    Path temporary;

    private final List<String> said = new ArrayList<>();
    private Random random;
    /** Up to where the store has been said to be, and has to be after a crash. */
    private long sure;

    @Test
    void aStoreGoesOnWhereItWasHoweverItsProcessIsKilled() throws Exception {
        long seed = Long.getLong("killed.seed", System.nanoTime());
        random = new Random(seed);
        try {
            StateModel model = writeLog();
            for (int kill = 0; kill < KILLS; kill++) {
                runAndKill();
            }
            int exit = run(Long.MAX_VALUE, "never", 0);
            assertEquals(0, exit, this::tail);
            assertEquals("ended " + ENTRIES, said.get(said.size() - 1), this::tail);
            try (KvStore store = new KvStore(temporary.resolve(KilledApplier.STORE), new StoreSettings(4 << 20))) {
                store.open();
                ModelChecks.assertHolds(model, store);
            }
            assertEquals(
                    StoreDump.of(temporary.resolve("replica")), StoreDump.of(temporary.resolve(KilledApplier.STORE)));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    /** Returns what the model is at the end of it; the replica has applied it then. */
    private StateModel writeLog() throws IOException {
        RandomWrites writes = new RandomWrites(random, true);
        StateModel model = new StateModel();
        long time = 1;
        try (KvStore replica = new KvStore(temporary.resolve("replica"), new StoreSettings(4 << 20));
                DataOutputStream log =
                        new DataOutputStream(Files.newOutputStream(temporary.resolve(KilledApplier.LOG)))) {
            replica.open();
            log.writeInt(ENTRIES);
            for (int i = 0; i < ENTRIES; i++) {
                if (i == ENTRIES / 10) {
                    writes.withConsul();
                }
                // The clock of a new leader may be behind.
                time = Math.max(1, time + random.nextInt(20) - 3) + (random.nextInt(50) == 0 ? 300_000 : 0);
                List<Write> some = new ArrayList<>();
                for (int n = random.nextInt(6); n >= 0; n--) {
                    some.add(writes.next(model.revision()));
                }
                byte[] entry = CommandCodec.entry(
                        time, some.stream().map(CommandCodec::encode).toList());
                log.writeInt(entry.length);
                log.write(entry);
                Batch batch = KilledApplier.decode(entry);
                model.apply(batch, i + 1);
                KilledApplier.apply(replica, batch, true);
            }
        }
        return model;
    }

    private void runAndKill() throws Exception {
        int share = ENTRIES / KILLS;
        switch (random.nextInt(4)) {
            // While it starts, or not long after.
            case 0 -> run(random.nextLong(0, 700), "never", 0);
            case 1 -> run(Long.MAX_VALUE, "restoring", 1 + random.nextInt(4));
            case 2 -> run(Long.MAX_VALUE, "taking", 1 + random.nextInt(8));
            default -> run(Long.MAX_VALUE, "applied", 1 + random.nextInt(2 * share));
        }
    }

    /**
     * Lets the process work, and kills it so long after its start, or a moment after it has said something so often.
     *
     * @return its exit code, that of SIGKILL if it was killed
     */
    private int run(long millis, String last, int times) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledApplier.class.getName(),
                        temporary.toString())
                .redirectErrorStream(true)
                .start();
        // A process that is ended by itself takes what it has said with it.
        ProcessHandle handle = process.toHandle();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            if (millis < Long.MAX_VALUE) {
                TimeUnit.MILLISECONDS.sleep(millis);
                handle.destroyForcibly();
            }
            int left = times;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                hear(line);
                if (line.startsWith(last + " ") && --left == 0) {
                    TimeUnit.NANOSECONDS.sleep(random.nextLong(random.nextBoolean() ? 4_000_000 : 50_000_000));
                    handle.destroyForcibly();
                }
            }
            assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it does not end");
            assertTrue(process.exitValue() == 0 || process.exitValue() == 128 + 9, this::tail);
            return process.exitValue();
        } finally {
            handle.destroyForcibly();
        }
    }

    private void hear(String line) {
        said.add(line);
        String[] words = line.split(" ");
        if (words.length != 2) {
            return;
        }
        long index = Long.parseLong(words[1]);
        switch (words[0]) {
            case "opened" -> assertTrue(index >= sure, () -> "it was at " + sure + ", " + tail());
            // It may be here from now on, or still there where it was.
            case "restoring" -> sure = index;
            default -> sure = Math.max(sure, index);
        }
    }

    private String tail() {
        return "it said:\n" + String.join("\n", said.subList(Math.max(0, said.size() - 30), said.size()));
    }
}
