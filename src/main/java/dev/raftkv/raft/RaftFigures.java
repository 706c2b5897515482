package dev.raftkv.raft;

import dev.raftkv.meter.Histogram;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Position;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.group.CurrentGroup;
import dev.raftkv.raft.group.KvStateMachine;
import dev.raftkv.raft.group.NodeEvents;
import dev.raftkv.raft.group.Standing;
import dev.raftkv.raft.log.GroupCommit;
import dev.raftkv.raft.log.LogProgress;
import dev.raftkv.raft.log.WriteMeter;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RatisMeters;
import dev.raftkv.raft.wire.Traffic;
import dev.raftkv.store.HistoryFigures;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StorageException;
import dev.raftkv.store.StoreFigures;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;

/**
 * What operators measure of a node, beside its {@link dev.raftkv.model.NodeStatus}. Every figure is of now, can be asked for
 * at any time, also of a node that is not started or serves nothing, and costs little. Counts begin with the process, those
 * of the log and of elections with the node's entry into its cluster.
 */
public final class RaftFigures {
    private final Duration election;
    private final OwnServer server;
    private final CurrentGroup group;
    private final Standing standing;
    private final NodeEvents events;
    private final LogProgress progress;
    private final WriteMeter meter;
    private final GroupCommit commit;
    private final DataDirectory directory;
    private final NodeThreads threads;
    private final Traffic traffic;

    RaftFigures(
            Duration election,
            OwnServer server,
            CurrentGroup group,
            Standing standing,
            NodeEvents events,
            LogProgress progress,
            WriteMeter meter,
            GroupCommit commit,
            DataDirectory directory,
            NodeThreads threads,
            Traffic traffic) {
        this.election = election;
        this.server = server;
        this.group = group;
        this.standing = standing;
        this.events = events;
        this.progress = progress;
        this.meter = meter;
        this.commit = commit;
        this.directory = directory;
        this.threads = threads;
        this.traffic = traffic;
    }

    /** Whether this node leads, and takes no writes yet: it still applies what its predecessors have left. */
    public boolean isBecomingLeader() {
        return server.isLed() && !server.isLedReadily();
    }

    /**
     * A follower or learner as its leader sees it.
     *
     * @param lagEntries entries that the leader has committed and the follower not, as far as the leader knows
     * @param lastContactMillis since it last answered
     */
    public record Follower(String nodeId, long lagEntries, long lastContactMillis) {}

    /** Why this node serves nothing, a sentence for the user, if so. */
    public Optional<String> idleReason() {
        return standing.idleReason();
    }

    /** Why this node takes no writes for want of disk space, if so. */
    public Optional<String> diskProblem() {
        return standing.disk().problem();
    }

    /** The highest commit index that this node has heard of, its own included; empty if it has no log. */
    public OptionalLong knownCommitIndex() {
        return liveDivision()
                .map(division -> division.getCommitInfos().stream()
                        .mapToLong(CommitInfoProto::getCommitIndex)
                        .max())
                .orElse(OptionalLong.empty());
    }

    /** The others, by their ids, if this node leads; else none. */
    public List<Follower> followers() {
        return liveDivision()
                .filter(division -> division.getInfo().isLeader())
                .map(RaftFigures::followers)
                .orElse(List.of());
    }

    /** The others that have answered within an election timeout; empty if this node does not lead. */
    public Optional<Set<String>> inTouch() {
        long alive = election.toMillis();
        return liveDivision()
                .filter(division -> division.getInfo().isLeader())
                .map(division -> followers(division).stream()
                        .filter(follower -> follower.lastContactMillis() < alive)
                        .map(Follower::nodeId)
                        .collect(Collectors.toSet()));
    }

    private static List<Follower> followers(RaftServer.Division division) {
        Map<String, Long> commits = division.getCommitInfos().stream()
                .collect(
                        Collectors.toMap(info -> nodeId(info.getServer()), CommitInfoProto::getCommitIndex, Math::max));
        long committed = division.getRaftLog().getLastCommittedIndex();
        return division.getInfo().getRoleInfoProto().getLeaderInfo().getFollowerInfoList().stream()
                .map(follower -> new Follower(
                        nodeId(follower.getId()),
                        Math.max(0, committed - commits.getOrDefault(nodeId(follower.getId()), -1L)),
                        follower.getLastRpcElapsedTimeMs()))
                .sorted((a, b) -> a.nodeId().compareTo(b.nodeId()))
                .toList();
    }

