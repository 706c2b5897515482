package dev.raftkv.store;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The copies of a store that are read now, each in a directory of its own. Thread-safe. */
final class StoreCopies implements AutoCloseable {
    /** Each has a cache, and keeps files that JE would have deleted. */
    static final int MOST = 2;

    private final Path directory;
    private final Set<StoreCopy> open = new HashSet<>();
    private int taken;
    private long made;

    /** @param directory on the file system of the store; made when there is a copy */
    StoreCopies(Path directory) {
        this.directory = directory;
    }

    /** Deletes what a crash has left; nothing happens while there are copies. */
    synchronized void clean() {
        if (taken > 0) {
            return;
        }
        try {
            Directories.delete(directory);
        } catch (IOException e) {
            throw new StorageException("deleting old copies of the store in " + directory, e);
        }
    }

    /** @param linker puts the files of the store into a directory, which it makes */
    StoreCopy make(Consumer<Path> linker) {
        Path target = begin();
        StoreCopy copy = null;
        try {
            linker.accept(target);
            copy = new StoreCopy(target, JeEnvironment.openCopy(target), this::ended);
            return copy;
        } finally {
            if (copy == null) {
                abandon(target);
            } else {
                keep(copy);
            }
        }
    }

    private synchronized Path begin() {
        if (taken == MOST) {
            throw new KvException(
                    Code.UNAVAILABLE,
                    "this node makes " + MOST + " backups now, its limit: try again in a moment, or ask another node");
        }
        taken++;
        return directory.resolve(Long.toString(++made));
    }

    private synchronized void keep(StoreCopy copy) {
        open.add(copy);
    }

    private void abandon(Path target) {
        try {
            Directories.delete(target);
        } catch (IOException e) {
            throw new StorageException("deleting " + target, e);
        } finally {
            ended(null);
        }
    }

    private synchronized void ended(StoreCopy copy) {
        open.remove(copy);
        taken--;
    }

    /** Ends all copies; who reads one of them is told so. */
    @Override
    public void close() {
        List<StoreCopy> left;
        synchronized (this) {
            left = List.copyOf(open);
        }
        left.forEach(StoreCopy::close);
    }
}
