package dev.raftkv.model;

/**
 * A place between two changes: behind the change with this revision and ordinal.
 *
 * @param ordinal {@link Integer#MAX_VALUE} for the end of the revision
 */
public record Cursor(long revision, int ordinal) implements Comparable<Cursor> {
    /** Behind all changes of a revision. */
    public static Cursor after(long revision) {
        return new Cursor(revision, Integer.MAX_VALUE);
    }

    public static Cursor after(Change change) {
        return new Cursor(change.revision(), change.ordinal());
    }

    /** So that this change is the next. */
    public static Cursor before(Change change) {
        return change.ordinal() == 0
                ? after(change.revision() - 1)
                : new Cursor(change.revision(), change.ordinal() - 1);
    }

    public static Cursor latest(Cursor one, Cursor other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** {@code 57} for the end of a revision, {@code 57.3} for a place within it. */
    String text() {
        return ordinal == Integer.MAX_VALUE ? Long.toString(revision) : revision + "." + ordinal;
    }

    /** The last revision whose changes are all before this place. */
    public long wholeRevision() {
        return ordinal == Integer.MAX_VALUE ? revision : revision - 1;
    }

    public boolean isBefore(Change change) {
        return isBefore(change.revision(), change.ordinal());
    }

    /** Whether a change of this revision and ordinal is behind it. */
    public boolean isBefore(long changeRevision, int changeOrdinal) {
        return revision < changeRevision || revision == changeRevision && ordinal < changeOrdinal;
    }

    @Override
    public int compareTo(Cursor other) {
        int byRevision = Long.compare(revision, other.revision);
        return byRevision != 0 ? byRevision : Integer.compare(ordinal, other.ordinal);
    }
}