    private static String nodeId(RaftPeerProto peer) {
        return PeerName.of(RaftPeerId.valueOf(peer.getId())).nodeId();
    }

    /** How long syncs of the Raft log took; empty if this node has no log. */
    public Optional<Histogram.Snapshot> logSyncs() {
        return liveDivision()
                .flatMap(division -> RatisMeters.syncTimes(division.getMemberId()))
                .map(Histogram::snapshot);
    }

    /** How often this node has stood for election. */
    public long elections() {
        return liveDivision()
                .map(division -> RatisMeters.elections(division.getMemberId()))
                .orElse(0L);
    }

    /** How often this node has learnt of a new leader, itself included. */
    public long leaderChanges() {
        return events.leaderChanges();
    }

    /** How long each stage that entries go through has stood still on this node, though there is work for it; by its name. */
    public Map<String, Duration> standstills() {
        Map<String, Duration> ages = new LinkedHashMap<>();
        for (LogProgress.Stage stage : LogProgress.Stage.values()) {
            ages.put(stage.label(), progress.age(stage));
        }
        return ages;
    }

    /** Which of them stands still for longer than a leader may, a sentence for the user, if so. */
    public Optional<String> standstill() {
        return progress.problem();
    }

    /** How often this node has handed its leadership over for that. */
    public long stepAsides() {
        return events.stepAsides();
    }

    /** How often it has done so because its disk was low. */
    public long diskHandovers() {
        return events.diskHandovers();
    }

    public long snapshotsTaken() {
        return events.snapshotsTaken();
    }

    /** Snapshots that came from a leader, because its log did not reach back to what this node had. */
    public long snapshotsInstalled() {
        return events.snapshotsInstalled();
    }

    /** The sizes of the Raft entries that this node has cut as a leader, in commands. */
    public Histogram.Snapshot entryCommands() {
        return meter.commands().snapshot();
    }

    /** How long those entries took from their cut to their end: replicated and applied, or failed. */
    public Histogram.Snapshot entryTimes() {
        return meter.times().snapshot();
    }

    /** Writes that took longer than a second. */
    public long slowWrites() {
        return meter.slow();
    }

    /** Writes that wait for their outcome. */
    public long pendingWrites() {
        return commit.pending();
    }

    /** The size of those. */
    public long pendingWriteBytes() {
        return commit.pendingBytes();
    }

    /** How often the steps of each periodic task have failed. */
    public Map<String, Long> taskFailures() {
        return threads.taskFailures();
    }

    /** What passes the Raft port, and what is refused there. */
    public Traffic traffic() {
        return traffic;
    }

    /** Usable bytes on the disk of the data directory; empty if it cannot be told. */
    public OptionalLong freeDiskBytes() {
        try {
            return OptionalLong.of(directory.freeBytes());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** What the store holds; empty if this node has none. */
    public Optional<Position> position() {
        return store().map(KvStore::position);
    }

    /** What the store takes and does; empty if it is not open, or cannot tell. */
    public Optional<StoreFigures> storeFigures() {
        try {
            return store().map(KvStore::figures);
        } catch (KvException | StorageException e) {
            // The store can be closed between two looks at it, by a snapshot or a join.
            return Optional.empty();
        }
    }

    /** How many sessions live; empty if this node has no store, or it is not open. */
    public OptionalLong sessions() {
        try {
            return store().map(held -> OptionalLong.of(held.sessionCount())).orElse(OptionalLong.empty());
        } catch (KvException | StorageException e) {
            return OptionalLong.empty();
        }
    }

    /** What is kept for watchers; empty if this node has no store. */
    public Optional<HistoryFigures> history() {
        return store().map(KvStore::history);
    }

    private Optional<KvStore> store() {
        return group.machine().map(KvStateMachine::store);
    }

    /** A closed log throws on every call. */
    private Optional<RaftServer.Division> liveDivision() {
        return server.division().filter(division -> division.getInfo().isAlive());
    }
}
