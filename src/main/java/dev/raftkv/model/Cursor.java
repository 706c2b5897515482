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

    public boolean isBefore(Change change) {
        return compareTo(after(change)) < 0;
    }

    @Override
    public int compareTo(Cursor other) {
        int byRevision = Long.compare(revision, other.revision);
        return byRevision != 0 ? byRevision : Integer.compare(ordinal, other.ordinal);
    }
}
