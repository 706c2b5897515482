package dev.raftkv.model;

/**
 * How much room the disk of a node has, as it was a moment ago.
 *
 * @param freeBytes that are free
 * @param minFreeBytes that are to stay free
 */
public record DiskRoom(long freeBytes, long minFreeBytes) {
    /** What may still be written; negative if that is too much already. */
    public long spareBytes() {
        return freeBytes - minFreeBytes;
    }
}
