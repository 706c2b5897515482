package dev.raftkv.raft;

import dev.raftkv.raft.NodeMarker.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A node's directory: {@code node.properties} (see {@link NodeMarker}), {@code raft/<group>} with the log, the snapshots and
 * the store of the group that the node holds, and {@code archive} with the directories of groups that it left, which are
 * never deleted. Locked while open, against other processes and other nodes of this one.
 */
final class DataDirectory implements AutoCloseable {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    private final Path root;
    private final PeerName name;
    private FileChannel lockFile;
    private NodeMarker marker;

    DataDirectory(Path root, PeerName name) {
        this.root = root;
        this.name = name;
    }

    /**
     * Locks the directory and finds out what it holds.
     *
     * @return the group to found if this is the node's first start
     * @throws IllegalStateException with what to do, if the directory is in use, belongs to another node, or has lost data
     */
    synchronized Optional<UUID> open() {
        lock();
        marker = NodeMarker.read(root).orElse(null);
        List<UUID> groups = groups();
        if (marker == null) {
            if (!groups.isEmpty()) {
                throw new IllegalStateException(root
                        + " holds Raft data but no node.properties: it is not the directory of a raftkv node, or was"
                        + " copied in part. Restore it whole, or give an empty RAFT_VOL_DIR.");
            }
            marker = new NodeMarker(name, UUID.randomUUID(), Stage.FOUNDING);
            marker.write(root);
            return Optional.of(marker.group());
        }
        checkOwner();
        if (marker.stage() == Stage.FOUNDING) {
            // Nothing was ever acknowledged there.
            groups.forEach(group -> deleteTree(storage().resolve(group.toString())));
            return Optional.of(marker.group());
        }
        checkGroups(groups);
        return Optional.empty();
    }

    private void lock() {
        try {
            Files.createDirectories(storage());
            lockFile = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = lockFile.tryLock();
            if (lock == null) {
                throw new OverlappingFileLockException();
            }
        } catch (OverlappingFileLockException e) {
            throw new IllegalStateException(
                    root + " is in use by another raftkv node: give each node a RAFT_VOL_DIR of its own", e);
        } catch (IOException e) {
            throw new IllegalStateException("RAFT_VOL_DIR " + root + " cannot be used: " + e, e);
        }
    }

    private void checkOwner() {
        if (!marker.name().equals(name)) {
            throw new IllegalStateException(
                    root + " belongs to node " + marker.name().nodeId() + " at "
                            + marker.name().address() + ", but this node is configured as " + name.nodeId() + " at "
                            + name.address()
                            + ". Set RAFT_NODE_ID, RAFT_HOST and RAFT_PORT back; or, to move a member, remove it"
                            + " from its cluster, start it with an empty RAFT_VOL_DIR and join it again.");
        }
    }

    private void checkGroups(List<UUID> groups) {
        if (marker.stage() == Stage.MEMBER && !groups.contains(marker.group())) {
            throw new IllegalStateException(
                    "the data of node " + name.nodeId() + " is gone: " + storage() + " should hold "
                            + marker.group()
                            + ". Was a volume not mounted? Restore it; or, if it is lost, remove the node from its"
                            + " cluster, start it with an empty RAFT_VOL_DIR and join it again.");
        }
        if (groups.size() > 1) {
            throw new IllegalStateException(
                    storage() + " holds more than one group: " + groups + ". Only one of them can belong there.");
        }
    }

    /** The directory that Ratis keeps its groups in. */
    Path storage() {
        return root.resolve("raft");
    }

    /** The groups whose data is here. */
    List<UUID> groups() {
        try (Stream<Path> children = Files.list(storage())) {
            return children.map(child -> child.getFileName().toString())
                    .filter(child -> child.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"))
                    .map(UUID::fromString)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Notes that the node holds the group from now on, and must find it at its next start. */
    synchronized void entered(UUID group) {
        if (!marker.equals(marker.memberOf(group))) {
            marker = marker.memberOf(group);
            marker.write(root);
        }
    }

    /** Notes that the node has left the group, and moves the group's closed directory aside. */
    synchronized void left(UUID group) {
        marker = marker.memberOf(group).in(Stage.DETACHED);
        marker.write(root);
        archive(group);
    }

    private void archive(UUID group) {
        Path source = storage().resolve(group.toString());
        if (!Files.exists(source)) {
            return;
        }
        try {
            Path archive = Files.createDirectories(root.resolve("archive"));
            String stamp = STAMP.format(Clock.systemUTC().instant());
            Files.move(source, archive.resolve(group + "-" + stamp), StandardCopyOption.ATOMIC_MOVE);
            sync(archive);
            sync(storage());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot move " + source + " aside", e);
        }
    }

    static void deleteTree(Path tree) {
        try {
            if (Files.exists(tree)) {
                try (Stream<Path> paths = Files.walk(tree)) {
                    for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + tree, e);
        }
    }

    /** Makes the entries of a directory durable. */
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Usable bytes on the disk of this directory. */
    long freeBytes() throws IOException {
        return Files.getFileStore(root).getUsableSpace();
    }

    @Override
    public synchronized void close() {
        if (lockFile != null) {
            try {
                lockFile.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
