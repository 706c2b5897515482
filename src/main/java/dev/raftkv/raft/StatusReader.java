package dev.raftkv.raft;

import dev.raftkv.model.KvException;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.store.KvStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.statemachine.SnapshotInfo;

/** Reads a {@link NodeStatus} from Ratis; a node without a group, or with a closed one, has a status too. */
final class StatusReader {
    private final RaftNode node;

    StatusReader(RaftNode node) {
        this.node = node;
    }

    NodeStatus read() {
        return node.division().map(this::read).orElseGet(this::idle);
    }

    private NodeStatus idle() {
        return new NodeStatus(
                node.name().nodeId(),
                Role.SHUTDOWN,
                0,
                -1,
                -1,
                -1,
                -1,
                -1,
                -1,
                OptionalLong.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                node.standing().failure(),
                node.identity());
    }

    private NodeStatus read(RaftServer.Division division) {
        boolean serving =
                node.standing().idleReason().isEmpty() && division.getInfo().isAlive();
        Optional<KvStore> store = node.stateMachineIfAny().map(KvStateMachine::store);
        List<Member> members = members(division.getRaftConf(), store);
        Optional<String> leader = serving
                ? Optional.ofNullable(division.getInfo().getLeaderId())
                        .map(RaftPeerId::toString)
                        .flatMap(PeerName::parse)
                        .map(PeerName::nodeId)
                : Optional.empty();
        TermIndex last = lastEntry(division);
        SnapshotInfo snapshot = division.getStateMachine().getLatestSnapshot();
        return new NodeStatus(
                node.name().nodeId(),
                serving ? role(division.getInfo().getCurrentRole()) : Role.SHUTDOWN,
                division.getInfo().getCurrentTerm(),
                last.getIndex(),
                last.getTerm(),
                commitIndex(division),
                division.getStateMachine().getLastAppliedTermIndex().getIndex(),
                snapshot == null ? -1 : snapshot.getIndex(),
                snapshot == null ? -1 : snapshot.getTerm(),
                lastContact(division),
                members,
                leader,
                leader.flatMap(id -> httpAddress(id, store)),
                node.standing().failure(),
                node.identity());
    }

    private List<Member> members(RaftConfiguration configuration, Optional<KvStore> store) {
        List<Member> members = new ArrayList<>();
        add(members, configuration.getCurrentPeers(RaftPeerRole.FOLLOWER), true, store);
        add(members, configuration.getCurrentPeers(RaftPeerRole.LISTENER), false, store);
        members.sort((a, b) -> a.nodeId().compareTo(b.nodeId()));
        return List.copyOf(members);
    }

    private void add(List<Member> members, Collection<RaftPeer> peers, boolean voter, Optional<KvStore> store) {
        for (RaftPeer peer : peers) {
            PeerName name = PeerName.of(peer.getId());
            members.add(new Member(name.nodeId(), name.address(), httpAddress(name.nodeId(), store), voter));
        }
    }

    private Optional<String> httpAddress(String nodeId, Optional<KvStore> store) {
        if (nodeId.equals(node.name().nodeId())) {
            return Optional.of(node.config().httpAddress());
        }
        try {
            return store.flatMap(open -> open.httpAddress(nodeId));
        } catch (KvException e) {
            // The store of a group that has just been closed: the rest of the status can still be told.
            return Optional.empty();
        }
    }

    private static Role role(RaftPeerRole role) {
        return switch (role) {
            case LEADER -> Role.LEADER;
            case CANDIDATE -> Role.CANDIDATE;
            case LISTENER -> Role.LEARNER;
            default -> Role.FOLLOWER;
        };
    }

    private static TermIndex lastEntry(RaftServer.Division division) {
        return log(division).flatMap(LogEnd::of).orElse(LogEnd.NONE);
    }

    private static long commitIndex(RaftServer.Division division) {
        return log(division).map(RaftLog::getLastCommittedIndex).orElse(RaftLog.INVALID_LOG_INDEX);
    }

    /** A closed log throws on every call, and one that is not read yet when it is asked for. */
    private static Optional<RaftLog> log(RaftServer.Division division) {
        try {
            return division.getInfo().isAlive() ? Optional.of(division.getRaftLog()) : Optional.empty();
        } catch (IllegalStateException e) {
            return Optional.empty();
        }
    }

    private static OptionalLong lastContact(RaftServer.Division division) {
        if (division.getInfo().isLeader()) {
            return OptionalLong.of(0);
        }
        RoleInfoProto info = division.getInfo().getRoleInfoProto();
        boolean heard = info.hasFollowerInfo()
                && info.getFollowerInfo().hasLeaderInfo()
                && !info.getFollowerInfo().getLeaderInfo().getId().getId().isEmpty();
        return heard
                ? OptionalLong.of(info.getFollowerInfo().getLeaderInfo().getLastRpcElapsedTimeMs())
                : OptionalLong.empty();
    }
}
