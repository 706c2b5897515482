package dev.raftkv.access;

import dev.raftkv.model.StartException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that others may not read, and what is made of its text; read again when it has changed. Whoever asks for it looks for
 * that, at most once a second. A change that is wrong, be it of the permissions, is logged once and changes nothing. Thread-safe.
 *
 * @param <T> what is made of it
 */
final class PrivateFile<T> {
    private static final Logger LOG = LoggerFactory.getLogger(PrivateFile.class);
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    /** What nobody but the file's owner, and for reading its group, may do with it. */
    private static final Set<PosixFilePermission> TOO_MUCH = EnumSet.of(
            PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

    private final Use<T> use;
    private final Path path;
    private final LongSupplier nanoTime;
    private final AtomicLong nextLook;
    private Stamp seen;
    private boolean failed;
    private volatile T content;

    /**
     * What a file is for.
     *
     * @param setting that names it
     * @param purpose what is to be given there, for whoever has not
     * @param mostBytes how long it may be
     * @param parser throws {@link StartException} with what is wrong with the text, of which nothing is repeated
     */
    record Use<T>(String setting, String purpose, int mostBytes, Function<String, T> parser) {}

    /** What changes when the file does, or who may read it; of size -1 if there is none. */
    private record Stamp(FileTime changed, long size, Object key, Set<PosixFilePermission> permissions) {
        static Stamp of(Path path) {
            try {
                PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
                BasicFileAttributes read =
                        view == null ? Files.readAttributes(path, BasicFileAttributes.class) : view.readAttributes();
                return new Stamp(
                        read.lastModifiedTime(),
                        read.size(),
                        read.fileKey(),
                        read instanceof PosixFileAttributes posix ? posix.permissions() : Set.of());
            } catch (IOException e) {
                return new Stamp(FileTime.fromMillis(0), -1, null, Set.of());
            }
        }
    }

    /**
     * Reads the file.
     *
     * @param nanoTime says when to look again
     * @throws StartException with what is wrong and what to do, if it cannot be used
     */
    PrivateFile(Use<T> use, Path path, LongSupplier nanoTime) {
        this.use = use;
        this.path = path;
        this.nanoTime = nanoTime;
        this.seen = Stamp.of(path);
        this.content = read(seen);
        this.nextLook = new AtomicLong(nanoTime.getAsLong() + LOOK_NANOS);
    }

    /** As the file has it, or had it before a change that was wrong, or a second ago. */
    T content() {
        long now = nanoTime.getAsLong();
        long due = nextLook.get();
        if (now - due >= 0 && nextLook.compareAndSet(due, now + LOOK_NANOS)) {
            look();
        }
        return content;
    }

    private synchronized void look() {
        // Taken before the file is read: what changes meanwhile is seen the next time.
        Stamp current = Stamp.of(path);
        boolean changed = !current.equals(seen);
        if (!changed && !failed) {
            return;
        }
        seen = current;
        try {
            content = read(current);
            failed = false;
            LOG.info("{}: read again from {}", use.setting(), path);
        } catch (StartException e) {
            // Tried again, as what keeps it from being read may lie outside it.
            failed = true;
            if (changed) {
                LOG.warn("this node goes on with what it has read before: {}", e.getMessage());
            }
        }
    }

    private T read(Stamp stamp) {
        if (stamp.permissions().stream().anyMatch(TOO_MUCH::contains)) {
            throw refused(
                    "may be read or changed by others (" + PosixFilePermissions.toString(stamp.permissions())
                            + "): take that from them by chmod 600",
                    null);
        }
        if (stamp.size() > use.mostBytes()) {
            throw refused("has more than " + use.mostBytes() + " bytes: give " + use.purpose(), null);
        }
        String text;
        try {
            text = Files.readString(path);
        } catch (CharacterCodingException e) {
            throw refused("is not UTF-8: save it as that", e);
        } catch (NoSuchFileException e) {
            throw refused("is missing: give " + use.purpose(), e);
        } catch (IOException e) {
            throw refused("cannot be read by the user that this node runs as (" + e + "): give " + use.purpose(), e);
        }
        try {
            return use.parser().apply(text);
        } catch (StartException e) {
            throw refused("cannot be used: " + e.getMessage(), e);
        }
    }

    private StartException refused(String problem, Exception cause) {
        return new StartException(use.setting() + ": " + path + " " + problem, cause);
    }
}
