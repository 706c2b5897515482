package dev.raftkv.raft.log;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings the news of a commit to the followers soon. Ratis tells them with the next entry, or the next heartbeat, which may be
 * half an election timeout later: so long their readers and watchers would wait for the last change of a burst. When no entry
 * follows for a moment, a heartbeat is sent at once. A steady flow of writes needs none.
 */
public final class CommitSpread {
    private static final long MOMENT_MILLIS = 10;

    private final ScheduledExecutorService timer;
    private final Runnable heartbeat;
    private final AtomicLong commits = new AtomicLong();
    private final AtomicBoolean waiting = new AtomicBoolean();

    /** @param heartbeat sends one to each follower; called on the timer's thread, must not block or throw */
    public CommitSpread(ScheduledExecutorService timer, Runnable heartbeat) {
        this.timer = timer;
        this.heartbeat = heartbeat;
    }

    /** An entry of this leader that changes something is committed. */
    void committed() {
        commits.incrementAndGet();
        if (waiting.compareAndSet(false, true)) {
            look();
        }
    }

    private void look() {
        long seen = commits.get();
        try {
            timer.schedule(() -> lookAgain(seen), MOMENT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The node stops: whoever leads next tells the followers.
            waiting.set(false);
        }
    }

    private void lookAgain(long seen) {
        if (commits.get() != seen) {
            look();
            return;
        }
        waiting.set(false);
        heartbeat.run();
        if (commits.get() != seen && waiting.compareAndSet(false, true)) {
            look();
        }
    }
}
