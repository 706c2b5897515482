package dev.raftkv.model;

/**
 * Where a store stands: the last Raft entry applied to it, and what it counts.
 *
 * @param term of the last applied entry, 0 if none
 * @param index of the last applied entry, 0 if none. Raft's own entries (configurations) do not count here.
 * @param revision the number of mutating commands ever applied, &ge; 0
 * @param keys the number of keys held, &ge; 0
 * @param time the cluster time of the last entry that had one, in milliseconds; 0 if none
 */
public record Position(long term, long index, long revision, long keys, long time) {
    public static final Position EMPTY = new Position(0, 0, 0, 0, 0);
}
