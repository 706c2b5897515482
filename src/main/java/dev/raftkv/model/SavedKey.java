package dev.raftkv.model;

/**
 * A key as a backup has it.
 *
 * @param createRevision the store revision that created the key, &ge; 1
 * @param changeRevision the store revision of its last change, &ge; createRevision
 * @param version the number of changes since its creation, &ge; 1
 * @param ttlMillis how long it has to live, in milliseconds of cluster time; 0 for ever
 * @param flags as in {@link Entry}
 * @param lockIndex as in {@link Entry}
 */
public record SavedKey(
        Key key,
        Value value,
        long createRevision,
        long changeRevision,
        long version,
        long ttlMillis,
        long flags,
        long lockIndex) {
    /** One that has nothing which the first versions do not know. */
    public SavedKey(Key key, JsonText value, long createRevision, long changeRevision, long version, long ttlMillis) {
        this(key, Value.of(value), createRevision, changeRevision, version, ttlMillis, 0, 0);
    }

    /** The same, changed at the revision of the restore. */
    public SavedKey withoutRevisions() {
        return new SavedKey(key, value, 0, 0, version, ttlMillis, flags, lockIndex);
    }

    /** Whether there is something in it that came with Consul's interface. */
    boolean needsConsul() {
        return !value.isJson() || flags != 0 || lockIndex != 0;
    }
}
