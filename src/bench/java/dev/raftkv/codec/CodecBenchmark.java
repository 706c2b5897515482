package dev.raftkv.codec;

import dev.raftkv.model.Batch;
import dev.raftkv.model.Command;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Write;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

/** What becomes of a write of 100 bytes on its way to the disk, and of the row on its way back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CodecBenchmark {
    private static final int COMMANDS = 64;

    private final Key key = Key.of("k00000001");
    private final JsonText value = new JsonText(("\"" + "x".repeat(98) + "\"").getBytes(StandardCharsets.UTF_8));
    private final Write write = Write.of(new Command.Put(key, value, 0));
    private final List<byte[]> commands = IntStream.range(0, COMMANDS)
            .mapToObj(i -> CommandCodec.encode(write))
            .toList();
    private final byte[] entry = CommandCodec.entry(1, commands);
    private final byte[] row = RowCodec.encode(new Entry(key, value, 1, 2, 2, 0));

    @Benchmark
    public byte[] commandEncoded() {
        return CommandCodec.encode(write);
    }

    @Benchmark
    public byte[] entryOf64Encoded() {
        return CommandCodec.entry(1, commands);
    }

    @Benchmark
    public Batch entryOf64Decoded() {
        return CommandCodec.decode(ByteBuffer.wrap(entry));
    }

    @Benchmark
    public Entry rowDecoded() {
        return RowCodec.decode(key, row);
    }
}
