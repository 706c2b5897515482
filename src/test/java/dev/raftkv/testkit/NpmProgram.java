package dev.raftkv.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Programs that npm has, in the versions of a package-lock.json of ours. */
public final class NpmProgram {
    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(5);

    private NpmProgram() {}

    /**
     * Installs a program, unless this version has been installed below this {@code target} before.
     *
     * @param source a directory of ours with a package.json and its lock
     */
    public static Path install(String source, String program) throws IOException {
        return install(source, program, Path.of(".bin", program));
    }

    /** The same for a library, and the programs of ours beside it. Returns the directory that has both. */
    public static Path library(String source, String library) throws IOException {
        return install(source, "npm-" + library, Path.of(library)).getParent().getParent();
    }

    private static Path install(String source, String name, Path module) throws IOException {
        Path ours = Build.source(source);
        Path directory = Files.createDirectories(Build.shared(name));
        Path file = directory.resolve("node_modules").resolve(module);
        Path lock = directory.resolve("package-lock.json");
        boolean there = Files.exists(file) && Files.mismatch(ours.resolve("package-lock.json"), lock) < 0;
        FileTree.copy(ours, directory);
        if (!there) {
            // No script of a package is needed, so none is run.
            List<String> words =
                    List.of("npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund");
            Tool.Result result = Tool.run(INSTALL_LIMIT, directory, "", words);
            if (result.exit() != 0) {
                throw new IOException("npm cannot install " + name + ": " + result.output());
            }
        }
        return file;
    }
}
