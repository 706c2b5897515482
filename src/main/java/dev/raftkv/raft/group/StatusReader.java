package dev.raftkv.raft.group;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Identity;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.log.LogEnd;
import dev.raftkv.raft.ratis.OwnServer;
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
public final class StatusReader {
    private final NodeConfig config;
    private final OwnServer server;
    private final DataDirectory directory;
    private final CurrentGroup group;
    private final Standing standing;

    public StatusReader(
            NodeConfig config, OwnServer server, DataDirectory directory, CurrentGroup group, Standing standing) {
        this.config = config;
        this.server = server;
        this.directory = directory;
        this.group = group;
        this.standing = standing;
    }

    /** Who this node is, and what has become of it. */
    public Identity identity() {
        return new Identity(config.nodeId(), config.raftAddress(), directory.birth(), config.joinAddresses());
    }

    /** Whether this node is a member, and its cluster does not know where it answers HTTP. */
    public boolean isUnannounced() {
        return standing.isServing()
                && group.machine()
                        .filter(machine ->
                                !machine.store().httpAddress(config.nodeId()).equals(Optional.of(config.httpAddress())))
                        .isPresent();
    }

    public NodeStatus read() {
        return server.division().map(this::read).orElseGet(this::idle);
    }

    private NodeStatus idle() {
        return new NodeStatus(
                config.nodeId(),
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
                standing.failure(),
                identity());
    }

    private NodeStatus read(RaftServer.Division division) {
        boolean serving = standing.idleReason().isEmpty() && division.getInfo().isAlive();
        Optional<KvStore> store = group.machine().map(KvStateMachine::store);
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
                config.nodeId(),
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
                standing.failure(),
                identity());
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
        if (nodeId.equals(config.nodeId())) {
            return Optional.of(config.httpAddress());
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
