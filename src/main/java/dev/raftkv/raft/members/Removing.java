package dev.raftkv.raft.members;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.group.CurrentGroup;
import dev.raftkv.raft.members.Membership.Removal;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftErrors;
import dev.raftkv.raft.wire.Wire;
import java.io.IOException;
import java.time.Duration;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one member out of the cluster, alive or dead. A leader that is to remove itself hands over first. */
public final class Removing {
    private static final Logger LOG = LoggerFactory.getLogger(Removing.class);

    private final OwnServer server;
    private final CurrentGroup group;
    private final Configuration configuration;
    private final Handover handover;
    private final Duration handoverTimeout;
    private final Wire wire;

    public Removing(
            OwnServer server,
            CurrentGroup group,
            Configuration configuration,
            Handover handover,
            Duration handoverTimeout,
            Wire wire) {
        this.server = server;
        this.group = group;
        this.configuration = configuration;
        this.handover = handover;
        this.handoverTimeout = handoverTimeout;
        this.wire = wire;
    }

    Removal run(String nodeId) throws IOException {
        RaftServer.Division division = configuration.leading();
        Roster members = Roster.of(division);
        RaftPeer leaving = members.member(nodeId).orElseThrow(() -> unknown(nodeId, members));
        if (members.voters().size() == 1 && members.isVoter(leaving)) {
            throw new KvException(
                    Code.CONFLICT,
                    members.learners().isEmpty()
                            ? nodeId + " is the only member of its cluster: stop it if it is not needed any more"
                            : nodeId + " is the only voter of its cluster: join a learner as a voter first");
        }
        if (leaving.getId().equals(server.name().id())) {
            return handOver();
        }
        configuration.change(members, members.without(leaving), "the cluster without " + nodeId);
        tellRemoved(PeerName.of(leaving.getId()), division.getMemberId().getGroupId());
        return new Removal.Done();
    }

    static KvException unknown(String nodeId, Roster members) {
        return new KvException(
                Code.NOT_FOUND, "no member is called " + nodeId + "; the members are " + members.names());
    }

    private Removal handOver() {
        PeerName leader = handover.attempt(handoverTimeout)
                .orElseThrow(() -> RaftErrors.unavailable("no other member can take over the leadership", null));
        return group.machine()
                .flatMap(machine -> machine.store().httpAddress(leader.nodeId()))
                .map(address -> new Removal.HandedOver(leader.nodeId(), address))
                .orElseThrow(() -> RaftErrors.unavailable(
                        leader.nodeId() + " leads now, but has not told its HTTP address yet", null));
    }

    /** Without this the removed node finds out by itself, after its next election. */
    private void tellRemoved(PeerName removed, RaftGroupId left) {
        try (PeerClient client = PeerClient.connect(wire, removed.address())) {
            client.leave(left, removed);
        } catch (IOException e) {
            LOG.info("{} was removed and could not be told: {}", removed, e.toString());
        }
    }
}
