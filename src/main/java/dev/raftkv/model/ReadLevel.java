package dev.raftkv.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How current a read has to be. */
public enum ReadLevel {
    /** What this node has applied: never goes back on one node, and is a moment behind the leader on others. Costs nothing. */
    EVENTUAL,
    /**
     * The leader's state, while the leader may count on it that nobody has been elected in its place: a majority has
     * answered it within the election timeout. It trusts that no clock runs a third faster than another, and that no vote
     * was under way at that moment, and that nothing on the way between the nodes breaks a living leader's connections and
     * refuses new ones in its place; with {@link #LINEARIZABLE} nothing is trusted. Costs nothing under load.
     */
    LEADER,
    /**
     * All writes that were acknowledged anywhere before the read began are seen (Herlihy and Wing, 1990). Costs one round of
     * questions to the voters, shared by all reads that wait for one; works on any node.
     */
    LINEARIZABLE;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name that clients use. */
    public String label() {
        return label;
    }

    public static Optional<ReadLevel> of(String label) {
        return Arrays.stream(values())
                .filter(level -> level.label().equals(label))
                .findFirst();
    }
}
