package dev.raftkv.kv;

import dev.raftkv.model.Change;
import dev.raftkv.model.Position;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What this node's store stands for: its time, how far it has come, and the watches that are told of its changes. Whoever
 * applies the log says here what has happened, in the order of the log, from one thread at a time, and after readers can see it
 * in the store.
 *
 * @param clock its time, which is told of each entry before that is applied
 * @param progress for readers that wait
 * @param watches for watchers
 * @param restores that it carries out itself
 * @param sessions for how long they live, as long as it leads
 * @param locks for sessions that wait for keys of others
 */
public record Applied(
        ClusterClock clock,
        Progress progress,
        WatchHub watches,
        OwnRestores restores,
        SessionLeases sessions,
        LockQueue locks) {
    /**
     * Of a node that is still to be made.
     *
     * @param node asked for its store only when somebody watches
     * @param answers completes what readers wait for
     * @param wakes tells watchers
     * @param maxWatches the most that may be open
     */
    public static Applied of(Supplier<Replicator> node, Executor answers, Executor wakes, int maxWatches) {
        ClusterClock clock = new ClusterClock();
        return new Applied(
                clock,
                new Progress(answers),
                new WatchHub(() -> node.get().store(), wakes, maxWatches),
                new OwnRestores(),
                new SessionLeases(),
                new LockQueue(node, clock, answers, System::nanoTime));
    }

    /**
     * The node holds a store: after a start, or because it has entered another cluster.
     *
     * @param cluster see {@link dev.raftkv.model.EventId#clusterOf}
     */
    public void opened(Position position, String cluster) {
        clock.reset(position.time());
        progress.reached(position.index(), position.revision());
        watches.opened(position.revision(), cluster);
    }

    /** The store holds a snapshot of the leader now. */
    public void restored(Position position) {
        clock.applied(position.time());
        progress.reached(position.index(), position.revision());
        watches.restored(position.revision());
        locks.changed(Optional.empty());
    }

    /** The store was changed, for all readers to see; watchers read from it what was too much to be told. */
    public void committed(Optional<List<Change>> changes, long revision) {
        changes.ifPresentOrElse(told -> watches.publish(told, revision), () -> watches.restored(revision));
        watches.committed();
        locks.changed(changes);
    }

    /** An entry was applied, which may have changed nothing. */
    public void applied(long index, long revision) {
        progress.reached(index, revision);
    }

    /** The node serves nothing any more. */
    public void left(String reason) {
        watches.end(reason);
        locks.end(reason);
    }
}
