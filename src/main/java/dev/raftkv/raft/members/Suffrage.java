package dev.raftkv.raft.members;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.members.Configuration.Sight;
import dev.raftkv.raft.ratis.Pause;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.ConfiguredRoles;

/** Who may get a vote, and when. */
final class Suffrage {
    /** So many entries a voter may lack when it begins to count; Ratis asks as much of a node that comes new. */
    private static final long CAUGHT_UP_ENTRIES = 1000;

    /** A leader that has just been elected has not heard all yet. */
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static final int PAUSE_MILLIS = 50;

    private final Configuration configuration;

    Suffrage(Configuration configuration) {
        this.configuration = configuration;
    }

    /**
     * Refuses one more voter if those that are in touch now are no majority of the voters then: everything would hang on the new
     * one, which has never shown that it stays. The second voter is exempt, as there is no other way to it.
     *
     * @throws KvException {@code CONFLICT}
     */
    void refuseWeaker(Roster members, PeerName joiner, boolean force) throws IOException {
        Roster next = members.withVoter(joiner.peer());
        if (force || members.voters().size() == 1) {
            return;
        }
        long deadline = System.nanoTime() + LOOK.toNanos();
        List<String> missing = missing(members);
        while (members.voters().size() - missing.size() < next.majority() && System.nanoTime() < deadline) {
            Pause.millis(PAUSE_MILLIS);
            missing = missing(members);
        }
        int inTouch = members.voters().size() - missing.size();
        if (inTouch < next.majority()) {
            String silent = String.join(" and ", missing);
            throw new KvException(
                    Code.CONFLICT,
                    silent + (missing.size() == 1 ? " does" : " do") + " not answer, so " + inTouch + " of "
                            + members.voters().size() + " voters are in touch; with " + joiner.nodeId()
                            + " it would take " + next.majority() + " of "
                            + next.voters().size()
                            + ", and the cluster would stand still without it: nothing was changed. Remove " + silent
                            + " first, or join with \"force\": true");
        }
    }

    /** The ids of the voters that this leader is not in touch with. */
    private List<String> missing(Roster members) {
        Set<PeerName> heard = configuration.sights().orElseThrow(RaftErrors::notLeader).stream()
                .filter(configuration::isInTouch)
                .map(Sight::name)
                .collect(Collectors.toSet());
        return members.voters().stream()
                .map(RaftPeer::getId)
                .map(PeerName::of)
                .filter(Predicate.not(heard::contains))
                .filter(Predicate.not(configuration::isSelf))
                .map(PeerName::nodeId)
                .sorted()
                .toList();
    }

    /** Makes a learner a voter, when it has caught up; blocks. */
    void promote(RaftServer.Division division, Roster members, PeerName learner, boolean force) throws IOException {
        refuseWeaker(members, learner, force);
        awaitCaughtUp(division, learner);
        // That may have taken long.
        refuseWeaker(members, learner, force);
        configuration.change(members, members.withVoter(learner.peer()), learner.nodeId());
    }

    private void awaitCaughtUp(RaftServer.Division division, PeerName learner) throws IOException {
        long deadline = System.nanoTime() + configuration.timeout().toNanos();
        while (true) {
            ConfiguredRoles.settle(division);
            Optional<Sight> sight = configuration.sights().orElseThrow(RaftErrors::notLeader).stream()
                    .filter(each -> each.name().equals(learner))
                    .findFirst();
            if (ConfiguredRoles.isMade(division, learner.id())
                    && sight.filter(each -> configuration.isInTouch(each) && each.lagEntries() < CAUGHT_UP_ENTRIES)
                            .isPresent()) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw RaftErrors.unavailable(
                        learner.nodeId() + " stays a learner, because it has not caught up"
                                + sight.map(each -> ": it lacks " + each.lagEntries() + " entries, and was heard "
                                                + each.lastContactMillis() + " ms ago")
                                        .orElse(""),
                        null);
            }
            Pause.millis(PAUSE_MILLIS);
        }
    }
}
