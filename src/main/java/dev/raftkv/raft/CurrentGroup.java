package dev.raftkv.raft;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The group that the node's Raft server holds now, if it holds one. */
final class CurrentGroup {
    private static final Logger LOG = LoggerFactory.getLogger(CurrentGroup.class);

    private final PeerName name;
    private volatile RaftServer server;
    private volatile KvStateMachine machine;
    private volatile boolean memberSeen;

    CurrentGroup(PeerName name) {
        this.name = name;
    }

    /** To be called once, before the server starts. */
    void in(RaftServer raft) {
        server = raft;
    }

    /** Null before {@link #in}. */
    RaftServer server() {
        return server;
    }

    void opened(KvStateMachine opened) {
        memberSeen = false;
        machine = opened;
    }

    void left() {
        memberSeen = false;
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

    /** Whether the node has been seen among the group's members; once it has, until it leaves the group. */
    boolean isMember() {
        if (!memberSeen && division().filter(this::isMember).isPresent()) {
            memberSeen = true;
        }
        return memberSeen;
    }

    private boolean isMember(RaftServer.Division division) {
        return division.getInfo().isAlive()
                && division.getRaftConf().getCurrentPeers().stream()
                        .anyMatch(peer -> peer.getId().equals(name.id()));
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
                .filter(DivisionInfo::isLeaderReady)
                .map(info -> OptionalLong.of(info.getCurrentTerm()))
                .orElse(OptionalLong.empty());
    }

    /** Members of the group in force; 0 without one. */
    int size() {
        return division()
                .map(division -> division.getRaftConf().getCurrentPeers().size())
                .orElse(0);
    }
}
