package dev.raftkv.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The Maven that runs this build, for a project of its own: so libraries that ours must not have are no part of it. */
public final class Maven {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private Maven() {}

    /**
     * Runs it in a directory with a pom.xml. What it needs comes from where this build's libraries are, and is fetched first
     * where it is not there.
     *
     * @throws IOException with what it said, if it fails
     */
    public static String run(Path project, String... goals) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(),
                "-B",
                "-q",
                "-Dmaven.repo.local=" + System.getProperty("maven.repository")));
        words.addAll(List.of(goals));
        Tool.Result result = Tool.run(LIMIT, project, "", words);
        if (result.exit() != 0) {
            throw new IOException("Maven fails in " + project + ": " + result.output());
        }
        return result.output();
    }
}
