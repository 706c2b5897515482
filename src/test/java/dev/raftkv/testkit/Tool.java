package dev.raftkv.testkit;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program of the system that is run to its end. */
public final class Tool {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Tool() {}

    /** How it ended, and all that it wrote. */
    public record Result(int exit, String output) {}

    /** Whether a program of the name is on the PATH. */
    public static boolean isInstalled(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    }

    /**
     * Runs it.
     *
     * @param input what it reads
     * @throws IOException if it cannot be started, or has not ended within a minute, and was killed
     */
    public static Result run(Path directory, String input, String... words) throws IOException {
        return run(LIMIT, directory, input, List.of(words));
    }

    /** As {@link #run(Path, String, String...)}, with another limit than a minute. */
    public static Result run(Duration limit, Path directory, String input, List<String> words) throws IOException {
        Path in = Files.createTempFile("tool", ".in");
        Path out = Files.createTempFile("tool", ".out");
        try {
            Files.writeString(in, input);
            Process process = new ProcessBuilder(words)
                    .directory(directory.toFile())
                    .redirectInput(in.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new IOException(words.get(0) + " has not ended within " + limit.toSeconds() + " s; it wrote:\n"
                        + Files.readString(out, StandardCharsets.UTF_8));
            }
            return new Result(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + words.get(0), e);
        } finally {
            Files.delete(in);
            Files.delete(out);
        }
    }
}
