package org.apache.ratis.server.impl;

import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LogAppender;

/**
 * Makes a division be what the configuration in force calls it. Ratis 3.3 adds a listener, and forgets about it: the leader
 * never marks it as caught up, so that it stays in its first state until it is started again, and a dead one makes each later
 * change of the members fail, after which nothing is sent to it any more; and the listener takes itself for a follower, which
 * stands for election.
 */
public final class ConfiguredRoles {
    private ConfiguredRoles() {}

    /** To be called after each change of the configuration, and now and then; costs nothing if all is well. */
    public static void settle(RaftServer.Division division) {
        RaftServerImpl server = (RaftServerImpl) division;
        // Ratis changes all of this under this lock.
        synchronized (server) {
            RaftConfigurationImpl configuration = server.getRaftConf();
            if (!configuration.isStable() || !server.getInfo().isAlive()) {
                return;
            }
            boolean listens = configuration.containsInConf(server.getId(), RaftPeerRole.LISTENER);
            if (listens && server.getRole().getCurrentRole() == RaftPeerRole.FOLLOWER) {
                server.getRole().transitionRole(RaftPeerRole.LISTENER);
            }
            appenders(server)
                    .map(appender -> (FollowerInfoImpl) appender.getFollower())
                    .filter(follower -> !follower.isCaughtUp() && isSettled(configuration, follower))
                    .forEach(FollowerInfoImpl::catchUp);
        }
    }

    /** Who has heard of the commit applies it at once, and knows what it is then. */
    private static boolean isSettled(RaftConfigurationImpl configuration, FollowerInfo follower) {
        return configuration.containsInConf(follower.getId(), RaftPeerRole.FOLLOWER, RaftPeerRole.LISTENER)
                && follower.getCommitIndex() >= configuration.getLogEntryIndex();
    }

    /** Whom this division sends the log to, as its leader: members, and who is being added; nobody if it does not lead. */
    public static List<FollowerInfo> followers(RaftServer.Division division) {
        return appenders((RaftServerImpl) division)
                .map(LogAppender::getFollower)
                .toList();
    }

    private static Stream<LogAppender> appenders(RaftServerImpl server) {
        return server.getRole().getLeaderState().stream().flatMap(LeaderStateImpl::getLogAppenders);
    }
}
