package dev.raftkv.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Checks where a node is to keep its data, and creates nothing. */
final class DataDirectory {
    /** A node's directory has it from the first start on. */
    private static final String MARKER = "node.properties";

    private DataDirectory() {}

    /**
     * What to give instead, if the node has its data where a relative path led to before it began at the server's own
     * directory: it must not start empty without a word.
     *
     * @param former below the working directory
     */
    static Optional<String> elsewhere(Path directory, Path former) {
        return Files.exists(former.resolve(MARKER)) && !Files.exists(directory.resolve(MARKER))
                ? Optional.of("where the data is, " + former + ", or move that to " + directory
                        + ", where a relative path leads to now")
                : Optional.empty();
    }

    /**
     * What to do about a path that is none because of the encoding that Java has been started with; empty if that is not why.
     *
     * @param encoding of the names of files, and of what is given on a command line
     */
    static String unwritable(String path, String encoding) {
        boolean plain = path.chars().allMatch(c -> c < 0x80);
        return plain || encoding.equalsIgnoreCase("UTF-8")
                ? ""
                : ", whose name this Java can write: it has been started for names in " + encoding
                        + ", which lacks a character of it; start it with LC_ALL=C.UTF-8";
    }

    /** What to give instead, if the absolute path cannot be used. */
    static Optional<String> problem(Path directory, Optional<Path> webApplication) {
        Path existing = directory;
        while (!Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            return Optional.of("a directory: " + existing + " is none");
        }
        try {
            Path real = existing.toRealPath().resolve(existing.relativize(directory));
            if (webApplication.isPresent()
                    && real.startsWith(webApplication.get().toRealPath())) {
                return Optional.of("a directory outside the web application, which is replaced with all that is in it"
                        + " at " + webApplication.get());
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("a directory whose real path can be found (" + e + ")");
        }
    }
}
