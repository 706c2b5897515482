package dev.raftkv.raft.log;

import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a write costs from its coming to its answer, without log and disk: an entry counts as applied when it was cut. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class GroupCommitBenchmark {
    private static final int TOGETHER = 64;

    private final Write write = Write.of(new Command.Put(
            Key.of("k00000001"), new JsonText(("\"" + "x".repeat(98) + "\"").getBytes(StandardCharsets.UTF_8)), 0));
    private GroupCommit commit;

    @Setup
    public void open() {
        commit = new GroupCommit(
                task -> new Thread(task, "benchmark-commit"),
                new GroupCommit.Limits(1 << 20, 1024, 16 << 20, 1 << 20, 1 << 20, Duration.ofSeconds(10)),
                (command, written) -> 0,
                () -> 0,
                GroupCommitBenchmark::applied,
                () -> true,
                Runnable::run,
                new WriteMeter("benchmark", Duration.ofSeconds(1)));
        commit.start();
    }

    private static CompletableFuture<List<Outcome>> applied(List<EncodedWrite> entry) {
        return CompletableFuture.completedFuture(IntStream.range(0, entry.size())
                .<Outcome>mapToObj(Outcome.Stored::new)
                .toList());
    }

    @TearDown
    public void close() {
        commit.close();
    }

    @Benchmark
    public Outcome writeAlone() {
        return commit.write(write).join();
    }

    @Benchmark
    @OperationsPerInvocation(TOGETHER)
    public void writeAmong64() {
        CompletableFuture<?>[] answers = new CompletableFuture<?>[TOGETHER];
        for (int i = 0; i < TOGETHER; i++) {
            answers[i] = commit.write(write);
        }
        CompletableFuture.allOf(answers).join();
    }
}
