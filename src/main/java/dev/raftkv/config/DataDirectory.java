package dev.raftkv.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Checks where a node is to keep its data, and creates nothing. */
final class DataDirectory {
    private DataDirectory() {}

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
