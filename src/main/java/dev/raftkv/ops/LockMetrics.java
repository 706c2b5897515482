package dev.raftkv.ops;

import dev.raftkv.kv.LockQueue;
import dev.raftkv.raft.RaftFigures;

/** Metrics about sessions, and about those who wait for their keys. */
public final class LockMetrics implements Source {
    private final LockQueue locks;
    private final RaftFigures figures;

    public LockMetrics(LockQueue locks, RaftFigures figures) {
        this.locks = locks;
        this.figures = figures;
    }

    @Override
    public void write(Exposition out) {
        out.begin("raftkv_sessions", Exposition.Type.GAUGE, "Sessions that live.");
        figures.sessions().ifPresent(out::sample);
        out.gauge("raftkv_lock_waits", "Requests that wait for keys of sessions at this leader.", locks.waiting());
    }
}
