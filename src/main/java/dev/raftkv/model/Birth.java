package dev.raftkv.model;

import java.util.Optional;
import java.util.UUID;

/**
 * How far a node has come on its way into a cluster, as its disk knows it: the states and steps that {@code DESIGN.md} of
 * {@code dev.raftkv.node} draws. A step that is not drawn there throws {@link IllegalStateException}.
 *
 * @param group the Raft group that the node is founding, entering, or a member of; while it asks or was removed, a name
 *     by which it recognises itself, of a group that it does not hold
 * @param before the stage that the present one was reached from, {@code stage} itself for a first start
 */
public record Birth(Stage stage, UUID group, Stage before) {
    /** What a node is on the way to, or has become. */
    public enum Stage {
        /** Its group is being made; it has not acknowledged anything, and may be made again. */
        FOUNDING,
        /** It holds nothing, and has still to find out which cluster it belongs to. */
        ASKING,
        /** It holds nothing of its own any more, and perhaps a group that has not made it a member yet. */
        ENTERING,
        /** It belongs to its group, whose data must be there. */
        MEMBER,
        /** It was removed: it holds nothing, and asks nobody. */
        REMOVED
    }

    /** A node without any data. One that asks nobody founds a cluster of its own at once. */
    public static Birth first(boolean asks, UUID group) {
        Stage stage = asks ? Stage.ASKING : Stage.FOUNDING;
        return new Birth(stage, group, stage);
    }

    /** What a start makes of it: nothing hangs on a node that is founding or asking, so it begins anew. */
    public Birth started(boolean asks) {
        return stage == Stage.FOUNDING || stage == Stage.ASKING ? first(asks, group) : this;
    }

    /** The group whose data has to be there, or may be. */
    public Optional<UUID> held() {
        return stage == Stage.MEMBER || stage == Stage.ENTERING ? Optional.of(group) : Optional.empty();
    }

    /** The group that it is a member of. */
    public Optional<UUID> cluster() {
        return stage == Stage.MEMBER ? Optional.of(group) : Optional.empty();
    }

    public Birth founds() {
        require(stage == Stage.ASKING, "founds");
        return new Birth(Stage.FOUNDING, group, stage);
    }

    /** A leader has given it a group, which it has no say in yet. */
    public Birth enters(UUID other) {
        require(stage == Stage.ASKING || stage == Stage.ENTERING || stage == Stage.REMOVED, "enters a group");
        return new Birth(Stage.ENTERING, other, stage == Stage.ENTERING ? before : stage);
    }

    /** It has become a member, the first or another one. */
    public Birth born() {
        require(stage == Stage.FOUNDING || stage == Stage.ENTERING || stage == Stage.MEMBER, "is a member");
        return stage == Stage.MEMBER ? this : new Birth(Stage.MEMBER, group, stage == Stage.FOUNDING ? before : stage);
    }

    /**
     * It has left its group.
     *
     * @param joining whether that was its own, for the sake of another
     * @param name for itself from now on
     */
    public Birth leaves(boolean joining, UUID name) {
        return switch (stage) {
            case MEMBER -> new Birth(joining ? Stage.ENTERING : Stage.REMOVED, name, stage);
            case ENTERING -> new Birth(before == Stage.ASKING ? Stage.ASKING : Stage.REMOVED, name, stage);
            default -> this;
        };
    }

    /** Goes on alone, with the data of its cluster, which has lost its majority for good. */
    public Birth recovers(UUID own) {
        require(stage == Stage.MEMBER, "recovers its cluster");
        return new Birth(Stage.MEMBER, own, stage);
    }

    /** Gives its own cluster up, in which nothing ever happened, to ask for another. */
    public Birth forsakes(UUID name) {
        require(foundedAlone(), "forsakes its cluster");
        return first(true, name);
    }

    /** Whether it is a member of a cluster that it founded without asking anybody. */
    public boolean foundedAlone() {
        return stage == Stage.MEMBER && before == Stage.FOUNDING;
    }

    private void require(boolean allowed, String step) {
        if (!allowed) {
            throw new IllegalStateException("a node that is " + stage + " with group " + group + " never " + step);
        }
    }
}
