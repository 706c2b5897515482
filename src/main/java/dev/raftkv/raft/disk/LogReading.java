package dev.raftkv.raft.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.SizeInBytes;

/** Reads the entries of a group's log while Ratis has not opened it. */
public final class LogReading {
    private final Path directory;
    private final int maxEntryBytes;

    /**
     * @param directory the one that Ratis keeps the segments in; mended by {@link LogRepair} before
     * @param maxEntryBytes the largest entry
     */
    public LogReading(Path directory, int maxEntryBytes) {
        this.directory = directory;
        this.maxEntryBytes = maxEntryBytes;
    }

    /** Reads all that there are, in their order, one at a time. */
    public void forEach(Consumer<LogEntryProto> reader) throws IOException {
        try {
            for (LogSegmentPath segment : segments()) {
                LogSegment.readSegmentFile(
                        segment.getPath().toFile(),
                        segment.getStartEnd(),
                        SizeInBytes.valueOf(maxEntryBytes),
                        CorruptionPolicy.EXCEPTION,
                        null,
                        reader);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private List<LogSegmentPath> segments() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(LogSegmentPath::matchLogSegment)
                    .filter(Objects::nonNull)
                    .sorted(Comparator.comparing(LogSegmentPath::getStartEnd))
                    .toList();
        }
    }
}
