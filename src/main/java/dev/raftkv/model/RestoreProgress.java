package dev.raftkv.model;

/**
 * How far a restore is.
 *
 * @param id names it
 * @param keys how many have come, of so many bytes
 * @param touched the cluster time of its last step, in milliseconds
 */
public record RestoreProgress(String id, long keys, long bytes, long touched) {
    /** Who did nothing for so long has gone: another restore may take the place, in milliseconds. */
    public static final long PATIENCE_MILLIS = 60_000;

    /** @param now cluster time in milliseconds */
    public boolean isAbandoned(long now) {
        return now - touched > PATIENCE_MILLIS;
    }
}
