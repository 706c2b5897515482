package dev.raftkv.raft.look;

/**
 * How far a log goes.
 *
 * @param first the first entry that is there, or that would be if there was one
 * @param last the last that is on the disk; one less than the first if there is none
 * @param committed the last that is known to be committed
 * @param applied the last that was applied
 */
public record LogBounds(long first, long last, long committed, long applied) {
    public boolean isEmpty() {
        return last < first;
    }
}
