package dev.raftkv.raft.disk;

import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.StartException;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

/**
 * The file that tells a first start from a lost disk: who the directory belongs to, and what has become of that node.
 *
 * @param recovered the word by which it was made a cluster of its own last, if it was
 */
record NodeMarker(PeerName name, Birth birth, Optional<String> recovered) {
    static final String FILE = "node.properties";

    /** What a node was called that had left its group, be it removed or on the way into another. */
    private static final String DETACHED = "detached";

    /**
     * Empty if there is no such file.
     *
     * @throws StartException if it cannot be understood
     */
    static Optional<NodeMarker> read(Path directory) {
        Path file = directory.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            Properties p = new Properties();
            p.load(new StringReader(Files.readString(file)));
            PeerName name = PeerName.parse(p.getProperty("node", "")).orElseThrow();
            return Optional.of(new NodeMarker(name, birth(p), Optional.ofNullable(p.getProperty("recovered"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            throw new StartException(file + " cannot be understood", e);
        }
    }

    /** The first version had three stages, and no word of the one before: its members may have founded alone. */
    private static Birth birth(Properties p) {
        UUID group = UUID.fromString(p.getProperty("group", ""));
        String stage = p.getProperty("stage", "");
        if (stage.equals(DETACHED)) {
            return new Birth(Stage.REMOVED, group, Stage.MEMBER);
        }
        Stage now = stage(stage);
        Stage before = now == Stage.MEMBER ? Stage.FOUNDING : now;
        return new Birth(now, group, p.containsKey("before") ? stage(p.getProperty("before")) : before);
    }

    private static Stage stage(String name) {
        return Stage.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static String name(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }

    /** Replaces the file; on disk when this returns. */
    void write(Path directory) {
        String text = "# Written by raftkv. Tells a first start from a lost disk; not to be edited.\nnode=" + name
                + "\ngroup=" + birth.group() + "\nstage=" + name(birth.stage()) + "\nbefore=" + name(birth.before())
                + "\n" + recovered.map(word -> "recovered=" + word + "\n").orElse("");
        Path temporary = directory.resolve(FILE + ".new");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
            DataDirectory.sync(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + directory.resolve(FILE), e);
        }
    }
}
