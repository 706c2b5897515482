package dev.raftkv.raft.members;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.members.Configuration.Sight;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.protocol.RaftPeer;

/** Gives the leadership to another voter because somebody asks for it. */
public final class Transfer {
    /** While it goes on no writes are taken, so whoever lacks more has to catch up before. */
    private static final long MOST_LAG = 1000;

    private final OwnServer server;
    private final Configuration configuration;
    private final Handover handover;
    private final Duration timeout;

    /** @param timeout how long the other may take */
    public Transfer(OwnServer server, Configuration configuration, Handover handover, Duration timeout) {
        this.server = server;
        this.configuration = configuration;
        this.handover = handover;
        this.timeout = timeout;
    }

    Optional<List<Sight>> sights() {
        return configuration.sights();
    }

    Optional<String> lag(String nodeId) {
        return configuration.lag(nodeId);
    }

    /** See {@link Membership#transfer}; blocks. */
    String run(Optional<String> nodeId) throws IOException {
        Roster members = Roster.of(configuration.leading());
        if (nodeId.isEmpty()) {
            if (members.voters().size() == 1) {
                throw new KvException(
                        Code.CONFLICT,
                        server.name().nodeId() + " is the only voter of its cluster: join another one first");
            }
            return hand(handover.successor().orElseThrow(() -> failed("no other voter has been heard lately")));
        }
        RaftPeer successor = members.member(nodeId.get()).orElseThrow(() -> Removing.unknown(nodeId.get(), members));
        if (successor.getId().equals(server.name().id())) {
            return nodeId.get();
        }
        if (members.isLearner(successor)) {
            throw new KvException(
                    Code.CONFLICT,
                    nodeId.get()
                            + " is a learner, which cannot lead: join it again with \"suffrage\": \"voter\" first");
        }
        return hand(PeerName.of(successor.getId()));
    }

    private String hand(PeerName successor) {
        refuseBehind(successor);
        if (!handover.attempt(successor.id(), timeout)) {
            throw failed(successor.nodeId() + " has not taken over within " + timeout.toMillis() + " ms");
        }
        return successor.nodeId();
    }

    private void refuseBehind(PeerName successor) {
        Sight sight = configuration.sights().orElseThrow(RaftErrors::notLeader).stream()
                .filter(each -> each.name().equals(successor))
                .findFirst()
                .orElseThrow(() -> failed(successor.nodeId() + " is just being made a member"));
        if (!configuration.isInTouch(sight)) {
            throw failed(successor.nodeId() + " has not answered for " + sight.lastContactMillis() + " ms");
        }
        if (sight.lagEntries() > MOST_LAG) {
            throw failed(successor.nodeId() + " has not caught up, it lacks " + sight.lagEntries() + " entries");
        }
    }

    private KvException failed(String reason) {
        return RaftErrors.unavailable(
                server.isLed() ? reason + ", and " + server.name().nodeId() + " leads on" : reason, null);
    }
}
