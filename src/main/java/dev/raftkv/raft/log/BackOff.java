package dev.raftkv.raft.log;

import java.time.Duration;

/** When something is tried again that has not helped: each time after twice the pause, up to a longest one. For one thread. */
public final class BackOff {
    private final long first;
    private final long longest;
    private long pause;
    private long dueAt;
    private boolean tried;

    public BackOff(Duration first, Duration longest) {
        this.first = first.toNanos();
        this.longest = longest.toNanos();
        this.pause = this.first;
    }

    /** Whether it is time, as {@link System#nanoTime()} goes; if so the next pause begins. */
    public boolean begins(long now) {
        if (tried && now - dueAt < 0) {
            return false;
        }
        tried = true;
        dueAt = now + pause;
        pause = Math.min(2 * pause, longest);
        return true;
    }

    /** The cause is gone: next time it is tried at once. */
    public void reset() {
        tried = false;
        pause = first;
    }
}
