package dev.raftkv.raft.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Address;
import dev.raftkv.raft.look.UnwatchedVotes;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.testkit.TestConfigs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MemberConnectionTest {
    private static final int MILLIS = 20_000;

    @TempDir
    Path directory;

    private Wire wire;
    private ServerSocket member;
    private MemberConnection connection;

    @BeforeEach
    void open() throws IOException {
        var config = TestConfigs.node(directory, "node1", 1);
        OwnServer own = new OwnServer(new PeerName(config.nodeId(), config.raftAddress()));
        wire = new Wire(
                config,
                own,
                UnwatchedVotes.of(own),
                Optional.empty(),
                false,
                new Wire.Threads(
                        MemberConnectionTest::thread,
                        MemberConnectionTest::thread,
                        MemberConnectionTest::thread,
                        MemberConnectionTest::thread,
                        1));
        wire.open();
        member = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        member.setSoTimeout(MILLIS);
        connection = new MemberConnection(new PeerName("node2", new Address("127.0.0.1", member.getLocalPort())), wire);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    }

    @AfterEach
    void close() throws IOException {
        connection.close();
        wire.close();
        member.close();
    }

    /** A member behind a link that loses all: what TCP sends again comes late, for as long again as the link was cut. */
    @Test
    void aConnectionWhoseOtherEndIsSilentIsGivenUp() throws Exception {
        for (int i = 0; i < 2; i++) {
            CompletableFuture<Socket> taken = accept(Greeting.bytes());
            assertThrows(TimeoutIOException.class, () -> ask(100));
            try (Socket socket = taken.join()) {
                socket.setSoTimeout(MILLIS);
                byte[] all = socket.getInputStream().readAllBytes();
                assertTrue(all.length > Greeting.bytes().length, "the question has come");
            }
        }
    }

    /** Of the versions before this one no node greets, and none closes a connection. */
    @Test
    void aNodeThatDoesNotGreetIsSaidToBeOfAnOlderVersion() {
        CompletableFuture<Socket> taken = accept(new byte[0]);
        IOException failure = assertThrows(IOException.class, () -> ask(MILLIS));
        assertTrue(failure.getMessage().contains("older version"), failure.getMessage());
        assertTrue(failure.getMessage().contains("node2"), failure.getMessage());
        taken.join();
    }

    @Test
    void aNodeOfANewerVersionIsNamedAtOnce() {
        byte[] greeting = Greeting.bytes();
        greeting[greeting.length - 1] = 9;
        accept(greeting);
        IOException failure = assertThrows(IOException.class, () -> ask(MILLIS));
        assertTrue(failure.getMessage().contains("version 9"), failure.getMessage());
    }

    @Test
    void aNodeThatWantsTlsIsSaidToWantIt() {
        accept(new byte[] {21, 3, 3, 0, 2, 2, 40});
        IOException failure = assertThrows(IOException.class, () -> ask(MILLIS));
        assertTrue(failure.getMessage().contains("RAFT_TLS"), failure.getMessage());
    }

    /** An answer of 2 GB would be more than this process has. */
    @Test
    void anAnswerThatNoNodeGivesBreaksTheConnection() {
        byte[] greeting = Greeting.bytes();
        byte[] all = Arrays.copyOf(greeting, greeting.length + 4);
        all[greeting.length] = 0x7F;
        accept(all);
        IOException failure = assertThrows(IOException.class, () -> ask(MILLIS));
        assertTrue(failure.getMessage().contains("bytes is announced"), failure.getMessage());
        assertEquals(0, wire.traffic().messages(Traffic.Direction.RECEIVED, Kind.VOTE));
    }

    private void ask(long millis) throws IOException {
        connection.call(Kind.VOTE, RequestVoteRequestProto.getDefaultInstance(), millis);
    }

    /** The member takes one connection, says that, and no more. */
    private CompletableFuture<Socket> accept(byte[] saying) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                Socket socket = member.accept();
                socket.getOutputStream().write(saying);
                return socket;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
