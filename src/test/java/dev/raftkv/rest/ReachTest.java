package dev.raftkv.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.access.Seals;
import dev.raftkv.model.Address;
import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.peer.Lane;
import dev.raftkv.peer.NodeHttp;
import dev.raftkv.rest.cluster.Reach;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReachTest {
    private final List<Member> members = new ArrayList<>();
    private Optional<Set<String>> inTouch = Optional.empty();
    private Role role = Role.FOLLOWER;
    private final Lane lane = new NodeHttp("node1", Seals.none("node1"), Optional.empty()).lane("look", 4, 4);
    private final Reach reach = new Reach("node1", () -> inTouch, lane);

    @AfterEach
    void close() {
        reach.close();
        lane.close();
    }

    private void member(String host, int port, boolean voter) {
        member(host, port, Optional.empty(), voter);
    }

    private void member(String host, int port, Optional<String> http, boolean voter) {
        String id = "node" + (members.size() + 1);
        members.add(new Member(id, new Address(host, port), http, voter));
    }

    private NodeStatus status() {
        return FakeReplicator.status(role, members);
    }

    private String told() throws Exception {
        return reach.told(status()).get(20, TimeUnit.SECONDS);
    }

    @Test
    void votersThatAcceptAConnectionAreReached() throws Exception {
        try (ServerSocket there = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            member("127.0.0.1", 1, true);
            member("127.0.0.1", there.getLocalPort(), true);
            member("127.0.0.1", there.getLocalPort(), true);
            member("127.0.0.1", 1, true);
            member("no.such.host.invalid", 1, true);
            member("127.0.0.1", there.getLocalPort(), false);
            assertEquals("this node reaches 3 of 5 voting members, itself included, and it takes 3", told());
        }
    }

    @Test
    void whoTakesAConnectionAndSaysNothingIsNotReached() throws Exception {
        try (ServerSocket there = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Optional<String> silent = Optional.of("http://127.0.0.1:" + there.getLocalPort());
            member("127.0.0.1", 1, true);
            member("127.0.0.1", there.getLocalPort(), silent, true);
            member("127.0.0.1", there.getLocalPort(), true);
            assertEquals("this node reaches 2 of 3 voting members, itself included, and it takes 2", told());
            assertEquals("", reach.shortfall(status()).get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void aLeaderReachesWhoHasAnsweredIt() throws Exception {
        role = Role.LEADER;
        inTouch = Optional.of(Set.of("node4", "gone"));
        for (int i = 0; i < 5; i++) {
            member("127.0.0.1", 1, true);
        }
        String words = "this node reaches 2 of 5 voting members, itself included, and it takes 3";
        assertEquals(words, told());
        assertEquals(words, reach.shortfall(status()).get(20, TimeUnit.SECONDS));

        inTouch = Optional.empty();
        assertEquals("", told());
    }

    @Test
    void aNodeWithoutMembersHasNothingToSay() throws Exception {
        assertEquals("", told());
    }
}
