package dev.raftkv.raft.ratis;

import java.util.function.Function;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;
import org.apache.ratis.server.impl.ConfiguredRoles;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/**
 * Puts another transport in the place of Ratis' own, and mends Ratis where it keeps a cluster without a leader; DESIGN.md says
 * why and how. Ratis makes it by the name of its class.
 */
public final class Transport implements RpcType {
    private static final String MAKER = Transport.class.getName();

    /** What a server is to be built with. The transport hands requests to the server that it is given. */
    public static Parameters parameters(Function<RaftServer, RaftServerRpc> maker) {
        Parameters parameters = new Parameters();
        parameters.put(MAKER, new Maker(maker), Maker.class);
        return parameters;
    }

    private record Maker(Function<RaftServer, RaftServerRpc> function) {}

    @Override
    public String name() {
        return Transport.class.getName();
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        return new Factory(parameters.getNonNull(MAKER, Maker.class));
    }

    private record Factory(Maker maker) implements ServerFactory {
        @Override
        public RpcType getRpcType() {
            return SupportedRpcType.NETTY;
        }

        @Override
        public RaftServerRpc newRaftServerRpc(RaftServer server) {
            return maker.function().apply(SyncedAppends.of(server));
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division division, LeaderState leader, FollowerInfo follower) {
            return new PromptAppender(
                    new LeadingDivision(division), leader, follower, () -> ConfiguredRoles.isHandingOver(division));
        }
    }
}
