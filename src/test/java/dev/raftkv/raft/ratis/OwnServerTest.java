package dev.raftkv.raft.ratis;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Address;
import dev.raftkv.testkit.FreePorts;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ThreadGroup threads = new ThreadGroup("server");
    private OwnServer own;

    /** Starts the only member of a group, and waits until it leads. */
    private RaftServer lead(Path directory, UnaryOperator<RaftServer> seen) throws Exception {
        int port = FreePorts.take(1).get(0);
        own = new OwnServer(new PeerName("node1", new Address("127.0.0.1", port)));
        RaftGroup group = own.groupOfOne(UUID.randomUUID());
        RaftProperties settings = new RaftProperties();
        RaftConfigKeys.Rpc.setType(settings, SupportedRpcType.NETTY);
        NettyConfigKeys.Server.setPort(settings, port);
        RaftServerConfigKeys.setStorageDir(settings, List.of(directory.toFile()));
        RaftServer server = RaftServer.newBuilder()
                .setServerId(own.name().id())
                .setGroup(group)
                .setProperties(settings)
                .setStateMachine(new BaseStateMachine())
                .setThreadGroup(threads)
                .build();
        own.use(seen.apply(server), threads);
        server.start();
        own.holds(group.getGroupId());
        eventually(PATIENCE, () -> assertTrue(own.isLedReadily()));
        return server;
    }

    /** Whoever finds its port closed may be elected at once, and it must not read by its lease any more. */
    @Test
    void aLeaderThatIsClosedDoesNotLeadReadilyFromBeforeItsPortIsClosed(@TempDir Path directory) throws Exception {
        List<Boolean> ready = new ArrayList<>();
        lead(directory, server -> (RaftServer) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {RaftServer.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        ready.add(own.division().orElseThrow().getInfo().isLeaderReady());
                        ready.add(own.isLedReadily());
                    }
                    return method.invoke(server, arguments);
                }));
        own.close();
        assertEquals(List.of(true, false), ready);
    }

    @Test
    void aLeaderThatStepsDownWhileItIsClosedLeavesNoThread(@TempDir Path directory) throws Exception {
        RaftServer server = lead(directory, UnaryOperator.identity());
        RaftServer.Division division = own.division().orElseThrow();

        server.close();
        // Ratis' own thread may be just as late.
        Method stepDown = division.getClass()
                .getDeclaredMethod("changeToFollowerAndPersistMetadata", long.class, boolean.class, Object.class);
        stepDown.setAccessible(true);
        stepDown.invoke(division, division.getInfo().getCurrentTerm(), true, "test");
        assertEquals(1, followers(threads));

        own.close();
        eventually(PATIENCE, () -> assertEquals(0, followers(threads)));
    }

    private static long followers(ThreadGroup threads) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().endsWith("-FollowerState"))
                .filter(thread -> threads.parentOf(thread.getThreadGroup()))
                .count();
    }
}
