package dev.raftkv.store;

import dev.raftkv.model.Counted;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Listed;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Range;
import dev.raftkv.testkit.FileTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The store of a node with 10,000 keys of 100 bytes, all in its cache. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class StoreBenchmark {
    private static final int KEYS = 10_000;
    private static final int PER_ENTRY = 100;
    private static final int PAGE = 100;

    private final JsonText value = new JsonText(("\"" + "x".repeat(98) + "\"").getBytes(StandardCharsets.UTF_8));
    private Path directory;
    private KvStore store;
    private long index;
    private int next;

    @Setup
    public void open() throws IOException {
        directory = Files.createTempDirectory("store-benchmark");
        store = new KvStore(directory.resolve("store"), new StoreSettings(32 << 20));
        store.open();
        for (int from = 0; from < KEYS; from += PER_ENTRY) {
            write(from, PER_ENTRY);
        }
    }

    private void write(int from, int count) {
        try (WriteTransaction transaction = store.begin(0)) {
            for (int i = 0; i < count; i++) {
                transaction.nextCommand();
                transaction.put(key(from + i), value, 0);
            }
            transaction.commit(1, ++index);
        }
    }

    private static Key key(int number) {
        return Key.of("k" + (10_000_000 + number));
    }

    @TearDown
    public void close() throws IOException {
        store.close();
        FileTree.delete(directory);
    }

    private int another() {
        next = (next + 4099) % KEYS;
        return next;
    }

    @Benchmark
    public Optional<Entry> get() {
        return store.get(key(another()));
    }

    @Benchmark
    public List<Listed> page() {
        return store.keys(new Range(Prefix.of("k"), Optional.empty(), Optional.of(key(another())), false), PAGE);
    }

    @Benchmark
    public Counted count() {
        return store.count(Prefix.of("k"), Optional.empty(), KEYS);
    }

    @Benchmark
    public void entryOf64Applied() {
        write(another() % (KEYS - 64), 64);
    }
}
