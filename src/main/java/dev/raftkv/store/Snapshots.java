package dev.raftkv.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A directory of snapshots, each one a directory {@code <term>_<index>} of store files. A snapshot is made under a name
 * that ends in {@code .part} and gets its own name when it is complete and synced.
 *
 * <p>Nothing is kept in memory, because the Raft library too puts snapshots there: each call reads the directory. Calls
 * that change it come from one thread.
 */
public final class Snapshots {
    private static final Pattern NAME = Pattern.compile("(\\d{1,18})_(\\d{1,18})");
    private static final String HALF_MADE = ".part";

    /** The Raft library writes one beside each file that it has received. */
    private static final String CHECKSUM = ".md5";

    private final Path directory;

    /** @param directory on the file system of the store; made by {@link #take} */
    public Snapshots(Path directory) {
        this.directory = directory.toAbsolutePath();
    }

    /**
     * Makes a snapshot of the store, or returns the latest if the store has applied nothing that it does not hold; empty
     * if there is nothing to hold. Called by the thread that writes to the store, between transactions.
     */
    public Optional<Snapshot> take(KvStore store) {
        long term = store.position().term();
        long index = store.position().index();
        Optional<Snapshot> latest = latest();
        if (index == 0 || latest.filter(snapshot -> snapshot.index() >= index).isPresent()) {
            return latest;
        }
        Path complete = directory.resolve(term + "_" + index);
        Path part = directory.resolve(complete.getFileName() + HALF_MADE);
        try {
            Directories.delete(part);
            store.backup(part);
            Directories.move(part, complete);
            return Optional.of(new Snapshot(term, index, complete, filesOf(complete)));
        } catch (IOException e) {
            throw new StorageException("making the snapshot " + complete, e);
        }
    }

    /** The snapshot with the highest index. */
    public Optional<Snapshot> latest() {
        List<Snapshot> all = list();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** All complete snapshots, by index. */
    public List<Snapshot> list() {
        try {
            List<Snapshot> snapshots = new ArrayList<>();
            for (Path path : Directories.list(directory)) {
                read(path).ifPresent(snapshots::add);
            }
            snapshots.sort(Comparator.comparingLong(Snapshot::index).thenComparingLong(Snapshot::term));
            return List.copyOf(snapshots);
        } catch (IOException e) {
            throw new StorageException("listing the snapshots in " + directory, e);
        }
    }

    private static Optional<Snapshot> read(Path path) throws IOException {
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (!name.matches() || !Files.isDirectory(path)) {
            return Optional.empty();
        }
        List<Path> files = filesOf(path);
        if (files.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Snapshot(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)), path, files));
    }

    private static List<Path> filesOf(Path snapshot) throws IOException {
        return Directories.list(snapshot).stream()
                .filter(file -> !file.getFileName().toString().endsWith(CHECKSUM))
                .toList();
    }

    /** Deletes all but the latest so many snapshots. */
    public void retain(int count) {
        List<Snapshot> all = list();
        try {
            for (Snapshot snapshot : all.subList(0, Math.max(0, all.size() - count))) {
                Directories.delete(snapshot.directory());
            }
        } catch (IOException e) {
            throw new StorageException("deleting old snapshots in " + directory, e);
        }
    }

    /** Deletes what a crash left half-made. */
    public void clean() {
        try {
            for (Path path : Directories.list(directory)) {
                if (path.getFileName().toString().endsWith(HALF_MADE)) {
                    Directories.delete(path);
                }
            }
        } catch (IOException e) {
            throw new StorageException("cleaning the snapshots in " + directory, e);
        }
    }
}
