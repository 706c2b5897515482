package dev.raftkv.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.model.Address;
import dev.raftkv.model.Member;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReachTest {
    private final Reach reach = new Reach("node1");
    private final List<Member> members = new ArrayList<>();

    @AfterEach
    void close() {
        reach.close();
    }

    private void member(String host, int port, boolean voter) {
        String id = "node" + (members.size() + 1);
        members.add(new Member(id, new Address(host, port), Optional.empty(), voter));
    }

    private String told() throws Exception {
        return reach.told("node1", members).get(20, TimeUnit.SECONDS);
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
    void aNodeWithoutMembersHasNothingToSay() throws Exception {
        assertEquals("", told());
    }
}
