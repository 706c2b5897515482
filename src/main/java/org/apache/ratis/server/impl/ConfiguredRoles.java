package org.apache.ratis.server.impl;

import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/**
 * Makes a division be what the configuration in force calls it. Ratis 3.3 adds a listener, and forgets about it: the leader
 * never marks it as caught up, so that it stays in its first state until it is started again, and a dead one makes each later
 * change of the members fail, after which nothing is sent to it any more; and the listener takes itself for a follower, which
 * stands for election. One that is made a voter stays a listener, which refuses its vote, until the change is over; and nobody
 * can begin to lead while it goes on. DESIGN.md says why what is done here is safe.
 */
public final class ConfiguredRoles {
    private ConfiguredRoles() {}

    /** To be called after each change of the configuration, and now and then; costs nothing if all is well. */
    public static void settle(RaftServer.Division division) {
        RaftServerImpl server = (RaftServerImpl) division;
        // Ratis changes all of this under this lock.
        synchronized (server) {
            RaftConfigurationImpl configuration = server.getRaftConf();
            if (!server.getInfo().isAlive()) {
                return;
            }
            RaftPeerRole role = server.getRole().getCurrentRole();
            // While the members change: who votes in the new half of the configuration.
            if (role == RaftPeerRole.LISTENER && configuration.containsInConf(server.getId())) {
                server.getRole().transitionRole(RaftPeerRole.FOLLOWER);
            }
            lookAtNewMembers(server);
            if (!configuration.isStable()) {
                return;
            }
            if (role == RaftPeerRole.FOLLOWER && configuration.containsInConf(server.getId(), RaftPeerRole.LISTENER)) {
                server.getRole().transitionRole(RaftPeerRole.LISTENER);
            }
            appenders(server)
                    .map(appender -> (FollowerInfoImpl) appender.getFollower())
                    .filter(follower -> !follower.isCaughtUp() && isSettled(configuration, follower))
                    .forEach(FollowerInfoImpl::catchUp);
        }
    }

    /**
     * A leader sees that a new member does not catch up when nothing has happened for an election timeout: while others write,
     * never, and each later change of the members is refused meanwhile.
     */
    private static void lookAtNewMembers(RaftServerImpl server) {
        server.getRole()
                .getLeaderState()
                .filter(LeaderStateImpl::inStagingState)
                .ifPresent(leader -> leader.getLogAppenders()
                        .map(LogAppender::getFollower)
                        .filter(leader::isFollowerBootstrapping)
                        .findFirst()
                        .ifPresent(leader::onFollowerSuccessAppendEntries));
    }

    /** Who has heard of the commit applies it at once, and knows what it is then. */
    private static boolean isSettled(RaftConfigurationImpl configuration, FollowerInfo follower) {
        return configuration.containsInConf(follower.getId(), RaftPeerRole.FOLLOWER, RaftPeerRole.LISTENER)
                && follower.getCommitIndex() >= configuration.getLogEntryIndex();
    }

    /**
     * To be called before a division can win an election. Whoever begins to lead while a listener is being made a voter finds it
     * twice, among the voters to be and among the listeners that were, and fails: it would be a leader that does nothing. Among
     * the latter it is left out here, where it has no vote anyway.
     */
    public static void prepareToLead(RaftServer.Division division) {
        RaftServerImpl server = (RaftServerImpl) division;
        synchronized (server) {
            RaftConfigurationImpl joint = server.getRaftConf();
            if (joint.isStable()) {
                return;
            }
            Collection<RaftPeer> before = joint.getOldConf().getPeers(RaftPeerRole.LISTENER);
            List<RaftPeer> still = before.stream()
                    .filter(peer -> !joint.containsInConf(peer.getId()))
                    .toList();
            if (still.size() < before.size()) {
                ServerState state = server.getState();
                state.truncate(joint.getLogEntryIndex());
                state.setRaftConf(RaftConfigurationImpl.newBuilder()
                        .setConf(joint.getConf())
                        .setOldConf(new PeerConfiguration(joint.getOldConf().getPeers(RaftPeerRole.FOLLOWER), still))
                        .setLogEntryIndex(joint.getLogEntryIndex())
                        .build());
            }
        }
    }

    /** Whether a member is sent the log as one of all, and not as one that is still being made, which does not vote. */
    public static boolean isMade(RaftServer.Division division, RaftPeerId member) {
        return appenders((RaftServerImpl) division)
                .map(appender -> (FollowerInfoImpl) appender.getFollower())
                .anyMatch(follower -> follower.getId().equals(member) && follower.isCaughtUp());
    }

    /** Whether a member is about to lead in the place of this division, and is waited for. */
    public static boolean isHandingOver(RaftServer.Division division) {
        return ((RaftServerImpl) division).getTransferLeadership().isSteppingDown();
    }

    /** Has the leader look soon whether more is committed. Waits for nothing: no lock is taken that is held for long. */
    public static void lookAtCommit(LeaderState leader) {
        ((LeaderStateImpl) leader).submitUpdateCommitEvent();
    }

    /** Whom this division sends the log to, as its leader: members, and who is being added; nobody if it does not lead. */
    public static List<FollowerInfo> followers(RaftServer.Division division) {
        return appenders((RaftServerImpl) division)
                .map(LogAppender::getFollower)
                .toList();
    }

    /**
     * Has this division, as the leader, tell followers soon up to where the log is committed, by a heartbeat to each that has
     * not said that it knows. It neither waits nor blocks.
     *
     * @return whether there were any; false if the division does not lead
     */
    public static boolean tellCommit(RaftServer.Division division, Predicate<RaftPeerId> whom) {
        long commit = division.getRaftLog().getLastCommittedIndex();
        List<LogAppender> behind = appenders((RaftServerImpl) division)
                .filter(appender -> whom.test(appender.getFollowerId())
                        && appender.getFollower().getCommitIndex() < commit)
                .toList();
        behind.forEach(LogAppender::triggerHeartbeat);
        return !behind.isEmpty();
    }

    private static Stream<LogAppender> appenders(RaftServerImpl server) {
        return server.getRole().getLeaderState().stream().flatMap(LeaderStateImpl::getLogAppenders);
    }
}
