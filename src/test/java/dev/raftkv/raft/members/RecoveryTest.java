package dev.raftkv.raft.members;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Address;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.testkit.FreePorts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import org.junit.jupiter.api.Test;

/** Which failures of a call mean that a member is gone, and what is said of the others. */
class RecoveryTest {
    private static final PeerName OTHER = new PeerName("node2", new Address("192.0.2.2", 1111));

    private static IOException failureOf(String host, int port) {
        return new IOException("no connection", assertThrows(SocketException.class, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(host, port), 5000);
            }
        }));
    }

    @Test
    void whereNobodyListensIsAway() throws IOException {
        assertTrue(Recovery.isAway(failureOf("127.0.0.1", FreePorts.take(1).get(0))));
    }

    /** TCP has no way to a group of machines, whatever network there is. */
    @Test
    void whatThisMachineCannotReachMayLiveAndItsOwnNetworkIsBlamed() {
        IOException failure = failureOf("224.0.0.1", 1111);
        assertFalse(Recovery.isAway(failure));
        String told = Recovery.unknown(OTHER, failure).getMessage();
        assertTrue(told.contains("this machine has no way to 192.0.2.2:1111 (Network is unreachable"), told);
        assertTrue(told.contains("nobody can tell whether node2 lives"), told);
    }

    @Test
    void whoEndsTheConnectionIsThere() {
        IOException failure = new IOException("no connection", new SocketException("Connection reset"));
        assertFalse(Recovery.isAway(failure));
        String told = Recovery.unknown(OTHER, failure).getMessage();
        assertTrue(told.contains("somebody is at 192.0.2.2:1111"), told);
    }
}
