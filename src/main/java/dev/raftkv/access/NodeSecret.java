package dev.raftkv.access;

import dev.raftkv.model.StartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secret that all nodes of a cluster share, read from a file, and again when that changes. A second line may hold another
 * secret, that is believed and not used: so all nodes can be given a new one, one after the other. Thread-safe.
 */
public final class NodeSecret {
    /** What HMAC-SHA256 makes use of. */
    private static final int LEAST_BYTES = 32;

    private static final int MOST_BYTES = 4096;
    private static final int MOST_LINES = 2;
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Set<PosixFilePermission> FORBIDDEN = EnumSet.of(
            PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

    private static final Logger LOG = LoggerFactory.getLogger(NodeSecret.class);

    private final Path file;
    private final LongSupplier nanoTime;
    private List<SecretKeySpec> keys;
    private State taken;
    /** What could not be used at the last look, empty for no file; null if all was well. */
    private Optional<State> refused;

    private long lookedAt;

    /** As what the file was read: a file put into its place has another key. */
    private record State(FileTime changed, long size, Object fileKey) {
        static State of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new State(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        }
    }

    private NodeSecret(Path file, LongSupplier nanoTime) throws IOException {
        this.file = file;
        this.nanoTime = nanoTime;
        this.taken = State.of(file);
        this.keys = read();
        this.lookedAt = nanoTime.getAsLong();
    }

    /**
     * Reads the file.
     *
     * @throws StartException if it is missing, too short, or open to others
     */
    public static NodeSecret open(Path file) {
        return open(file, System::nanoTime);
    }

    /** @param nanoTime says when to look again */
    static NodeSecret open(Path file, LongSupplier nanoTime) {
        try {
            return new NodeSecret(file, nanoTime);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** Those that are believed; the first one is to be used. Never empty. */
    synchronized List<SecretKeySpec> keys() {
        long now = nanoTime.getAsLong();
        if (now - lookedAt >= LOOK_NANOS) {
            lookedAt = now;
            lookAgain();
        }
        return keys;
    }

    /** What cannot be used leaves the secret as it was, and is told once. */
    private void lookAgain() {
        Optional<State> found = Optional.empty();
        try {
            found = Optional.of(State.of(file));
            if (!found.get().equals(taken)) {
                keys = read();
                taken = found.get();
                LOG.info("the secret of the nodes was read again from {}", file);
            }
            refused = null;
        } catch (IOException e) {
            keep(found, unreadable(file, e));
        } catch (StartException e) {
            keep(found, e);
        }
    }

    private void keep(Optional<State> found, StartException problem) {
        if (!found.equals(refused)) {
            LOG.warn("this node goes on with the secret that it has: {}", problem.getMessage());
        }
        refused = found;
    }

    private List<SecretKeySpec> read() throws IOException {
        requirePrivate();
        byte[] bytes = Files.readAllBytes(file);
        List<String> lines = bytes.length > MOST_BYTES
                ? List.of()
                : new String(bytes, StandardCharsets.UTF_8)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList();
        if (lines.isEmpty() || lines.size() > MOST_LINES) {
            throw refused("has to hold a secret in one line, and perhaps another one in a second");
        }
        for (String line : lines) {
            int length = line.getBytes(StandardCharsets.UTF_8).length;
            if (length < LEAST_BYTES) {
                throw refused("holds a secret of " + length + " bytes, and it takes at least " + LEAST_BYTES
                        + ": make one by openssl rand -hex 32");
            }
        }
        return lines.stream()
                .map(line -> new SecretKeySpec(line.getBytes(StandardCharsets.UTF_8), Hmac.ALGORITHM))
                .toList();
    }

    private void requirePrivate() throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        Set<PosixFilePermission> permissions = view.readAttributes().permissions();
        if (permissions.stream().anyMatch(FORBIDDEN::contains)) {
            throw refused("may be read or changed by others (" + PosixFilePermissions.toString(permissions)
                    + "): take that from them by chmod 600");
        }
    }

    private StartException refused(String problem) {
        return new StartException("RAFT_NODE_SECRET: " + file + " " + problem);
    }

    private static StartException unreadable(Path file, IOException e) {
        return new StartException(
                "RAFT_NODE_SECRET: " + file
                        + (e instanceof NoSuchFileException ? " is missing" : " cannot be read (" + e + ")")
                        + ": give the file with the secret that all nodes share",
                e);
    }
}
