package dev.raftkv.bench;

import dev.raftkv.testkit.Build;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The parts that matter, each alone, in a JVM with the settings of a node. */
final class Micro {
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private Micro() {}

    /**
     * Runs them, writes {@code micro.json}, and returns a table of Markdown.
     *
     * @param pattern a regular expression of their names
     */
    static String run(Path directory, String pattern) throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(pattern)
                        .jvmArgs("@" + Build.jvmOptions())
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .resultFormat(ResultFormatType.JSON)
                        .result(directory.resolve("micro.json").toString())
                        .build())
                .run();
        StringBuilder table = new StringBuilder("| part | time | error | allocated |\n|---|--:|--:|--:|\n");
        for (RunResult result : results) {
            Result<?> primary = result.getPrimaryResult();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.3f %s | %.3f | %s |%n",
                    name(result.getParams().getBenchmark()),
                    primary.getScore(),
                    primary.getScoreUnit(),
                    primary.getScoreError(),
                    allocated(result)));
        }
        return table.toString();
    }

    /** Its class and method. */
    private static String name(String benchmark) {
        return benchmark.replaceFirst("^.*\\.(?=[^.]+\\.[^.]+$)", "");
    }

    private static String allocated(RunResult run) {
        for (String figure : run.getSecondaryResults().keySet()) {
            if (figure.endsWith(ALLOCATED)) {
                Result<?> found = run.getSecondaryResults().get(figure);
                return String.format(Locale.ROOT, "%.0f %s", found.getScore(), found.getScoreUnit());
            }
        }
        return "-";
    }
}
