package dev.raftkv.rest.store;

import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Listed;
import dev.raftkv.rest.json.EntryJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to write answers as JSON: of one key, and of a list of 100. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class AnswerBenchmark {
    private static final int KEYS = 100;

    private final JsonText value = new JsonText(("\"" + "x".repeat(98) + "\"").getBytes(StandardCharsets.UTF_8));
    private final List<Key> keys = IntStream.range(0, KEYS)
            .mapToObj(i -> Key.of("k" + (10_000_000 + i)))
            .toList();
    private final List<Listed> listed =
            keys.stream().map(key -> new Listed(key, false)).toList();

    @Benchmark
    public byte[] oneKey() {
        return KeyAnswer.FETCHED.body(keys.get(0), value);
    }

    @Benchmark
    public int listOf100() {
        int bytes = 0;
        try (ListPieces pieces = new ListPieces(
                "success fetching data",
                listed,
                (json, each) ->
                        EntryJson.write(json, new Entry(each.name(), value, 1, 2, 2, 0), OptionalLong.empty()))) {
            for (byte[] piece = pieces.next(); piece != null; piece = pieces.next()) {
                bytes += piece.length;
            }
        }
        return bytes;
    }
}
