package dev.raftkv.raft.disk;

import dev.raftkv.store.Snapshot;
import dev.raftkv.store.Snapshots;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * Ratis' file of a group's term and of this node's vote in it. Ratis writes it aside, syncs it and renames it, so no crash
 * leaves half of it. Without it a node could vote twice in one term, and two leaders be elected: it is never made up.
 */
public final class VoteFile {
    private final Path group;
    private final Path directory;
    private final int maxEntryBytes;

    public VoteFile(Path group, int maxEntryBytes) {
        this.group = group;
        this.directory = group.resolve("current");
        this.maxEntryBytes = maxEntryBytes;
    }

    /**
     * @throws IllegalStateException with the file and what to do, if it is missing or cannot be read, though the group has
     *     data
     */
    public void check() throws IOException {
        Path file = directory.resolve("raft-meta");
        if (!hasData() || isWhole(file)) {
            return;
        }
        LogRepair log = new LogRepair(directory, maxEntryBytes, new SyncedMark(group).read());
        log.mend();
        long term = Math.max(
                log.lastTerm(),
                new Snapshots(group.resolve("sm")).latest().map(Snapshot::term).orElse(0L));
        throw LogRepair.refusal(file + (Files.exists(file) ? " is damaged" : " is missing")
                + ": it held the last vote of this node, which might vote twice without it. If this node is the only"
                + " member of its cluster, there is nobody else to vote for: write the two lines term=" + (term + 1)
                + " and votedFor= into the file, and start the node again.");
    }

    private boolean hasData() throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isPresent();
        }
    }

    private static boolean isWhole(Path file) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
            return Long.parseLong(properties.getProperty("term", "")) >= 0
                    && properties.getProperty("votedFor") != null;
        } catch (IllegalArgumentException | java.nio.charset.MalformedInputException e) {
            return false;
        }
    }
}
