package dev.raftkv.raft.group;

import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;

/**
 * The state machine of the group that the node holds now, if it holds one, and whether the node has become a member of it.
 *
 * <p>A node that enters a group gets its log from the beginning, or a snapshot, and then the rest. Older configurations in
 * it may name the node, if it was a member before; what it shows then may be older than what it has shown as that member. So
 * it counts as a member when it has applied all that the leader had committed when this node first heard of it, in which a
 * removal is, and after that the configuration in force names it, and is applied. The one that the join is about comes later
 * than that, and nothing but that one can name it.
 */
public final class CurrentGroup {
    private final OwnServer server;
    private final DataDirectory directory;
    private volatile KvStateMachine machine;
    private volatile boolean member;
    /** What has to be applied before this node may count as a member; -1 while no leader was heard. */
    private long committedBefore = -1;

    public CurrentGroup(OwnServer server, DataDirectory directory) {
        this.server = server;
        this.directory = directory;
    }

    synchronized void opened(KvStateMachine opened) {
        member = false;
        committedBefore = -1;
        machine = opened;
        server.holds(opened.getGroupId());
    }

    synchronized void left() {
        member = false;
        machine = null;
        server.holdsNone();
    }

    public Optional<KvStateMachine> machine() {
        return Optional.ofNullable(machine);
    }

    /** Whether the node is a member of the group; once it is, until it leaves the group. */
    public boolean isMember() {
        if (!member) {
            lookForMembership();
        }
        return member;
    }

    private synchronized void lookForMembership() {
        Stage stage = directory.birth().stage();
        boolean known = stage == Stage.MEMBER || stage == Stage.ENTERING;
        if (!member
                && known
                && server.division().filter(each -> isMember(each, stage)).isPresent()) {
            directory.move(Birth::born);
            member = true;
        }
    }

    private boolean isMember(RaftServer.Division division, Stage stage) {
        DivisionInfo info = division.getInfo();
        RaftConfiguration configuration = division.getRaftConf();
        if (!info.isAlive() || !PeerName.currentOf(configuration).contains(server.name())) {
            return false;
        }
        if (stage == Stage.MEMBER) {
            return true;
        }
        if (committedBefore < 0) {
            committedBefore = committedByLeader(division);
        }
        return committedBefore >= 0
                && info.getLastAppliedIndex() >= committedBefore
                && info.getLastAppliedIndex() >= configuration.getLogEntryIndex();
    }

    /** What the leader has committed, as far as this node has heard from the leader itself; -1 if it has not. */
    private static long committedByLeader(RaftServer.Division division) {
        RaftPeerId leader = division.getInfo().getLeaderId();
        return division.getCommitInfos().stream()
                .filter(info -> leader != null
                        && RaftPeerId.valueOf(info.getServer().getId()).equals(leader))
                .mapToLong(CommitInfoProto::getCommitIndex)
                .max()
                .orElse(-1);
    }
}
