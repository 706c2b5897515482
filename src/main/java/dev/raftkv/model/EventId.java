package dev.raftkv.model;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a place among the changes of one cluster: {@code 57@3f2a90c1} is behind its revision 57, {@code 57.3@3f2a90c1}
 * behind the change of that revision with ordinal 3. An id that was made by hand may leave the cluster out.
 *
 * @param cluster what tells the cluster from others, see {@link #clusterOf}; empty if it is not told
 */
public record EventId(Cursor cursor, String cluster) {
    private static final int CLUSTER_CHARS = 8;
    private static final Pattern ID =
            Pattern.compile("([0-9]{1,18})(?:\\.([0-9]{1,9}))?(?:@([0-9a-f]{" + CLUSTER_CHARS + "}))?");

    /** What all members of a cluster, and no other cluster, call it in their ids; the Raft group is its identity. */
    public static String clusterOf(UUID group) {
        return group.toString().substring(0, CLUSTER_CHARS);
    }

    /** The id that a text is; empty if it is none. */
    public static Optional<EventId> parse(String text) {
        Matcher parts = ID.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        long revision = Long.parseLong(parts.group(1));
        Cursor cursor = parts.group(2) == null
                ? Cursor.after(revision)
                : new Cursor(revision, Integer.parseInt(parts.group(2)));
        return Optional.of(new EventId(cursor, parts.group(3) == null ? "" : parts.group(3)));
    }

    /** Behind a revision of whatever cluster is asked. */
    public static EventId after(long revision) {
        return new EventId(Cursor.after(revision), "");
    }

    /** What {@link #parse} takes. */
    @Override
    public String toString() {
        return cursor.text() + (cluster.isEmpty() ? "" : "@" + cluster);
    }
}
