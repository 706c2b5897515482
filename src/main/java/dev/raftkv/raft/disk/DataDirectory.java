package dev.raftkv.raft.disk;

import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.StartException;
import dev.raftkv.raft.ratis.PeerName;
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
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A node's directory: {@code node.properties} (see {@link NodeMarker}), {@code log-levels.properties} (see
 * {@link ToldLevels}), {@code raft/<group>} with the log, the snapshots and
 * the store of the group that the node holds, and {@code archive} with the directories of groups that it left, which are
 * never deleted. Locked while open, against other processes and other nodes of this one, and closed to other users of the
 * machine.
 */
public final class DataDirectory implements AutoCloseable {
    /** Where a group is made by {@link #recover}; what a start finds there was not finished. */
    private static final String WORKSHOP = "recovering";

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    private final Path root;
    private final PeerName name;
    private FileChannel lockFile;
    private volatile NodeMarker marker;

    public DataDirectory(Path root, PeerName name) {
        this.root = root;
        this.name = name;
        // Until it is opened nothing is known.
        this.marker = new NodeMarker(name, Birth.first(true, new UUID(0, 0)), Optional.empty());
    }

    /**
     * Locks the directory, finds out what it holds, and moves aside what does not belong there.
     *
     * @param asks whether a node without data asks others to be joined
     * @return what has become of the node
     * @throws StartException with what to do, if the directory is in use, belongs to another node, or has lost data
     */
    public synchronized Birth open(boolean asks) {
        lock();
        List<UUID> groups = groups();
        Optional<NodeMarker> found = readMarker(groups);
        if (found.isEmpty() && !groups.isEmpty()) {
            throw new StartException(root
                    + " holds Raft data but no node.properties: it is not the directory of a raftkv node, or was"
                    + " copied in part. " + wayOut(groups));
        }
        NodeMarker before =
                found.orElseGet(() -> new NodeMarker(name, Birth.first(asks, UUID.randomUUID()), Optional.empty()));
        marker = new NodeMarker(name, before.birth().started(asks), before.recovered());
        checkOwner(before);
        checkData(groups);
        if (found.isEmpty() || !before.equals(marker)) {
            marker.write(root);
        }
        putInOrder(before.birth(), groups);
        return marker.birth();
    }

    private Optional<NodeMarker> readMarker(List<UUID> groups) {
        try {
            return NodeMarker.read(root);
        } catch (StartException e) {
            throw new StartException(e.getMessage() + ": it is empty or damaged. " + wayOut(groups), e);
        }
    }

    /** What to do without the marker: a directory of a node that was, or is, a member has one group. */
    private String wayOut(List<UUID> groups) {
        String anew =
                "Restore it from a copy, or give an empty RAFT_VOL_DIR; a member of a cluster has to be removed from it"
                        + " before, and is joined again.";
        return groups.size() != 1
                ? anew
                : anew + " If there is no other copy of the data, and it is this node's, write these three lines into "
                        + root.resolve(NodeMarker.FILE) + ": node=" + name + ", group=" + groups.get(0)
                        + ", stage=member";
    }

    private void lock() {
        try {
            OwnerOnly.make(root);
            OwnerOnly.close(root, NodeMarker.FILE);
            Files.createDirectories(storage());
            lockFile = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = lockFile.tryLock();
            if (lock == null) {
                throw new OverlappingFileLockException();
            }
        } catch (OverlappingFileLockException e) {
            throw new StartException(
                    root + " is in use by another raftkv node: give each node a RAFT_VOL_DIR of its own", e);
        } catch (IOException e) {
            throw new StartException("RAFT_VOL_DIR " + root + " cannot be used: " + e, e);
        }
    }

    /** Whoever has not acknowledged anything may be given another name: its first start went wrong. */
    private void checkOwner(NodeMarker found) {
        boolean bound = found.birth().stage() != Stage.FOUNDING && found.birth().stage() != Stage.ASKING;
        if (bound && !found.name().equals(name)) {
            throw new StartException(root + " belongs to node " + found.name().nodeId() + " at "
                    + found.name().address() + ", but this node is configured as " + name.nodeId() + " at "
                    + name.address()
                    + ". Set RAFT_NODE_ID, RAFT_HOST and RAFT_PORT back; or, to move a member, remove it"
                    + " from its cluster, start it with an empty RAFT_VOL_DIR and join it again.");
        }
    }

    private void checkData(List<UUID> groups) {
        if (marker.birth().stage() == Stage.MEMBER
                && !groups.contains(marker.birth().group())) {
            throw new StartException("the data of node " + name.nodeId() + " is gone: " + storage() + " should hold "
                    + marker.birth().group()
                    + ". Was a volume not mounted? Restore it; or, if it is lost, remove the node from its"
                    + " cluster, start it with an empty RAFT_VOL_DIR and join it again.");
        }
    }

    /** Nothing was acknowledged by a founder; other groups were left, or were about to be entered, when the node died. */
    private void putInOrder(Birth found, List<UUID> groups) {
        deleteTree(storage().resolve(WORKSHOP));
        for (UUID group : groups) {
            if (found.stage() == Stage.FOUNDING) {
                deleteTree(storage().resolve(group.toString()));
            } else if (!found.held().equals(Optional.of(group))) {
                archive(group);
            }
        }
    }

    /** The directory that Ratis keeps its groups in. */
    public Path storage() {
        return root.resolve("raft");
    }

    /** The groups whose data is here. */
    public List<UUID> groups() {
        try (Stream<Path> children = Files.list(storage())) {
            return children.map(child -> child.getFileName().toString())
                    .filter(child -> child.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"))
                    .map(UUID::fromString)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What has become of the node. */
    public Birth birth() {
        return marker.birth();
    }

    /**
     * Takes a step, which is on disk when this returns.
     *
     * @throws StartException if the node cannot take it now
     */
    public synchronized Birth move(UnaryOperator<Birth> step) {
        Birth next = step.apply(marker.birth());
        if (!next.equals(marker.birth())) {
            marker = new NodeMarker(name, next, marker.recovered());
            marker.write(root);
        }
        return next;
    }

    /** The word by which the node was made a cluster of its own last, if it was. */
    public Optional<String> recovered() {
        return marker.recovered();
    }

    /** An empty directory in which a group can be made, beside those that there are. */
    public Path workshop() throws IOException {
        Path workshop = storage().resolve(WORKSHOP);
        deleteTree(workshop);
        return Files.createDirectory(workshop);
    }

    /**
     * Puts the group that was made in the {@link #workshop} in the place of the node's own, which is moved aside. A crash leaves
     * the one or the other.
     *
     * @param word notes this time
     */
    public synchronized Birth recover(UUID group, String word) throws IOException {
        UUID former = marker.birth().group();
        Path place = storage().resolve(group.toString());
        Files.move(storage().resolve(WORKSHOP), place, StandardCopyOption.ATOMIC_MOVE);
        sync(storage());
        marker = new NodeMarker(name, marker.birth().recovers(group), Optional.of(word));
        marker.write(root);
        archive(former);
        return marker.birth();
    }

    /**
     * Notes that the node has left the group, and moves the group's closed directory aside.
     *
     * @param joining whether it leaves its own for another
     */
    public synchronized void left(UUID group, boolean joining) {
        if (marker.birth().group().equals(group)) {
            move(birth -> birth.leaves(joining, UUID.randomUUID()));
        }
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

    public static void deleteTree(Path tree) {
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
    public static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Usable bytes on the disk of this directory. */
    public long freeBytes() throws IOException {
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
