package dev.raftkv.raft;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.netty.NettyFactory;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/**
 * The transport of Ratis over Netty, mended where it keeps a cluster without a leader; DESIGN.md says why and how. Ratis makes
 * it by the name of its class.
 */
final class Transport implements RpcType {
    @Override
    public String name() {
        return Transport.class.getName();
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        return new Factory(parameters);
    }

    private static final class Factory extends NettyFactory {
        Factory(Parameters parameters) {
            super(parameters);
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division division, LeaderState leader, FollowerInfo follower) {
            return super.newLogAppender(new LeadingDivision(division), leader, follower);
        }
    }
}
