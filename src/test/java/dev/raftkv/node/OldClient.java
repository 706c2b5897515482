package dev.raftkv.node;

import dev.raftkv.model.Address;
import java.io.IOException;
import java.util.List;
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
    private static final long MILLIS = 3000;

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

    /** All that a client can ask for beside reads and writes. */
    enum Order {
        /** To make the node the only member, and so its leader. */
        CONFIGURATION {
            @Override
            void give(RaftClient client, RaftPeer peer, RaftGroupId group) throws IOException {
                client.admin().setConfiguration(List.of(peer));
            }
        },
        LEADERSHIP {
            @Override
            void give(RaftClient client, RaftPeer peer, RaftGroupId group) throws IOException {
                client.admin().transferLeadership(peer.getId(), peer.getId(), MILLIS);
            }
        },
        ELECTION_PAUSE {
            @Override
            void give(RaftClient client, RaftPeer peer, RaftGroupId group) throws IOException {
                client.getLeaderElectionManagementApi(peer.getId()).pause();
            }
        },
        SNAPSHOT {
            @Override
            void give(RaftClient client, RaftPeer peer, RaftGroupId group) throws IOException {
                client.getSnapshotManagementApi(peer.getId()).create(true, MILLIS);
            }
        },
        GROUP_LIST {
            @Override
            void give(RaftClient client, RaftPeer peer, RaftGroupId group) throws IOException {
                client.getGroupManagementApi(peer.getId()).list();
            }
        },
        /** To leave its group, with all that it holds. */
        GROUP_REMOVE {
            @Override
            void give(RaftClient client, RaftPeer peer, RaftGroupId group) throws IOException {
                client.getGroupManagementApi(peer.getId()).remove(group, true, false);
            }
        };

        abstract void give(RaftClient client, RaftPeer peer, RaftGroupId group) throws IOException;
    }

    /** Asks as an administrator would. */
    static void order(Order order, String id, Address address, UUID group) throws IOException {
        RaftGroupId of = RaftGroupId.valueOf(group);
        try (RaftClient client = client(id, address, of)) {
            order.give(client, peer(id, address), of);
        }
    }

    private static RaftPeer peer(String id, Address address) {
        return RaftPeer.newBuilder().setId(id).setAddress(address.toString()).build();
    }

    private static RaftClient client(String id, Address address, RaftGroupId group) {
        RaftProperties properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.NETTY);
        NettyConfigKeys.Client.setUseEpoll(properties, false);
        RaftClientConfigKeys.Rpc.setRequestTimeout(properties, TimeDuration.valueOf(MILLIS, TimeUnit.MILLISECONDS));
        return RaftClient.newBuilder()
                .setProperties(properties)
                .setRaftGroup(RaftGroup.valueOf(group, peer(id, address)))
                .setRetryPolicy(RetryPolicies.noRetry())
                .build();
    }
}
