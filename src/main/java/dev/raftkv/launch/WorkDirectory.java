package dev.raftkv.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory for the files of one launch, below the system's temporary directory, deleted at its end. A process that is
 * killed cannot delete its own, so each launch deletes those of dead ones.
 */
final class WorkDirectory implements AutoCloseable {
    private static final String PREFIX = "raftkv-launch-";
    private static final String LOCK = "lock";

    /** A launch has locked its directory long before this. */
    private static final Duration SETTLED = Duration.ofMinutes(1);

    private final Path path;
    private final FileChannel lock;

    private WorkDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** @param parent the system's temporary directory */
    static WorkDirectory create(Path parent) throws IOException {
        // Only this user may enter it: what lies in it is run.
        Path path = Files.createTempDirectory(parent, PREFIX);
        FileChannel lock =
                FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        lock.lock();
        return new WorkDirectory(path, lock);
    }

    Path path() {
        return path;
    }

    /** Deletes the directories of launches that have ended without it; what cannot be deleted stays. */
    void deleteAbandoned() {
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(path.getParent(), PREFIX + "*")) {
            for (Path sibling : siblings) {
                if (isAbandoned(sibling)) {
                    delete(sibling);
                }
            }
        } catch (IOException | UncheckedIOException | DirectoryIteratorException e) {
            // Litter of others is no reason not to start, and the next launch tries again.
            return;
        }
    }

    private boolean isAbandoned(Path sibling) throws IOException {
        if (sibling.equals(path)
                || !Files.isDirectory(sibling, LinkOption.NOFOLLOW_LINKS)
                || !Files.getOwner(sibling, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(path))
                || Files.getLastModifiedTime(sibling)
                        .toInstant()
                        .isAfter(Instant.now().minus(SETTLED))) {
            return false;
        }
        if (!Files.exists(sibling.resolve(LOCK))) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(sibling.resolve(LOCK), StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        }
    }

    /** Deletes it. A system that keeps open files from being deleted leaves that to the next launch. */
    @Override
    public void close() throws IOException {
        lock.close();
        delete(path);
    }

    private static void delete(Path directory) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> walk = Files.walk(directory)) {
            deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : deepestFirst) {
            Files.delete(file);
        }
    }
}
