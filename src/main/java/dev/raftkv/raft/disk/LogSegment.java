package dev.raftkv.raft.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A file of the Raft log.
 *
 * @param first the index of the entry that it begins with
 * @param last of its last entry; the one that is being written has none
 */
public record LogSegment(Path file, long first, OptionalLong last) {
    private static final Pattern CLOSED = Pattern.compile("log_(\\d+)-(\\d+)");
    private static final Pattern OPEN = Pattern.compile("log_inprogress_(\\d+)(?:\\..*)?");

    /**
     * Those that are there, in the order of the log.
     *
     * @param directory the one that Ratis keeps them in; may be missing
     */
    public static List<LogSegment> in(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<LogSegment> segments = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Matcher closed = CLOSED.matcher(file.getFileName().toString());
                Matcher open = OPEN.matcher(file.getFileName().toString());
                if (closed.matches()) {
                    segments.add(new LogSegment(
                            file, Long.parseLong(closed.group(1)), OptionalLong.of(Long.parseLong(closed.group(2)))));
                } else if (open.matches()) {
                    segments.add(new LogSegment(file, Long.parseLong(open.group(1)), OptionalLong.empty()));
                }
            }
        }
        segments.sort(Comparator.comparingLong(LogSegment::first));
        return segments;
    }
}
