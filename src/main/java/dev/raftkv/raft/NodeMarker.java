package dev.raftkv.raft;

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
 * The file that tells a first start from a lost disk: who the directory belongs to, and which group this node should hold.
 *
 * @param group the Raft group that the node holds, or held last
 */
record NodeMarker(PeerName name, UUID group, Stage stage) {
    enum Stage {
        /** The group is being made; it has not acknowledged anything, and may be made again. */
        FOUNDING,
        /** The group's directory must be there. */
        MEMBER,
        /** The node has left its group; it holds none, or is about to enter another. */
        DETACHED
    }

    private static final String FILE = "node.properties";

    NodeMarker in(Stage next) {
        return new NodeMarker(name, group, next);
    }

    NodeMarker memberOf(UUID other) {
        return new NodeMarker(name, other, Stage.MEMBER);
    }

    static Optional<NodeMarker> read(Path directory) {
        Path file = directory.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            Properties p = new Properties();
            p.load(new StringReader(Files.readString(file)));
            return Optional.of(new NodeMarker(
                    PeerName.parse(p.getProperty("node", "")).orElseThrow(),
                    UUID.fromString(p.getProperty("group", "")),
                    Stage.valueOf(p.getProperty("stage", "").toUpperCase(Locale.ROOT))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            throw new IllegalStateException(
                    file + " cannot be understood; it belongs to raftkv and must not be edited", e);
        }
    }

    /** Replaces the file; on disk when this returns. */
    void write(Path directory) {
        String text = "# Written by raftkv. Tells a first start from a lost disk; not to be edited.\nnode=" + name
                + "\ngroup=" + group + "\nstage=" + stage.name().toLowerCase(Locale.ROOT) + "\n";
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
