package dev.raftkv.ops;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Birth;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.raft.RaftFigures;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Traffic;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Metrics about the node's part in its cluster. */
public final class RaftMetrics implements Source {
    private static final double MILLIS = 1000;

    private final Supplier<NodeStatus> status;
    private final RaftFigures figures;
    private final int maxPendingWrites;

    public RaftMetrics(Supplier<NodeStatus> status, RaftFigures figures, NodeConfig config) {
        this.status = status;
        this.figures = figures;
        this.maxPendingWrites = config.limits().pendingWrites();
    }

    @Override
    public void write(Exposition out) {
        NodeStatus now = status.get();
        role(out, now);
        indexes(out, now);
        followers(out);
        events(out);
        traffic(out);
        standstills(out);
        writes(out);
        tasks(out);
    }

    private void tasks(Exposition out) {
        out.begin(
                "raftkv_task_failures_total",
                Exposition.Type.COUNTER,
                "Times that a periodic task of the node has failed; it is tried again.");
        figures.taskFailures().forEach((task, failures) -> out.sample(failures, "task", task));
    }

    private static void role(Exposition out, NodeStatus now) {
        out.begin("raftkv_raft_role", Exposition.Type.GAUGE, "1 for what the node is in its cluster, 0 for the rest.");
        for (Role role : Role.values()) {
            out.sample(now.role() == role ? 1 : 0, "role", role.label().toLowerCase(Locale.ROOT));
        }
        out.gauge(
                "raftkv_raft_has_leader",
                "Whether the node knows a leader.",
                flag(now.leaderId().isPresent()));
        out.gauge(
                "raftkv_raft_members",
                "Members of the cluster, as the node knows it.",
                now.members().size());
        out.gauge(
                "raftkv_removed",
                "Whether the node was removed from its cluster, and is in no other.",
                flag(now.identity().birth().stage() == Birth.Stage.REMOVED));
        out.gauge(
                "raftkv_failed",
                "Whether a failure has stopped the node.",
                flag(now.failure().isPresent()));
    }

    private void indexes(Exposition out, NodeStatus now) {
        out.gauge("raftkv_raft_term", "Current Raft term.", now.term());
        index(out, "raftkv_raft_last_log_index", "Index of the last entry in the Raft log.", now.lastLogIndex());
        index(out, "raftkv_raft_commit_index", "Index of the last entry known to be committed.", now.commitIndex());
        index(
                out,
                "raftkv_raft_applied_index",
                "Index of the last entry that the node has applied.",
                now.appliedIndex());
        index(out, "raftkv_raft_snapshot_index", "Index of the latest snapshot.", now.lastSnapshotIndex());
        out.begin(
                "raftkv_raft_apply_lag_entries",
                Exposition.Type.GAUGE,
                "Entries that the cluster has committed, as far as the node has heard, and the node has not applied.");
        figures.knownCommitIndex().ifPresent(known -> out.sample(Math.max(0, known - Math.max(0, now.appliedIndex()))));
    }

    /** Where there is none yet, there is no sample. */
    private static void index(Exposition out, String name, String help, long index) {
        out.begin(name, Exposition.Type.GAUGE, help);
        if (index >= 0) {
            out.sample(index);
        }
    }

    private void followers(Exposition out) {
        List<RaftFigures.Follower> followers = figures.followers();
        out.begin(
                "raftkv_raft_follower_lag_entries",
                Exposition.Type.GAUGE,
                "Entries committed by this leader that the follower is not known to have committed.");
        followers.forEach(follower -> out.sample(follower.lagEntries(), "follower", follower.nodeId()));
        out.begin(
                "raftkv_raft_follower_last_contact_seconds",
                Exposition.Type.GAUGE,
                "Time since the follower last answered this leader.");
        followers.forEach(follower -> out.sample(follower.lastContactMillis() / MILLIS, "follower", follower.nodeId()));
    }

    private void events(Exposition out) {
        out.counter(
                "raftkv_raft_leader_changes_total",
                "Times that the node has learnt of a leader.",
                figures.leaderChanges());
        out.counter("raftkv_raft_elections_total", "Elections that the node has stood for.", figures.elections());
        out.counter(
                "raftkv_raft_snapshots_taken_total", "Snapshots that the node has taken.", figures.snapshotsTaken());
        out.counter(
                "raftkv_raft_snapshots_installed_total",
                "Snapshots that the node has got from a leader.",
                figures.snapshotsInstalled());
        out.begin(
                "raftkv_raft_log_sync_seconds",
                Exposition.Type.HISTOGRAM,
                "Time that bringing Raft entries to the disk took.");
        figures.logSyncs().ifPresent(out::histogram);
    }

    private void traffic(Exposition out) {
        Traffic traffic = figures.traffic();
        out.begin(
                "raftkv_raft_messages_total",
                Exposition.Type.COUNTER,
                "Requests to other nodes and answers, at the Raft port.");
        forEach((kind, direction) ->
                out.sample(traffic.messages(direction, kind), "kind", kind.label(), "direction", direction.label()));
        out.begin("raftkv_raft_message_bytes_total", Exposition.Type.COUNTER, "Size of those.");
        forEach((kind, direction) ->
                out.sample(traffic.bytes(direction, kind), "kind", kind.label(), "direction", direction.label()));
        out.begin(
                "raftkv_raft_refused_total",
                Exposition.Type.COUNTER,
                "Connections and requests that the node has refused at its Raft port.");
        for (Traffic.Reason reason : Traffic.Reason.values()) {
            out.sample(traffic.refused(reason), "reason", reason.label());
        }
    }

    private static void forEach(BiConsumer<Kind, Traffic.Direction> action) {
        for (Kind kind : Kind.values()) {
            for (Traffic.Direction direction : Traffic.Direction.values()) {
                action.accept(kind, direction);
            }
        }
    }

    private void standstills(Exposition out) {
        out.begin(
                "raftkv_raft_standstill_seconds",
                Exposition.Type.GAUGE,
                "Time for which a stage of the work on the log has got nothing done though there was work for it.");
        figures.standstills().forEach((stage, age) -> out.sample(age.toMillis() / MILLIS, "stage", stage));
        out.counter(
                "raftkv_raft_step_asides_total",
                "Times that the node has handed its leadership over because a stage stood still.",
                figures.stepAsides());
        out.counter(
                "raftkv_raft_disk_handovers_total",
                "Times that the node has handed its leadership over because its disk was low.",
                figures.diskHandovers());
    }

    private void writes(Exposition out) {
        out.begin(
                "raftkv_write_entry_commands",
                Exposition.Type.HISTOGRAM,
                "Commands in the Raft entries that the node has made as a leader.");
        out.histogram(figures.entryCommands());
        out.begin(
                "raftkv_write_entry_seconds",
                Exposition.Type.HISTOGRAM,
                "Time that those entries took to be replicated and applied.");
        out.histogram(figures.entryTimes());
        out.counter("raftkv_slow_writes_total", "Writes that took longer than a second.", figures.slowWrites());
        out.gauge("raftkv_pending_writes", "Writes that wait for their outcome.", figures.pendingWrites());
        out.gauge("raftkv_pending_writes_limit", "Writes that may wait at once.", maxPendingWrites);
        out.gauge("raftkv_pending_write_bytes", "Size of the writes that wait.", figures.pendingWriteBytes());
    }

    private static int flag(boolean value) {
        return value ? 1 : 0;
    }
}
