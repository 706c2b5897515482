package dev.raftkv.raft.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private final RaftPort.Places places = new RaftPort.Places();

    private static InetAddress address(int last) throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
    }

    private List<Channel> come(int count, int address) throws UnknownHostException {
        List<Channel> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(new EmbeddedChannel());
            assertEquals(Optional.empty(), places.come(all.get(i), address(address)));
        }
        return all;
    }

    @Test
    void theOldestOfThoseWhoSayNothingGoes() throws UnknownHostException {
        List<Channel> first = come(RaftPort.MOST_OF_ONE_ADDRESS, 1);
        List<Channel> second = come(RaftPort.MOST_CONNECTIONS - RaftPort.MOST_OF_ONE_ADDRESS, 2);
        Channel member = new EmbeddedChannel();
        assertEquals(Optional.of(first.get(0)), places.come(member, address(3)));
        assertTrue(places.greet(member));
        assertFalse(places.greet(first.get(0)), "it has been put out");
        assertEquals(Optional.empty(), places.come(new EmbeddedChannel(), address(1)));
        assertEquals(Optional.of(second.get(0)), places.come(new EmbeddedChannel(), address(2)));
    }

    @Test
    void thoseWhoHaveGreetedAreBoundedAndStay() throws UnknownHostException {
        List<Channel> members = come(RaftPort.MOST_OF_ONE_ADDRESS, 1);
        members.forEach(each -> assertTrue(places.greet(each)));
        List<Channel> more = come(RaftPort.MOST_OF_ONE_ADDRESS, 1);
        assertFalse(places.greet(more.get(0)));
        places.leave(members.get(0));
        assertTrue(places.greet(more.get(1)));
    }
}
