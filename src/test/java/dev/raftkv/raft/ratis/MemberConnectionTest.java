package dev.raftkv.raft.ratis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.apache.ratis.thirdparty.io.netty.channel.nio.NioEventLoopGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MemberConnectionTest {
    private static final int MILLIS = 20_000;
    private static final RaftNettyServerRequestProto QUESTION = RaftNettyServerRequestProto.newBuilder()
            .setRequestVoteRequest(RequestVoteRequestProto.getDefaultInstance())
            .build();

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);

    @AfterEach
    void close() {
        loops.shutdownGracefully();
    }

    /** A member behind a link that loses all: what TCP sends again comes late, for as long again as the link was cut. */
    @Test
    void aConnectionWhoseOtherEndIsSilentIsGivenUp() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            silent.setSoTimeout(MILLIS);
            RaftPeer peer = RaftPeer.newBuilder()
                    .setId("node2")
                    .setAddress("127.0.0.1:" + silent.getLocalPort())
                    .build();
            try (MemberConnection connection = new MemberConnection(peer, new RaftProperties(), loops)) {
                for (int i = 0; i < 2; i++) {
                    assertThrows(TimeoutIOException.class, () -> connection.call(QUESTION, 100));
                    try (Socket taken = silent.accept()) {
                        taken.setSoTimeout(MILLIS);
                        taken.getInputStream().readAllBytes();
                        assertEquals(-1, taken.getInputStream().read());
                    }
                }
            }
        }
    }
}
