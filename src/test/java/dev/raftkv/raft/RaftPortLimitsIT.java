package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Address;
import dev.raftkv.raft.look.UnwatchedVotes;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.wire.ImpatientPort;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Stranger;
import dev.raftkv.raft.wire.Traffic;
import dev.raftkv.raft.wire.Wire;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.TestConfigs;
import dev.raftkv.tls.TestCertificates;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.thirdparty.io.netty.util.internal.PlatformDependent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who takes time, room or threads of the Raft port without being of use is put out, and nobody else has to wait for that. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RaftPortLimitsIT {
    private static final String OTHER = "node2@127.0.0.1:1";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long MOST_MEMORY = 16 << 20;
    /** And not answered: a node that has more of them from one connection ends it. */
    private static final int ASKED = 8;

    private static final int STRANGERS = 40;

    @TempDir
    Path directory;

    private RaftNodes nodes;
    private OwnServer own;
    private NodeConfig config;
    private Path ours;
    private Path others;

    @BeforeEach
    void start() throws Exception {
        nodes = RaftNodes.form(directory.resolve("nodes"), 1, Duration.ofMillis(500));
        nodes.awaitLeader();
        own = RaftPart.server(nodes.node(0));
        config = TestConfigs.node(
                directory, own.name().nodeId(), FreePorts.take(1).get(0));
        TestCertificates certificates = TestCertificates.in(directory.resolve("certificates"));
        ours = certificates.node(own.name().nodeId());
        others = certificates.node("node2");
    }

    @AfterEach
    void stop() {
        nodes.close();
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "wire");
        thread.setDaemon(true);
        return thread;
    }

    private void who(Stranger stranger) throws IOException {
        assertTrue(stranger.ask(Kind.WHO, head()).length > 0);
    }

    private RaftRpcRequestProto head() {
        return Stranger.head(OTHER, own.name().toString(), group());
    }

    private UUID group() {
        return nodes.division(0).getMemberId().getGroupId().getUuid();
    }

    @Test
    void whoSaysNothingOfRaftsIsLetGoAndAMemberMayBeSilent() throws Exception {
        try (ImpatientPort port = new ImpatientPort(config, own, Optional.empty(), false, 20_000, 3_000).open();
                Stranger member = Stranger.connect(port.address()).greet()) {
            // A vote of no term changes nothing, and is answered.
            member.ask(
                    Kind.VOTE,
                    RequestVoteRequestProto.newBuilder()
                            .setServerRequest(head())
                            .setCandidateLastEntry(TermIndexProto.getDefaultInstance())
                            .build());
            try (Stranger joiner = Stranger.connect(port.address()).greet()) {
                who(joiner);
                joiner.awaitClose();
            }
            try (Stranger silent = Stranger.connect(port.address()).greet()) {
                silent.awaitClose();
            }
            who(member);
            for (Traffic.Reason reason : Traffic.Reason.values()) {
                assertEquals(0, port.traffic().refused(reason), "it is no fault, and no line in the log: " + reason);
            }
        }
    }

    /** Whoever asks and does not read: only what the system has in its buffers, and one answer more. */
    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "true, true"})
    void answersThatNobodyReadsTakeNoRoomAndEndTheConnection(boolean encrypted, boolean natively) throws Exception {
        Optional<Tls> tls = encrypted ? Optional.of(Tls.open(ours)) : Optional.empty();
        Optional<Path> certificate = encrypted ? Optional.of(others) : Optional.empty();
        try (ImpatientPort port = new ImpatientPort(config, own, tls, natively, 1_000, 60_000).open();
                Stranger stranger =
                        Stranger.connect(port.address(), certificate).greet()) {
            long before = PlatformDependent.usedDirectMemory();
            long begun = System.nanoTime();
            long memory = askWithoutReading(stranger, port.traffic()) - before;
            assertTrue(memory < MOST_MEMORY, () -> memory + " bytes of answers wait");
            assertTrue(System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(2), "it was given time");
            try (Stranger other = Stranger.connect(port.address(), certificate).greet()) {
                who(other);
            }
        }
    }

    /** Until the connection ends, and never more than a node takes; returns the most memory that there was meanwhile. */
    private long askWithoutReading(Stranger stranger, Traffic traffic) {
        byte[] request = Stranger.head("node2@" + "h".repeat(500) + ":1", "node3@127.0.0.1:1", group())
                .toByteArray();
        long most = 0;
        long end = System.nanoTime() + LIMIT.toNanos();
        try {
            for (long asked = 1; System.nanoTime() - end < 0 && most < 2 * MOST_MEMORY; asked++) {
                stranger.send(Kind.ENTER, request);
                long moment = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
                while (asked - traffic.messages(Traffic.Direction.SENT, Kind.ENTER) > ASKED
                        && System.nanoTime() - moment < 0) {
                    Thread.onSpinWait();
                }
                most = Math.max(most, PlatformDependent.usedDirectMemory());
            }
            return fail("the connection goes on");
        } catch (IOException e) {
            return most;
        }
    }

    /** Threads that do nothing until they may. */
    private static final class Held implements ThreadFactory {
        private final List<Thread> made = new ArrayList<>();
        private volatile CountDownLatch gate = new CountDownLatch(0);

        @Override
        public synchronized Thread newThread(Runnable task) {
            CountDownLatch behind = gate;
            Thread thread = RaftPortLimitsIT.thread(() -> {
                try {
                    behind.await();
                } catch (InterruptedException e) {
                    return;
                }
                task.run();
            });
            made.add(thread);
            return thread;
        }

        synchronized long alive() {
            return made.stream().filter(Thread::isAlive).count();
        }
    }

    /** As slow as can be: they never end. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void handshakesHoldUpNobodyWhoIsConnectedAndHaveTwoThreads(boolean natively) throws Exception {
        Held handshakes = new Held();
        ExecutorService clients = Executors.newCachedThreadPool();
        List<Stranger> open = new ArrayList<>();
        Wire wire = new Wire(
                config,
                own,
                UnwatchedVotes.of(own),
                Optional.of(Tls.open(ours)),
                natively,
                new Wire.Threads(
                        RaftPortLimitsIT::thread, RaftPortLimitsIT::thread, handshakes, RaftPortLimitsIT::thread, 2));
        wire.open();
        RaftServerRpc port = wire.members(own.raft());
        port.start();
        Address address = new Address("127.0.0.1", config.raftAddress().port());
        try (Stranger member = Stranger.connect(address, others).greet()) {
            who(member);
            eventually(LIMIT, () -> assertEquals(0, handshakes.alive(), "threads end when there is nothing to do"));
            handshakes.gate = new CountDownLatch(1);
            List<CompletableFuture<Stranger>> strangers = new ArrayList<>();
            for (int i = 0; i < STRANGERS; i++) {
                strangers.add(CompletableFuture.supplyAsync(() -> connect(address), clients));
            }
            eventually(LIMIT, () -> assertEquals(2, handshakes.alive()));
            for (int i = 0; i < 100; i++) {
                who(member);
            }
            // Those who are not let in within the patience for a greeting are put out.
            for (CompletableFuture<Stranger> stranger : strangers) {
                assertThrows(CompletionException.class, stranger::join);
            }
            who(member);
            assertEquals(2, handshakes.alive());
            handshakes.gate.countDown();
            open.add(connect(address));
            who(open.get(0).greet());
        } finally {
            handshakes.gate.countDown();
            for (Stranger stranger : open) {
                stranger.close();
            }
            clients.shutdown();
            port.close();
            wire.close();
        }
    }

    private Stranger connect(Address address) {
        try {
            return Stranger.connect(address, others);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
