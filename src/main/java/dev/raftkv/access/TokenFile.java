package dev.raftkv.access;

import dev.raftkv.model.StartException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of tokens, read again when it has changed: whoever asks for the tokens looks for that, at most once a second. A change
 * that is wrong is logged once and changes nothing. Thread-safe.
 */
public final class TokenFile {
    private static final Logger LOG = LoggerFactory.getLogger(TokenFile.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MOST_BYTES = 1 << 20;

    /** What nobody but the file's owner, and for reading its group, may do with it. */
    private static final Set<PosixFilePermission> TOO_MUCH = EnumSet.of(
            PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_READ);

    private final Path path;
    private final AtomicLong nextLook = new AtomicLong();
    private volatile Tokens tokens;
    private Stamp seen;

    private TokenFile(Path path) {
        this.path = path;
    }

    /** What changes when the file does; all empty if there is none. */
    private record Stamp(FileTime changed, long size, Object key, Set<PosixFilePermission> permissions) {
        static Stamp of(Path path) {
            try {
                BasicFileAttributes read = isPosix(path)
                        ? Files.readAttributes(path, PosixFileAttributes.class)
                        : Files.readAttributes(path, BasicFileAttributes.class);
                return new Stamp(
                        read.lastModifiedTime(),
                        read.size(),
                        read.fileKey(),
                        read instanceof PosixFileAttributes posix ? posix.permissions() : Set.of());
            } catch (IOException e) {
                return new Stamp(FileTime.fromMillis(0), -1, null, Set.of());
            }
        }

        private static boolean isPosix(Path path) {
            return path.getFileSystem().supportedFileAttributeViews().contains("posix");
        }
    }

    /**
     * Reads the file.
     *
     * @throws StartException with what is wrong and what to do, if it cannot be used
     */
    public static TokenFile open(Path path) {
        TokenFile file = new TokenFile(path);
        file.seen = Stamp.of(path);
        file.tokens = file.read(file.seen);
        file.nextLook.set(System.nanoTime() + LOOK_NANOS);
        return file;
    }

    /** The tokens as the file has them, or had them before a change that was wrong, or is a second old at most. */
    public Tokens tokens() {
        long now = System.nanoTime();
        long due = nextLook.get();
        if (now - due >= 0 && nextLook.compareAndSet(due, now + LOOK_NANOS)) {
            look();
        }
        return tokens;
    }

    private synchronized void look() {
        // Taken before the file is read: what changes meanwhile is seen the next time.
        Stamp current = Stamp.of(path);
        if (current.equals(seen)) {
            return;
        }
        seen = current;
        try {
            tokens = read(current);
            LOG.info("read the tokens again from {}", path);
        } catch (StartException e) {
            LOG.warn("the tokens stay as they were: {}", e.getMessage());
        }
    }

    private Tokens read(Stamp stamp) {
        if (stamp.permissions().stream().anyMatch(TOO_MUCH::contains)) {
            throw new StartException("others may read or write the file of tokens " + path + " ("
                    + PosixFilePermissions.toString(stamp.permissions()) + "): take that away with chmod 600 " + path);
        }
        if (stamp.size() > MOST_BYTES) {
            throw new StartException("the file of tokens " + path + " has more than " + MOST_BYTES
                    + " bytes: is it the right one? Name it in RAFT_AUTH");
        }
        try {
            return Tokens.parse(Files.readString(path));
        } catch (StartException e) {
            throw new StartException("the file of tokens " + path + " cannot be used: " + e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw new StartException(
                    "there is no file of tokens " + path
                            + ": make it of lines that java -jar raftkv.war token prints, or name another in RAFT_AUTH",
                    e);
        } catch (CharacterCodingException e) {
            throw new StartException("the file of tokens " + path + " is not UTF-8: save it as that", e);
        } catch (IOException e) {
            throw new StartException(
                    "cannot read the file of tokens " + path + " (" + e
                            + "): give it to the user that this node runs as",
                    e);
        }
    }
}
