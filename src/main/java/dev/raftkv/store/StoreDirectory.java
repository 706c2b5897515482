package dev.raftkv.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directory of a store, which a restore exchanges as a whole: the new files are linked in {@code <name>.new}, the
 * directory is renamed to {@code <name>.old}, the new one gets its name, the old one is deleted.
 *
 * <p>After a crash {@link #repair} makes one directory of what is left. The old one is moved away only when the new one is
 * complete and synced, so without a directory the new one is taken; with one, what stands beside it is deleted. The store
 * then holds either the state before the restore or the one after it: whoever restored looks at its position, and restores
 * again if it is behind.
 */
final class StoreDirectory {
    private final Path current;
    private final Path next;
    private final Path old;

    StoreDirectory(Path path) {
        this.current = path.toAbsolutePath();
        this.next = current.resolveSibling(current.getFileName() + ".new");
        this.old = current.resolveSibling(current.getFileName() + ".old");
    }

    /** Where copies of the store may be. */
    Path copies() {
        return current.resolveSibling(current.getFileName() + ".copies");
    }

    Path path() {
        return current;
    }

    /** Finishes or undoes a restore that a crash ended, and makes the directory if there is none. */
    void repair() {
        try {
            if (!Files.exists(current) && Files.exists(next)) {
                Directories.move(next, current);
            }
            if (!Files.exists(current) && Files.exists(old)) {
                Directories.move(old, current);
            }
            Directories.delete(next);
            Directories.delete(old);
            Files.createDirectories(current);
        } catch (IOException e) {
            throw new StorageException("preparing the store's directory " + current, e);
        }
    }

    /** Links a backup's files beside the directory, and syncs them: they may have come over the network just now. */
    void prepare(Path backup) {
        try {
            Directories.delete(next);
            Directories.create(next);
            for (Path file : Directories.list(backup)) {
                if (file.getFileName().toString().endsWith(".jdb")) {
                    Directories.sync(file);
                    Files.createLink(next.resolve(file.getFileName()), file);
                }
            }
            if (Directories.list(next).isEmpty()) {
                throw new IOException("there is no .jdb file in it");
            }
            Directories.sync(next);
        } catch (IOException e) {
            throw new StorageException("linking the files of the backup " + backup, e);
        }
    }

    /** Puts what was prepared in the place of the directory, which no one may have open. */
    void exchange() {
        try {
            Directories.delete(old);
            if (Files.exists(current)) {
                Directories.move(current, old);
            }
            Directories.move(next, current);
            Directories.delete(old);
        } catch (IOException e) {
            throw new StorageException("exchanging the store's directory " + current, e);
        }
    }
}
