package dev.raftkv.store;

import java.nio.file.Path;
import java.util.List;

/**
 * A complete copy of a store's state on the disk.
 *
 * @param term of the last entry that it holds
 * @param index of the last entry that it holds, &ge; 1
 * @param directory absolute; what {@link KvStore#restore} takes
 * @param files all of them, by name; at least one
 */
public record Snapshot(long term, long index, Path directory, List<Path> files) {}
