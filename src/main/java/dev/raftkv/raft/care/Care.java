package dev.raftkv.raft.care;

import dev.raftkv.raft.group.KvStateMachine;
import dev.raftkv.raft.group.NodeEvents;
import dev.raftkv.raft.group.Standing;
import dev.raftkv.raft.ratis.OwnServer;
import java.io.IOException;
import java.util.Optional;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.ConfiguredRoles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The round of the duties. What fails in one round is tried again in the next. */
public final class Care implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Care.class);

    private final OwnServer server;
    private final Standing standing;
    private final NodeEvents events;
    private final DiskCare disk;
    private final RemovalCare removal;
    private final LowDiskHandover lowDisk;
    private final SnapshotCare snapshots;
    private final AnnouncementCare announcement;

    public Care(
            OwnServer server,
            Standing standing,
            NodeEvents events,
            DiskCare disk,
            RemovalCare removal,
            LowDiskHandover lowDisk,
            SnapshotCare snapshots,
            AnnouncementCare announcement) {
        this.server = server;
        this.standing = standing;
        this.events = events;
        this.disk = disk;
        this.removal = removal;
        this.lowDisk = lowDisk;
        this.snapshots = snapshots;
        this.announcement = announcement;
    }

    /** One round; to be called about once a second, by one thread. */
    @Override
    public void run() {
        try {
            disk.look();
            Optional<RaftServer.Division> division = server.division();
            if (division.isPresent() && standing.failure().isEmpty() && !standing.isStopping()) {
                events.leaderKnown(division.get().getInfo().getLeaderId() != null);
                look(division.get());
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("node {}: {}", server.name(), e.toString());
            LOG.debug("node {}", server.name(), e);
        }
    }

    private void look(RaftServer.Division division) throws IOException {
        KvStateMachine machine = (KvStateMachine) division.getStateMachine();
        if (!division.getInfo().isAlive()) {
            removal.closed(division, machine);
            return;
        }
        removal.alive();
        ConfiguredRoles.settle(division);
        // First: what follows needs the disk.
        lowDisk.look();
        machine.markSynced(division.getRaftLog());
        if (standing.idleReason().isEmpty()) {
            snapshots.look(machine);
            announcement.look();
            if (division.getInfo().getLeaderId() != null) {
                disk.well();
            }
        }
    }
}
