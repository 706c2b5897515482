package dev.raftkv.raft;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Command;
import dev.raftkv.model.Write;
import dev.raftkv.raft.disk.DataDirectory;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after a node once a second: free disk space, snapshots when they are due, whether the node was removed (of which no
 * single event of Ratis tells reliably), and whether the cluster knows where the node answers HTTP.
 */
final class NodeWatch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeWatch.class);
    /** Ratis tells that the peers have shut this node down when it has closed, some time after it begins to close. */
    private static final int CLOSED_LOOKS = 5;

    private static final long SNAPSHOT_TIMEOUT_MILLIS = 60_000;

    private final RaftNode node;
    private final NodeConfig config;
    private final DataDirectory directory;
    private final LowDiskHandover handover;
    private final BackOff reopening = new BackOff(Duration.ofSeconds(5), Duration.ofMinutes(5));
    private long snapshotAskedAt = -1;
    private int closedForLooks;

    NodeWatch(RaftNode node, NodeConfig config, DataDirectory directory) {
        this.node = node;
        this.config = config;
        this.directory = directory;
        this.handover = new LowDiskHandover(node);
    }

    @Override
    public void run() {
        try {
            node.standing().disk().free(directory.freeBytes());
            reopenIfRoom();
            Optional<RaftServer.Division> division = node.division();
            if (division.isPresent() && node.standing().failure().isEmpty() && !node.isStopping()) {
                node.events().leaderKnown(division.get().getInfo().getLeaderId() != null);
                look(division.get());
            }
        } catch (IOException | RuntimeException e) {
            // The next look comes in a second.
            LOG.warn("node {}: {}", node.name(), e.toString());
            LOG.debug("node {}", node.name(), e);
        }
    }

    /** What failed because the disk was full works again when it is opened anew. */
    private void reopenIfRoom() {
        if (node.standing().mayReopen() && reopening.begins(System.nanoTime())) {
            LOG.warn("node {}: the disk has room again; Raft and the store are opened anew", node.name());
            try {
                node.reopen();
            } catch (IOException | RuntimeException e) {
                node.standing().reopenFailed(e);
            }
        }
    }

    private void look(RaftServer.Division division) throws IOException {
        if (!division.getInfo().isAlive()) {
            closedByItself(division);
            return;
        }
        closedForLooks = 0;
        // First: what follows needs the disk.
        handover.look();
        ((KvStateMachine) division.getStateMachine()).markSynced(division.getRaftLog());
        if (node.standing().idleReason().isEmpty()) {
            takeSnapshotIfDue(division);
            announceIfUnknown(division);
            if (division.getInfo().getLeaderId() != null) {
                reopening.reset();
            }
        }
    }

    private void closedByItself(RaftServer.Division division) throws IOException {
        KvStateMachine machine = (KvStateMachine) division.getStateMachine();
        boolean member = division.getRaftConf().getCurrentPeers().stream()
                .anyMatch(peer -> peer.getId().equals(node.peerId()));
        if (member && !machine.shutDownByPeers()) {
            closedForLooks++;
            if (closedForLooks >= CLOSED_LOOKS) {
                // Of a full disk Ratis tells only when it writes its log; it closes too when it cannot write a vote.
                node.failed(
                        "Raft has stopped by itself",
                        new IOException(
                                node.standing().disk().isEnough()
                                        ? "the log above says why"
                                        : "No space left on device"));
            }
            return;
        }
        LOG.warn("node {} was removed from its cluster", node.name());
        node.leaveGroup(division.getMemberId().getGroupId());
    }

    private void takeSnapshotIfDue(RaftServer.Division division) throws IOException {
        KvStateMachine machine = (KvStateMachine) division.getStateMachine();
        if (!machine.hasReplayed()) {
            return;
        }
        SnapshotInfo latest = machine.getLatestSnapshot();
        long applied = machine.store().position().index();
        long since = applied - (latest == null ? 0 : latest.getIndex());
        boolean due = since >= config.storage().snapshotEntries()
                || machine.appliedBytes() >= config.storage().snapshotLogBytes();
        if (due && since > 0 && snapshotAskedAt != applied) {
            snapshotAskedAt = applied;
            node.server()
                    .snapshotManagementAsync(SnapshotManagementRequest.newCreate(
                            node.clientId(),
                            node.peerId(),
                            division.getMemberId().getGroupId(),
                            node.nextCallId(),
                            SNAPSHOT_TIMEOUT_MILLIS,
                            1))
                    .whenComplete((reply, failure) -> logSnapshot(applied, reply, failure));
        }
    }

    private void logSnapshot(long applied, RaftClientReply reply, Throwable failure) {
        Throwable cause = failure != null ? failure : reply.getException();
        if (cause != null) {
            LOG.warn("node {} could not take a snapshot at about index {}: {}", node.name(), applied, cause.toString());
        }
    }

    /** Followers send clients to the leader, so everybody must know where it answers. A follower tells the leader by HTTP. */
    private void announceIfUnknown(RaftServer.Division division) {
        if (division.getInfo().isLeaderReady() && node.isUnannounced()) {
            node.write(Write.of(new Command.Announce(node.name().nodeId(), config.httpAddress())));
        }
    }
}
