package dev.raftkv.raft.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps other users of the machine out of a directory, and so away from all files in it, whatever these allow and whoever makes
 * them. Where file systems know no owner, group and others it does nothing.
 */
final class OwnerOnly {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerOnly.class);
    private static final Set<PosixFilePermission> ALL_OF_OWNER = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private OwnerOnly() {}

    /** Makes the directory, and its parents where they are missing, which are nothing to hide. */
    static void make(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Files.createDirectories(directory.toAbsolutePath().getParent());
        boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(ALL_OF_OWNER)}
                : new FileAttribute<?>[0];
        Files.createDirectory(directory, attributes);
    }

    /**
     * Takes their rights to a directory from the others. What may be theirs too stays open, with a warning, and so does what
     * cannot be closed.
     *
     * @param marker the file by which a directory with content is known as a node's own
     */
    static void close(Path directory, String marker) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(directory, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        Set<PosixFilePermission> found = view.readAttributes().permissions();
        if (ALL_OF_OWNER.containsAll(found)) {
            return;
        }
        String why = "it has files that are no node's";
        if (Files.exists(directory.resolve(marker)) || isEmpty(directory)) {
            Set<PosixFilePermission> rest = EnumSet.copyOf(ALL_OF_OWNER);
            rest.retainAll(found);
            try {
                view.setPermissions(rest);
                why = "its file system keeps it so";
            } catch (IOException e) {
                why = e.getMessage();
            }
            if (ALL_OF_OWNER.containsAll(view.readAttributes().permissions())) {
                LOG.info(
                        "other users of this machine had rights to {} ({}): now its owner alone may enter it",
                        directory,
                        PosixFilePermissions.toString(found));
                return;
            }
        }
        LOG.warn(
                "other users of this machine have rights to {} ({}), which stay ({}): name a directory in RAFT_VOL_DIR that does"
                        + " not exist, so that this node makes it for itself alone",
                directory,
                PosixFilePermissions.toString(found),
                why);
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> content = Files.list(directory)) {
            return content.findAny().isEmpty();
        }
    }
}
