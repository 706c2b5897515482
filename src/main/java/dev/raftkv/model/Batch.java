package dev.raftkv.model;

import java.util.List;

/**
 * The content of one Raft log entry: what clients asked for, in the order in which it is applied.
 *
 * @param time cluster time in milliseconds at which the leader made the entry, 0 if it was not told. Replicas take it for
 *     their clock, so a time that lies before that of an earlier entry counts as that one.
 */
public record Batch(long time, List<Write> writes) {
    /** Whether all of it are barriers: then nothing is lost when it is not written to the store, or applied again. */
    public boolean changesNothing() {
        return writes.stream().allMatch(write -> write.command() instanceof Command.Barrier);
    }
}
