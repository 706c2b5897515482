package dev.raftkv.raft.disk;

import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file with what each member has told of the log that it can read, for the next start: a member may be dead by then. Each
 * node keeps what it has heard itself. Nothing is lost with the file but that, and it is not synced.
 */
public final class ToldLevels {
    private static final Logger LOG = LoggerFactory.getLogger(ToldLevels.class);
    private static final String FILE = "log-levels.properties";

    private final Path file;

    /** @param directory the node's, which is there by the time of the first call */
    public ToldLevels(Path directory) {
        this.file = directory.resolve(FILE);
    }

    /** What is known from before; nothing of a line that cannot be understood. */
    public Map<PeerName, Integer> read() {
        Map<PeerName, Integer> levels = new HashMap<>();
        try {
            if (Files.exists(file)) {
                Files.readAllLines(file).forEach(line -> read(line, levels));
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be read: the members are asked again", file, e);
        }
        return levels;
    }

    private static void read(String line, Map<PeerName, Integer> levels) {
        int equals = line.lastIndexOf('=');
        if (equals > 0 && line.substring(equals + 1).matches("[0-9]{1,9}")) {
            PeerName.parse(line.substring(0, equals))
                    .ifPresent(member -> levels.put(member, Integer.parseInt(line.substring(equals + 1))));
        }
    }

    /** Replaces the file; a failure is told in the log only. */
    public void write(Map<PeerName, Integer> levels) {
        Map<String, Integer> sorted = new TreeMap<>();
        levels.forEach((member, level) -> sorted.put(member.toString(), level));
        String text = "# Written by raftkv. What the members have told of the log that they can read.\n"
                + sorted.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue() + "\n")
                        .collect(Collectors.joining());
        Path temporary = file.resolveSibling(FILE + ".new");
        try {
            Files.writeString(temporary, text);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("{} cannot be written: a start may have to ask the members again", file, e);
        }
    }
}
