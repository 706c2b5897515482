package dev.raftkv.raft;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.raft.members.Handover;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StopIT {
    /** Ratis' timer and the JDK's pool are the process's, not a node's; see {@link dev.raftkv.raft.ratis.RatisThreads}. */
    private static final List<String> OF_THE_PROCESS = List.of("timer", "Timer", "ForkJoinPool.commonPool");

    /** Where a member of Ratis begins that is asked to stand for the next leader. */
    private static final String ASKED_TO_STAND = "RaftServerImpl.startLeaderElection";

    @Test
    @Timeout(180)
    void stoppedNodesHaveNoThreadLeft(@TempDir Path directory) throws Exception {
        Set<Thread> before = Set.copyOf(Thread.getAllStackTraces().keySet());
        try (RaftCluster cluster = new RaftCluster(directory, "node1", "node2", "node3")) {
            RaftCluster.put(cluster.awaitLeader("node1"), "key", 0);
            cluster.handOver("node1", "node2");
            cluster.awaitEqual();
        }
        eventually(RaftCluster.PATIENCE, () -> assertEquals(List.of(), left(before)));
    }

    /** Whomever Ratis would choose by itself: it refuses a second successor beside the first. */
    @ParameterizedTest
    @ValueSource(strings = {"node2", "node3"})
    @Timeout(120)
    void whoeverWritesWhileALeaderStopsInTheMiddleOfAHandoverIsSentToTheNextOne(
            String successor, @TempDir Path directory) throws Exception {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        CompletableFuture<Void> mayStand = new CompletableFuture<>();
        try (RaftCluster cluster = new RaftCluster(directory, "node1", "node2", "node3")) {
            RaftNode leader = cluster.awaitLeader("node1");
            RaftPeerId standing =
                    RaftPart.server(cluster.node(successor)).name().id();
            CodeInjectionForTesting.put(ASKED_TO_STAND, (node, from, arguments) -> {
                if (standing.equals(node)) {
                    asked.complete(null);
                    mayStand.join();
                }
                return true;
            });
            CompletableFuture<String> transfer = eventually(RaftCluster.PATIENCE, () -> {
                CompletableFuture<String> begun = leader.membership().transfer(Optional.of(successor));
                CompletableFuture.anyOf(begun, asked).get(RaftCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                return begun;
            });
            Thread stop = new Thread(leader::retire);
            stop.start();
            eventually(RaftCluster.PATIENCE, () -> assertTrue(isHandingOver(stop) || !stop.isAlive()));

            CompletableFuture<Outcome> write = RaftCluster.begin(leader, "key", 0);
            mayStand.complete(null);

            ExecutionException refused = assertThrows(
                    ExecutionException.class, () -> write.get(RaftCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            assertEquals(Code.NOT_LEADER, ((KvException) refused.getCause()).code(), refused::getMessage);
            assertEquals(successor, transfer.get(RaftCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            RaftCluster.put(cluster.awaitLeader(successor), "after", 0);
        } finally {
            mayStand.complete(null);
            CodeInjectionForTesting.remove(ASKED_TO_STAND);
        }
    }

    private static boolean isHandingOver(Thread thread) {
        return Stream.of(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(Handover.class.getName()));
    }

    private static List<String> left(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> OF_THE_PROCESS.stream().noneMatch(name::startsWith))
                .sorted()
                .toList();
    }
}
