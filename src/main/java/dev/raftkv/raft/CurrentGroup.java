package dev.raftkv.raft;

import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The group that the node's Raft server holds now, if it holds one, and whether the node has become a member of it.
 *
 * <p>A node that enters a group gets its log from the beginning, or a snapshot, and then the rest. Older configurations in
 * it may name the node, if it was a member before; what it shows then may be older than what it has shown as that member. So
 * it counts as a member when it has applied all that the leader had committed when this node first heard of it, in which a
 * removal is, and after that the configuration in force names it, and is applied. The one that the join is about comes later
 * than that, and nothing but that one can name it.
 */
final class CurrentGroup {
    private static final Logger LOG = LoggerFactory.getLogger(CurrentGroup.class);

    private final PeerName name;
    private final DataDirectory directory;
    private volatile RaftServer server;
    private volatile KvStateMachine machine;
    private volatile boolean member;
    /** What has to be applied before this node may count as a member; -1 while no leader was heard. */
    private long committedBefore = -1;

    CurrentGroup(PeerName name, DataDirectory directory) {
        this.name = name;
        this.directory = directory;
    }

    /** To be called before the server starts. */
    void in(RaftServer raft) {
        server = raft;
    }

    /** Null before {@link #in}. */
    RaftServer server() {
        return server;
    }

    synchronized void opened(KvStateMachine opened) {
        member = false;
        committedBefore = -1;
        machine = opened;
    }

    synchronized void left() {
        member = false;
        machine = null;
    }

    Optional<KvStateMachine> machine() {
        return Optional.ofNullable(machine);
    }

    /** This node's part of the group. */
    Optional<RaftServer.Division> division() {
        KvStateMachine current = machine;
        try {
            return current == null ? Optional.empty() : Optional.of(server.getDivision(current.getGroupId()));
        } catch (IOException e) {
            LOG.debug("no division of {} now", current, e);
            return Optional.empty();
        }
    }

    /** Whether the node is a member of the group; once it is, until it leaves the group. */
    boolean isMember() {
        if (!member) {
            lookForMembership();
        }
        return member;
    }

    private synchronized void lookForMembership() {
        Stage stage = directory.birth().stage();
        boolean known = stage == Stage.MEMBER || stage == Stage.ENTERING;
        if (!member && known && division().filter(each -> isMember(each, stage)).isPresent()) {
            directory.move(Birth::born);
            member = true;
        }
    }

    private boolean isMember(RaftServer.Division division, Stage stage) {
        DivisionInfo info = division.getInfo();
        RaftConfiguration configuration = division.getRaftConf();
        if (!info.isAlive()
                || configuration.getCurrentPeers().stream()
                        .noneMatch(peer -> peer.getId().equals(name.id()))) {
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

    boolean isLed() {
        return division().map(division -> division.getInfo().isLeader()).orElse(false);
    }

    /** Whether this node leads, and has applied what its predecessors have left. */
    boolean isLedReadily() {
        return division().map(division -> division.getInfo().isLeaderReady()).orElse(false);
    }

    /** The term in which this node leads readily; empty if it does not. */
    OptionalLong readyTerm() {
        return division()
                .map(RaftServer.Division::getInfo)
                .map(CurrentGroup::readyTerm)
                .orElse(OptionalLong.empty());
    }

    private static OptionalLong readyTerm(DivisionInfo info) {
        long term = info.getCurrentTerm();
        // Between two answers of Ratis the node may have lost one term, and won another without being ready in it.
        return info.isLeaderReady() && info.getCurrentTerm() == term ? OptionalLong.of(term) : OptionalLong.empty();
    }

    /** Members of the group in force; 0 without one. */
    int size() {
        return division()
                .map(division -> division.getRaftConf().getCurrentPeers().size())
                .orElse(0);
    }
}
