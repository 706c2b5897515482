package dev.raftkv.raft.read;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.wire.FakeMember.Manner;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FollowerReadsTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir
    Path directory;

    private AskingNode node;
    private volatile RaftServer.Division held;
    private volatile Supplier<RaftServer.Division> divisions = () -> held;
    private CompletableFuture<Void> leaderChange = new CompletableFuture<>();

    @BeforeEach
    void open() throws IOException {
        node = new AskingNode(directory);
        node.understanding.told(node.name, 3);
        node.connect();
        held = division(node.name.id());
        RaftGroupId group = held.getMemberId().getGroupId();
        node.own.use(
                (RaftServer) Proxy.newProxyInstance(
                        FollowerReadsTest.class.getClassLoader(),
                        new Class<?>[] {RaftServer.class},
                        (proxy, method, arguments) -> method.getName().equals("getDivision") ? divisions.get() : null),
                null);
        node.own.holds(group);
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    /** A part in a group that this node follows in. */
    private RaftServer.Division division(RaftPeerId leader) {
        Map<String, Object> info = Map.of("getCurrentRole", RaftPeerRole.FOLLOWER, "getLeaderId", leader);
        Map<String, Object> division = Map.of(
                "getInfo",
                proxy(DivisionInfo.class, info),
                "getMemberId",
                RaftGroupMemberId.valueOf(node.own.name().id(), RaftGroupId.randomId()));
        return (RaftServer.Division) proxy(RaftServer.Division.class, division);
    }

    private static Object proxy(Class<?> type, Map<String, Object> answers) {
        return Proxy.newProxyInstance(
                FollowerReadsTest.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> method.getName().equals("equals")
                        ? (Object) (proxy == arguments[0])
                        : answers.get(method.getName()));
    }

    private FollowerReads reads(Duration election) {
        return new FollowerReads(node.own, node.wire, node.understanding, () -> leaderChange, Runnable::run, election);
    }

    private static void assertAskElsewhere(CompletableFuture<Long> read) {
        Throwable failure = assertThrows(ExecutionException.class, () -> read.get(SOON.toSeconds(), TimeUnit.SECONDS))
                .getCause();
        assertEquals(
                Code.NOT_LEADER, assertInstanceOf(KvException.class, failure).code());
    }

    @Test
    void theLeaderTellsTheIndexAndReadsThatWaitShareTheNextQuestion() throws Exception {
        FollowerReads reads = reads(LONG);
        // It answers with the number of the message.
        assertEquals(6, reads.index().get(SOON.toSeconds(), TimeUnit.SECONDS));
        node.member.behave(Manner.IS_SILENT);
        reads.index();
        CompletableFuture<Long> next = reads.index();
        for (int i = 0; i < 10; i++) {
            reads.index();
        }
        eventually(SOON, () -> assertEquals(2, node.member.asked()));
        node.member.behave(Manner.ANSWERS);
        CompletableFuture<Void> change = leaderChange;
        leaderChange = new CompletableFuture<>();
        change.complete(null);
        assertEquals(6, next.get(SOON.toSeconds(), TimeUnit.SECONDS));
        assertEquals(3, node.member.asked());
    }

    @Test
    void whoRefusesIsAskedInAnotherWay() {
        node.member.behave(Manner.REFUSES);
        assertAskElsewhere(reads(LONG).index());
    }

    @Test
    void withoutALeaderOrAsTheLeaderNobodyIsAsked() {
        held = division(RaftPeerId.valueOf("node9@127.0.0.1:9"));
        assertAskElsewhere(reads(LONG).index());
        held = division(node.own.name().id());
        assertAskElsewhere(reads(LONG).index());
        assertEquals(0, node.member.asked());
    }

    @Test
    void anotherLeaderEndsTheWait() {
        node.member.behave(Manner.IS_SILENT);
        CompletableFuture<Long> read = reads(LONG).index();
        assertFalse(read.isDone());
        leaderChange.complete(null);
        assertAskElsewhere(read);
    }

    @Test
    void aLeaderThatIsSilentIsWaitedForNoLonger() {
        node.member.behave(Manner.IS_SILENT);
        FollowerReads patient = reads(LONG);
        CompletableFuture<Long> waits = patient.index();
        patient.expire();
        assertFalse(waits.isDone());
        FollowerReads reads = reads(Duration.ofMillis(1));
        CompletableFuture<Long> read = reads.index();
        eventually(SOON, () -> {
            reads.expire();
            assertTrue(read.isDone());
        });
        assertAskElsewhere(read);
        assertFalse(node.isConnected());
    }

    /** An index of another log would mean nothing in this one. */
    @Test
    void anIndexThatComesAfterTheGroupHasChangedIsNone() {
        RaftServer.Division before = held;
        AtomicInteger looks = new AtomicInteger();
        divisions = () -> looks.getAndIncrement() == 0 ? before : held;
        held = division(node.name.id());
        assertAskElsewhere(reads(LONG).index());
        assertEquals(1, node.member.asked());
    }
}
