package dev.raftkv.node;

import dev.raftkv.model.Address;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.util.TimeDuration;

/** Any Ratis client that can reach a node's Raft port, as nodes were before they had a transport of their own. */
final class OldClient {
    private OldClient() {}

    /** Asks for an entry that no node can apply. */
    static void write(String id, Address address, UUID group) throws IOException {
        try (RaftClient client = client(id, address, RaftGroupId.valueOf(group))) {
            client.io().send(Message.valueOf("garbage"));
        }
    }

    /** Gives the node a group. */
    static void enter(String id, Address address) throws IOException {
        try (RaftClient client = client(id, address, RaftGroupId.randomId())) {
            client.getGroupManagementApi(peer(id, address).getId())
                    .add(RaftGroup.valueOf(RaftGroupId.randomId()), true);
        }
    }

    private static RaftPeer peer(String id, Address address) {
        return RaftPeer.newBuilder().setId(id).setAddress(address.toString()).build();
    }

    private static RaftClient client(String id, Address address, RaftGroupId group) {
        RaftProperties properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.NETTY);
        NettyConfigKeys.Client.setUseEpoll(properties, false);
        RaftClientConfigKeys.Rpc.setRequestTimeout(properties, TimeDuration.valueOf(3, TimeUnit.SECONDS));
        return RaftClient.newBuilder()
                .setProperties(properties)
                .setRaftGroup(RaftGroup.valueOf(group, peer(id, address)))
                .setRetryPolicy(RetryPolicies.noRetry())
                .build();
    }
}
