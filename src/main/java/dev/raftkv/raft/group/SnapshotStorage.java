package dev.raftkv.raft.group;

import dev.raftkv.store.Snapshot;
import dev.raftkv.store.Snapshots;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.impl.FileListSnapshotInfo;

/**
 * The snapshots as Ratis wants to see them: files to send, or nothing. Ratis asks for it before it says where the snapshots
 * are, and keeps it.
 */
final class SnapshotStorage implements StateMachineStorage {
    private volatile Snapshots snapshots;
    private volatile SnapshotInfo latest;

    void open(Snapshots opened) {
        snapshots = opened;
    }

    /** Looks for the latest snapshot again. */
    void refresh() {
        latest = snapshots.latest().map(SnapshotStorage::info).orElse(null);
    }

    private static SnapshotInfo info(Snapshot snapshot) {
        // Without a digest Ratis computes it while it sends the file.
        MD5Hash none = null;
        return new FileListSnapshotInfo(
                snapshot.files().stream().map(file -> new FileInfo(file, none)).toList(),
                snapshot.term(),
                snapshot.index());
    }

    @Override
    public void init(RaftStorage raftStorage) {}

    @Override
    public SnapshotInfo getLatestSnapshot() {
        return latest;
    }

    @Override
    public void format() {}

    @Override
    public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) {
        snapshots.retain(policy.getNumSnapshotsRetained());
    }
}
