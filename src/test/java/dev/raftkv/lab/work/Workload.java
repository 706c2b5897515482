package dev.raftkv.lab.work;

import dev.raftkv.lab.history.History;
import java.util.concurrent.atomic.AtomicBoolean;

/** Clients and watchers at work. */
public final class Workload implements AutoCloseable {
    private final Plan plan;
    private final History history = new History();
    private final AtomicBoolean stopped = new AtomicBoolean();

    public Workload(Plan plan) {
        this.plan = plan;
    }

    /** Lets all clients and watchers begin. */
    public void start() {}

    /** How many operations have ended so far, by their outcome, for who wants to see the work go on. */
    public Progress progress() {
        return new Progress(0, 0, 0);
    }

    /** How many operations ended in each way. */
    public record Progress(long done, long refused, long unknown) {}

    /**
     * Lets all clients end what they do, and the watchers see the last change if they can; to be called when the network is
     * whole again. Bounded in time.
     *
     * @return all that was done and seen
     */
    public History stop() {
        close();
        return history;
    }

    /** What was done and seen so far. */
    public History history() {
        return history;
    }

    /** Ends all at once. */
    @Override
    public void close() {
        stopped.set(true);
    }
}
