package dev.raftkv.raft.ratis;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.ConfiguredRoles;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.raftlog.RaftLogBase;
import org.apache.ratis.util.AutoCloseableLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an appender does when its calls end as no call should. */
@Timeout(120)
class TroubledAppenderIT {
    private static final Duration PATIENCE = DirectServers.PATIENCE;

    @TempDir
    Path directory;

    private DirectServers servers;

    @BeforeEach
    void open() throws Exception {
        servers = new DirectServers(directory, 3);
    }

    @AfterEach
    void close() throws Exception {
        servers.close();
    }

    private RaftServer.Division division() {
        return servers.leader().division().orElseThrow();
    }

    private static boolean isTo(OwnServer node, AppendEntriesRequestProto request) {
        return node.name()
                .id()
                .equals(RaftPeerId.valueOf(request.getServerRequest().getReplyId()));
    }

    /** Writes until an entry is sent to both followers by the thread that has appended it. */
    private void writeUntilSentAtOnce() {
        Thread writer = Thread.currentThread();
        AtomicInteger calls = new AtomicInteger();
        servers.pass((atOnce, request, rest) -> {
            calls.addAndGet(atOnce && Thread.currentThread() == writer ? 1 : 0);
            return rest.go();
        });
        eventually(PATIENCE, () -> {
            awaitAll();
            calls.set(0);
            servers.write();
            assertEquals(2, calls.get(), "sent by the writer");
        });
        awaitAll();
    }

    private void awaitAll() {
        RaftServer.Division leader = division();
        eventually(
                PATIENCE,
                () -> assertTrue(
                        ConfiguredRoles.followers(leader).stream()
                                .allMatch(follower -> follower.getNextIndex()
                                        == leader.getRaftLog().getNextIndex()),
                        "both followers have all"));
    }

    /** Ratis would begin with another appender, which sends the log again. */
    @Test
    void whateverACallThatNobodyWaitsForEndsWithItIsMadeAgain() throws Exception {
        writeUntilSentAtOnce();
        List<FollowerInfo> before = ConfiguredRoles.followers(division());
        List<DirectServers.Passage> troubles = List.of(
                (atOnce, request, rest) -> {
                    throw new AssertionError("for this test");
                },
                (atOnce, request, rest) -> {
                    throw new IllegalStateException("for this test");
                },
                (atOnce, request, rest) -> CompletableFuture.failedFuture(new OutOfMemoryError("for this test")),
                (atOnce, request, rest) -> CompletableFuture.supplyAsync(() -> {
                    throw new AssertionError("for this test");
                }),
                // An answer that nobody can use.
                (atOnce, request, rest) -> CompletableFuture.completedFuture(null),
                (atOnce, request, rest) -> null);
        for (DirectServers.Passage trouble : troubles) {
            AtomicInteger troubled = new AtomicInteger();
            servers.pass((atOnce, request, rest) -> {
                if (!atOnce) {
                    return rest.go();
                }
                troubled.incrementAndGet();
                return trouble.pass(true, request, rest);
            });
            // The turn of a call before may be given back a moment after its entries are there.
            eventually(PATIENCE, () -> {
                servers.write();
                awaitAll();
                assertTrue(troubled.get() >= 2, "calls to both fail");
            });
            writeUntilSentAtOnce();
        }
        assertEquals(before, ConfiguredRoles.followers(division()));
    }

    /** It tells appenders of the second half of a configuration, under the division's lock. */
    @Test
    void anErrorDoesNotEndTheLeadersOwnThread() throws Exception {
        writeUntilSentAtOnce();
        AtomicBoolean there = new AtomicBoolean();
        servers.pass((atOnce, request, rest) -> {
            if (atOnce && Thread.currentThread().getName().endsWith("LeaderStateImpl")) {
                there.set(true);
                throw new AssertionError("for this test");
            }
            return rest.go();
        });
        AtomicInteger priority = new AtomicInteger();
        eventually(PATIENCE, () -> {
            assertTrue(changePriority(priority.incrementAndGet()).isSuccess());
            assertTrue(there.get(), "sent by the leader's own thread");
        });
        servers.write();
        awaitAll();
    }

    /** A change of the configuration that nobody has to be made for. */
    private RaftClientReply changePriority(int priority) throws Exception {
        RaftPeer leader = RaftPeer.newBuilder(servers.leader().name().peer())
                .setPriority(priority)
                .build();
        return servers.leader()
                .reconfigure(SetConfigurationRequest.Arguments.newBuilder()
                        .setServersInNewConf(List.of(
                                leader,
                                servers.node(2).name().peer(),
                                servers.node(3).name().peer()))
                        .build())
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Whoever reads answers reads those of all; and the leader waits for this one to hand over. */
    @Test
    void whoeverHearsAnAnswerDoesNotWaitForTheLog() throws Exception {
        writeUntilSentAtOnce();
        OwnServer successor = servers.node(2);
        CompletableFuture<AppendEntriesReplyProto> held = new CompletableFuture<>();
        CompletableFuture<AppendEntriesReplyProto> answer = new CompletableFuture<>();
        servers.pass((atOnce, request, rest) -> {
            if (atOnce && isTo(successor, request) && !answer.isDone()) {
                rest.go().thenAccept(answer::complete);
                return held;
            }
            return rest.go();
        });
        AppendEntriesReplyProto reply = eventually(PATIENCE, () -> {
            servers.write();
            return answer.get(1, TimeUnit.SECONDS);
        });
        RaftServer.Division leader = division();
        CompletableFuture<Boolean> handover = CompletableFuture.supplyAsync(() -> {
            try {
                return servers.leader()
                        .transferLeadership(successor.name().id(), PATIENCE)
                        .isSuccess();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        eventually(PATIENCE, () -> assertTrue(ConfiguredRoles.isHandingOver(leader)));
        AutoCloseableLock lock = ((RaftLogBase) leader.getRaftLog()).writeLock();
        try {
            CompletableFuture.runAsync(() -> held.complete(reply)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } finally {
            lock.close();
        }
        assertTrue(handover.get(PATIENCE.toSeconds(), TimeUnit.SECONDS), "handed over");
    }

    @Test
    void aHeartbeatThatIsWishedForDuringAnotherIsMadeAfterIt() throws Exception {
        writeUntilSentAtOnce();
        RaftServer.Division leader = division();
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletableFuture<Void> go = new CompletableFuture<>();
        AtomicInteger heartbeats = new AtomicInteger();
        servers.pass((atOnce, request, rest) -> {
            if (isTo(servers.node(2), request) && request.getEntriesCount() == 0) {
                heartbeats.incrementAndGet();
                begun.complete(null);
                go.join();
            }
            return rest.go();
        });
        RaftPeerId follower = servers.node(2).name().id();
        eventually(PATIENCE, () -> {
            ConfiguredRoles.tellCommit(leader, follower::equals);
            begun.get(1, TimeUnit.SECONDS);
        });
        try {
            assertTrue(ConfiguredRoles.tellCommit(leader, follower::equals), "it has not heard yet");
            assertEquals(1, heartbeats.get());
        } finally {
            go.complete(null);
        }
        eventually(PATIENCE, () -> assertEquals(2, heartbeats.get()));
    }
}
