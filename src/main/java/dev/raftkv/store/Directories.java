package dev.raftkv.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** Steps on directories of files that survive a power loss once they are synced. */
final class Directories {
    private Directories() {}

    /** The size of the files in a directory; one that goes away meanwhile counts nothing. */
    static long size(Path directory) throws IOException {
        long size = 0;
        for (Path file : list(directory)) {
            try {
                size += Files.size(file);
            } catch (NoSuchFileException e) {
                // JE deletes files that it has cleaned.
            }
        }
        return size;
    }

    /** Makes a directory that does not exist, and its parents where they are missing. */
    static void create(Path directory) throws IOException {
        Path parent = directory.toAbsolutePath().getParent();
        Files.createDirectories(parent);
        Files.createDirectory(directory);
        sync(parent);
    }

    /** Hard-links files of one directory into another. */
    static void link(Path from, String[] names, Path to) throws IOException {
        for (String name : names) {
            Files.createLink(to.resolve(name), from.resolve(name));
        }
    }

    /** Names or the content of a directory or file, on the disk when this returns. */
    static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Renames atomically, and syncs the parent directory, which is the same for both. */
    static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync(to.getParent());
    }

    /** Deletes a directory of files and all in it, if it is there. */
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        for (Path file : list(directory)) {
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                delete(file);
            } else {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    /** What is in a directory, by name; nothing if the directory is not there. */
    static List<Path> list(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> content = Files.list(directory)) {
            return content.sorted().toList();
        }
    }
}
