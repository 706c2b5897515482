package dev.raftkv.rest.backup;

import dev.raftkv.model.Code;
import dev.raftkv.model.DiskRoom;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.cluster.ClusterPicture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Whether the disks have room for a restore: this node's for what is sent, and each member's for what it brings. Thread-safe. */
final class Room {
    /** The members' answers are in by then. */
    private static final long LIMIT_SECONDS = 10;

    private final Path directory;
    private final long minFreeBytes;
    private final ClusterPicture members;

    /**
     * @param directory on the disk of this node; exists when it is looked at
     * @param minFreeBytes what has to be left of it
     */
    Room(Path directory, long minFreeBytes, ClusterPicture members) {
        this.directory = directory;
        this.minFreeBytes = minFreeBytes;
        this.members = members;
    }

    private long spareHere() throws IOException {
        return Files.getFileStore(directory).getUsableSpace() - minFreeBytes;
    }

    /**
     * @param bytes that are still to be sent
     * @throws KvException {@code NO_SPACE} if this node has no room for them
     */
    void requireForUpload(long bytes) throws IOException {
        long spare = spareHere();
        if (spare < bytes) {
            throw new KvException(
                    Code.NO_SPACE,
                    "the disk of this node has no room for the backup"
                            + (bytes == 0
                                    ? ""
                                    : " of " + mib(bytes) + " MB: " + mib(Math.max(0, spare)) + " MB are left")
                            + " (RAFT_MIN_FREE_DISK_MB): nothing was changed; free some space");
        }
    }

    /**
     * Waits for the members, two seconds at most. Who does not answer is not asked again: a restore needs no more of them than a
     * write does.
     *
     * @param bytes that each member is to keep
     * @throws KvException {@code NO_SPACE} if one has no room for them, with its name
     */
    void requireAtMembers(long bytes) throws IOException {
        // What was sent is on the disk by now, and the last look of the node itself may have been before.
        require("this node", spareHere(), bytes);
        for (Map.Entry<String, DiskRoom> member : disks().entrySet()) {
            require(member.getKey(), member.getValue().spareBytes(), bytes);
        }
    }

    private Map<String, DiskRoom> disks() {
        try {
            return members.disks().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new KvException(
                    Code.UNAVAILABLE, "the members were not asked for the room on their disks: nothing was changed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KvException(Code.UNAVAILABLE, "this node is stopping: nothing was changed", e);
        }
    }

    private static void require(String who, long spare, long bytes) {
        if (spare < bytes) {
            throw new KvException(
                    Code.NO_SPACE,
                    "the backup needs about " + mib(bytes) + " MB of each member's disk, and " + who + " has "
                            + mib(Math.max(0, spare))
                            + " MB above RAFT_MIN_FREE_DISK_MB: nothing was changed; free some"
                            + " space there");
        }
    }

    /** Rounded up. */
    private static long mib(long bytes) {
        return (bytes >> 20) + ((bytes & (1 << 20) - 1) == 0 ? 0 : 1);
    }
}
