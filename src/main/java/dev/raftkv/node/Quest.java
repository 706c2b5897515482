package dev.raftkv.node;

import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a node that is not born yet does next, by what it sees at the addresses of its list. Decides, and does nothing; see
 * {@code DESIGN.md}, which argues why two clusters never come out of one list.
 */
final class Quest {
    /**
     * What the node at an address of the list says of itself.
     *
     * @param identity empty if it is of the first version, which does not tell
     * @param serving whether it belongs to a cluster, be it its own
     * @param others how many more voters its cluster has
     */
    record Seen(String nodeId, boolean serving, long others, Optional<Identity> identity) {
        private boolean isMember() {
            return identity.map(known -> known.birth().stage() == Stage.MEMBER).orElse(serving);
        }

        /** Whether it knows of no cluster, has this same list, and will found nothing itself. */
        private boolean knowsNone(Identity self) {
            return identity.filter(known -> known.birth().stage() == Stage.ASKING
                            && known.asks().equals(self.asks()))
                    .isPresent();
        }
    }

    /** What to do. */
    sealed interface Step {
        /** Found the cluster. */
        record Found() implements Step {}

        /** Ask the node at this address to be joined. */
        record Ask(String address) implements Step {}

        /** Nothing now, for this reason. */
        record Wait(String reason) implements Step {}
    }

    private final Identity self;
    private final List<Optional<Seen>> list;

    private Quest(Identity self, List<Optional<Seen>> list) {
        this.self = self;
        this.list = list;
    }

    /** @param list what is seen at each address of the node's list, in its order; empty where nobody answers */
    static Step next(Identity self, List<Optional<Seen>> list) {
        return new Quest(self, list).next();
    }

    private Step next() {
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i).filter(this::isNamesake).isPresent()) {
                return new Step.Wait(namesake(i));
            }
        }
        Optional<String> member = member();
        if (member.isPresent()) {
            return guests() ? new Step.Ask(member.get()) : new Step.Wait(tooFew());
        }
        return founder() ? found() : new Step.Wait(waiting());
    }

    private boolean isSelf(Seen seen) {
        return seen.identity.filter(self::is).isPresent();
    }

    private boolean isNamesake(Seen seen) {
        return seen.nodeId.equals(self.nodeId()) && !isSelf(seen);
    }

    private String namesake(int i) {
        Optional<Identity> other = list.get(i).flatMap(Seen::identity);
        return "another node has the id " + self.nodeId() + " too: the one at "
                + self.asks().get(i)
                + other.map(known -> " (Raft address " + known.raftAddress() + ", group "
                                + known.birth().group() + ")")
                        .orElse("")
                + ", beside this one (Raft address " + self.raftAddress() + ", group "
                + self.birth().group() + "). Give each node a RAFT_NODE_ID and RAFT_HOST or RAFT_PORT of its own";
    }

    /** Whom to ask: a member, of a cluster of several if there is one. */
    private Optional<String> member() {
        Optional<String> alone = Optional.empty();
        for (int i = 0; i < list.size(); i++) {
            Optional<Seen> seen = list.get(i).filter(Seen::isMember);
            if (seen.isPresent() && seen.get().others > 0) {
                return Optional.of(self.asks().get(i));
            }
            if (seen.isPresent() && alone.isEmpty()) {
                alone = Optional.of(self.asks().get(i));
            }
        }
        return alone;
    }

    /** Whether this node's turn has come: the nodes of the list come first, so that two of them know the cluster. */
    private boolean guests() {
        boolean listed =
                list.stream().anyMatch(seen -> seen.filter(this::isSelf).isPresent());
        long members = list.stream()
                .filter(seen -> seen.filter(Seen::isMember).isPresent())
                .count();
        return listed || members >= Math.min(2, list.size());
    }

    private String tooFew() {
        return "this node is not in the list itself, and waits until two nodes of it are members: of "
                + String.join(", ", self.asks());
    }

    private boolean founder() {
        return self.birth().stage() == Stage.ASKING
                && list.get(0).filter(this::isSelf).isPresent();
    }

    /** Only if all the others say that they know of no cluster. */
    private Step found() {
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            Optional<Seen> seen = list.get(i);
            boolean fine =
                    seen.filter(each -> isSelf(each) || each.knowsNone(self)).isPresent();
            if (!fine) {
                reasons.add(self.asks().get(i) + " " + seen.map(this::objection).orElse("does not answer"));
            }
        }
        return reasons.isEmpty()
                ? new Step.Found()
                : new Step.Wait(
                        "this node is the first of the list, and founds a cluster when all others have said that"
                                + " they know none: " + String.join(", ", reasons));
    }

    private String objection(Seen seen) {
        return switch (seen.identity.map(known -> known.birth().stage()).orElse(Stage.REMOVED)) {
            case ENTERING -> "is being joined to one";
            case REMOVED -> "was removed from one; if that one is lost for good, give it an empty RAFT_VOL_DIR";
            case FOUNDING -> "is founding one";
            case ASKING -> "has another list";
            case MEMBER -> "is a member of one";
        };
    }

    private String waiting() {
        String stage = self.birth().stage() == Stage.ENTERING ? "its join broke off, and " : "";
        return stage
                + "no node of the list is a member of a cluster yet: the first of them founds it, when it runs and all"
                + " others of the list have answered it";
    }
}
