package dev.raftkv.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place between two changes: behind the change with this revision and ordinal.
 *
 * @param ordinal {@link Integer#MAX_VALUE} for the end of the revision
 */
public record Cursor(long revision, int ordinal) implements Comparable<Cursor> {
    private static final Pattern ID = Pattern.compile("([0-9]{1,18})(?:\\.([0-9]{1,9}))?");

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

    /** The place that an id names: {@code 57} is behind revision 57, {@code 57.3} behind its change with ordinal 3. */
    public static Optional<Cursor> parse(String id) {
        Matcher parts = ID.matcher(id);
        if (!parts.matches()) {
            return Optional.empty();
        }
        long revision = Long.parseLong(parts.group(1));
        return Optional.of(
                parts.group(2) == null ? after(revision) : new Cursor(revision, Integer.parseInt(parts.group(2))));
    }

    /** What {@link #parse} takes. */
    public String id() {
        return ordinal == Integer.MAX_VALUE ? Long.toString(revision) : revision + "." + ordinal;
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
