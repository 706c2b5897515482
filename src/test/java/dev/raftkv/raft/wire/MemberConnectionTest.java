package dev.raftkv.raft.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Address;
import dev.raftkv.raft.look.UnwatchedVotes;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.testkit.TestConfigs;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.RaftProtos.RaftRpcReplyProto;
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

    /** So the member writes one part while the next is read from the disk here, and is on its way. */
    @Test
    void aPartOfASnapshotIsSentBeforeTheOneBeforeItIsAnswered() throws Exception {
        CompletableFuture<Socket> taken = accept(Greeting.bytes());
        CompletableFuture<InstallSnapshotReplyProto> first = send("s", 0, false);
        try (Socket socket = taken.join()) {
            DataInputStream in = requests(socket);
            answer(socket, next(in), InstallSnapshotResult.SUCCESS, 0);
            assertEquals(0, first.get().getRequestIndex());
            assertEquals(0, send("s", 1, false).get().getRequestIndex());
            CompletableFuture<InstallSnapshotReplyProto> last = send("s", 2, true);
            int second = next(in);
            int third = next(in);
            answer(socket, second, InstallSnapshotResult.SUCCESS, 1);
            answer(socket, third, InstallSnapshotResult.SUCCESS, 2);
            assertEquals(2, last.get().getRequestIndex());
        }
    }

    @Test
    void whatHasBecomeOfAPartOfASnapshotIsToldWithTheNext() throws Exception {
        CompletableFuture<Socket> taken = accept(Greeting.bytes());
        CompletableFuture<InstallSnapshotReplyProto> first = send("s", 0, false);
        try (Socket socket = taken.join()) {
            DataInputStream in = requests(socket);
            answer(socket, next(in), InstallSnapshotResult.SUCCESS, 0);
            first.get();
            send("s", 1, false).get();
            refuse(socket, next(in), "the disk is full");
            ExecutionException failure = assertThrows(
                    ExecutionException.class, () -> send("s", 2, true).get());
            assertTrue(failure.getMessage().contains("the disk is full"), failure::getMessage);
            next(in);

            // What was sent of the former one has no part in it.
            CompletableFuture<InstallSnapshotReplyProto> again = send("t", 0, false);
            answer(socket, next(in), InstallSnapshotResult.SUCCESS, 0);
            again.get();
            send("t", 1, false).get();
            answer(socket, next(in), InstallSnapshotResult.NOT_LEADER, 1);
            assertEquals(
                    InstallSnapshotResult.NOT_LEADER, send("t", 2, true).get().getResult());
        }
    }

    private CompletableFuture<InstallSnapshotReplyProto> send(String snapshot, int index, boolean last) {
        InstallSnapshotRequestProto part = InstallSnapshotRequestProto.newBuilder()
                .setSnapshotChunk(SnapshotChunkProto.newBuilder()
                        .setRequestId(snapshot)
                        .setRequestIndex(index)
                        .setDone(last))
                .build();
        return CompletableFuture.supplyAsync(() -> {
            try {
                return connection.send(part, MILLIS);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static DataInputStream requests(Socket socket) throws IOException {
        socket.setSoTimeout(MILLIS);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        in.readFully(new byte[Greeting.bytes().length]);
        return in;
    }

    /** The number of the call. */
    private static int next(DataInputStream in) throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return ByteBuffer.wrap(frame).getInt();
    }

    private static void answer(Socket socket, int call, InstallSnapshotResult result, int index) throws IOException {
        InstallSnapshotReplyProto reply = InstallSnapshotReplyProto.newBuilder()
                .setServerReply(RaftRpcReplyProto.newBuilder().setSuccess(result == InstallSnapshotResult.SUCCESS))
                .setResult(result)
                .setRequestIndex(index)
                .build();
        write(socket, call, 0x80, reply.toByteArray());
    }

    private static void refuse(Socket socket, int call, String why) throws IOException {
        write(socket, call, 0xC0, ("\0" + why).getBytes(StandardCharsets.UTF_8));
    }

    private static void write(Socket socket, int call, int answer, byte[] body) throws IOException {
        socket.getOutputStream()
                .write(ByteBuffer.allocate(9 + body.length)
                        .putInt(5 + body.length)
                        .putInt(call)
                        .put((byte) (Kind.SNAPSHOT.number() | answer))
                        .put(body)
                        .array());
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
