package dev.raftkv.raft.disk;

import dev.raftkv.model.StartException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks through a group's log before Ratis opens it. What a crash has left of the entry that was being written is cut off:
 * Ratis takes it for damage, and the node would never start again. Real damage is refused, with the place and the way out:
 * Ratis passes over some of it silently, and entries that this node has acknowledged would be missing.
 */
public final class LogRepair {
    private static final Logger LOG = LoggerFactory.getLogger(LogRepair.class);

    public static final String WAY_OUT =
            " Remove this node from its cluster, start it with an empty RAFT_VOL_DIR and join it again:"
                    + " the other members have all that it had. If it is the only member, restore all of RAFT_VOL_DIR from a"
                    + " backup.";

    private final Path directory;
    private final int maxEntryBytes;
    private final long synced;
    private long begin = -1;
    private long end = -1;
    private long lastTerm;
    private long bytes;
    private final NavigableSet<Long> configurations = new TreeSet<>();

    /**
     * @param directory the one that Ratis keeps the segments in
     * @param maxEntryBytes the largest entry that Ratis will read
     * @param synced an entry that the log has held, see {@link SyncedMark}
     */
    public LogRepair(Path directory, int maxEntryBytes, long synced) {
        this.directory = directory;
        this.maxEntryBytes = maxEntryBytes;
        this.synced = synced;
    }

    /**
     * Mends what a crash has left.
     *
     * @throws StartException with file, position and what to do, if the log is damaged
     */
    public void mend() throws IOException {
        List<LogSegment> segments = LogSegment.in(directory);
        for (int i = 0; i < segments.size(); i++) {
            LogSegment segment = segments.get(i);
            if (end >= 0 && segment.first() != end + 1) {
                throw refusal(segment.file() + " begins with entry " + segment.first()
                        + " of the Raft log, but what comes before it ends with entry " + end + ".");
            }
            long last = mend(segment, i == segments.size() - 1);
            if (begin < 0 && last >= segment.first()) {
                begin = segment.first();
            }
            end = Math.max(end, last);
        }
    }

    /**
     * To be called then.
     *
     * @param snapshot index of the latest snapshot, or -1
     * @throws StartException with what to do, if the log has lost entries that this node has acknowledged
     */
    public void checkHolds(long snapshot) {
        if (begin > snapshot + 1) {
            throw refusal("The Raft log in " + directory + " begins with entry " + begin + ", but "
                    + (snapshot < 0 ? "there is no snapshot" : "the latest snapshot ends with entry " + snapshot)
                    + ": files are missing.");
        }
        if (Math.max(end, snapshot) < synced) {
            throw refusal("The Raft log in " + directory
                    + (end < 0 ? " is gone" : " ends with entry " + end)
                    + ", but it had entry " + synced + ": a file is missing, or was cut.");
        }
    }

    /** Term of the last entry of the log; 0 if it has none. */
    long lastTerm() {
        return lastTerm;
    }

    /** How much there is in the log. */
    public long bytes() {
        return bytes;
    }

    /** Index of the latest entry up to this one that brought a configuration; -1 if the log has none. */
    public long configurationUpTo(long index) {
        Long latest = configurations.floor(index);
        return latest == null ? -1 : latest;
    }

    /** Returns the index of its last entry. */
    private long mend(LogSegment segment, boolean isLast) throws IOException {
        LogSegmentScan scan = LogSegmentScan.of(Files.readAllBytes(segment.file()), segment.first());
        if (scan.largest() > maxEntryBytes) {
            throw new StartException(segment.file() + " holds an entry of " + scan.largest()
                    + " bytes, more than RAFT_MAX_VALUE_BYTES allows for now: set it as high as it was before.");
        }
        if (segment.last().isPresent()) {
            checkClosed(segment, scan, isLast);
        } else if (!isLast) {
            throw refusal(
                    segment.file() + " is the part of the Raft log that is being written, but another follows it.");
        } else {
            mendOpen(segment, scan);
        }
        lastTerm = scan.isEmpty() ? lastTerm : scan.lastTerm();
        bytes += scan.end();
        configurations.addAll(scan.configurations());
        return scan.lastIndex();
    }

    /** Ratis syncs a segment before it closes it, so no crash leaves a torn one. */
    private static void checkClosed(LogSegment segment, LogSegmentScan scan, boolean isLast) {
        long last = segment.last().getAsLong();
        if (scan.lastIndex() >= last) {
            if (scan.state() != LogSegmentScan.State.WHOLE) {
                LOG.warn(
                        "{}: {} bytes from position {} on, behind the last entry, are passed over",
                        segment.file(),
                        scan.rest(),
                        scan.end());
            }
        } else if (scan.state() != LogSegmentScan.State.WHOLE) {
            throw damage(segment, scan);
        } else if (isLast) {
            // Ratis cuts off what no majority has, and then gives the file its new name.
            LOG.warn(
                    "{} ends with entry {}, at position {}: it was being cut when the node stopped",
                    segment.file(),
                    scan.lastIndex(),
                    scan.end());
        } else {
            throw refusal(segment.file() + " ends with entry " + scan.lastIndex() + ", at position " + scan.end()
                    + ": entries of the Raft log are missing.");
        }
    }

    private void mendOpen(LogSegment segment, LogSegmentScan scan) throws IOException {
        if (scan.state() == LogSegmentScan.State.DAMAGED) {
            throw damage(segment, scan);
        }
        if (scan.state() == LogSegmentScan.State.TORN && scan.lastIndex() < synced) {
            throw refusal(segment.file() + " is damaged at position " + scan.end() + ": " + scan.problem()
                    + ", but it had been, and entries up to " + synced + " were on the disk.");
        }
        if (scan.state() == LogSegmentScan.State.TORN) {
            LOG.warn(
                    "{}: {}; its {} bytes from position {} on are cut off, which a crash has left and nobody was told of",
                    segment.file(),
                    scan.problem(),
                    scan.rest(),
                    scan.end());
            cut(segment.file(), scan.end());
        }
        // Ratis takes what it reads for what is on the disk, but a crash may have left it written and not synced.
        DataDirectory.sync(segment.file());
        DataDirectory.sync(directory);
    }

    private void cut(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    private static StartException damage(LogSegment segment, LogSegmentScan scan) {
        return refusal(segment.file() + " is damaged at position " + scan.end() + ": " + scan.problem() + ".");
    }

    public static StartException refusal(String what) {
        return new StartException(what + WAY_OUT);
    }
}
